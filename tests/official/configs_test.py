"""Every recipe is one that its command takes."""

import json
import pathlib
import subprocess
import sys

import pytest

from charbert_tf.families import DATA_SETS

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "official" / "configs"
# What a user adds; a command's own values of a recipe come after it.
ADDED = {
    "build_vocabulary": ["input", "output"],
    "evaluate": ["models", "input"],
    "finetune": ["train", "init", "output"],
    "pretrain": ["input", "vocabulary", "init", "output"],
    "robustness": ["models", "output"],
    "train_word_recognizer": ["input", "output"],
}
# The paper's tasks, and what scores them; its models, and what they start from.
EVALUATIONS = {
    **{name: name for name in ("squad1", "cola", "mrpc", "qqp", "ptb")},
    **{name: f"{name}_attacked" for name in ("squad2", "qnli", "conll2003")},
}
MODELS = {
    "BERT": "bert",
    "RoBERTa": "roberta",
    "AdvBERT": "advbert",
    "BERT + WordRec": "bert",
    "CharBERT (BERT)": "charbert_bert",
    "CharBERT (RoBERTa)": "charbert_roberta",
}
DEMONSTRATION = {
    "demonstration_finetune": "finetune",
    "demonstration_pretrain": "pretrain",
}
# Prints the values that each recipe gives to flags, a line each.
PARSE = """
import importlib, json, sys
from absl import flags
importlib.import_module("official." + sys.argv[1])
common, recipes = json.loads(sys.argv[2])
for recipe in recipes:
    flags.FLAGS.unparse_flags()
    rest = flags.FLAGS(["command", *common, *(f"--flagfile={path}" for path in recipe)])
    assert len(rest) == 1, rest
    given = {f.name: f.value for f in map(flags.FLAGS.__getitem__, flags.FLAGS) if
             not f.using_default_value and f.name != "flagfile"}
    print(json.dumps(given))
"""


def command_of(path):
    """The command that a recipe is for: its folder, or how its name begins."""
    name = path.relative_to(CONFIGS).with_suffix("").as_posix()
    if name in DEMONSTRATION:
        return DEMONSTRATION[name]
    if name.startswith("models/"):
        return "finetune"
    return next(command for command in ADDED if name.startswith(command))


def parse(command, recipes):
    """The flags that each list of flag files gives, in a process of the command's."""
    common = [f"--{name}=x" for name in ADDED[command]]
    # A task must be known even where the recipe is of a model.
    if command in ("finetune", "evaluate", "robustness"):
        common.append("--task=tagging")
    recipes = [[str(path) for path in recipe] for recipe in recipes]
    outcome = subprocess.run(
        [sys.executable, "-c", PARSE, command, json.dumps([common, recipes])],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stderr
    return [json.loads(line) for line in outcome.stdout.splitlines()]


@pytest.fixture(scope="module")
def recipes():
    """The recipes of each command."""
    recipes = {}
    for path in sorted(CONFIGS.rglob("*.flags")):
        recipes.setdefault(command_of(path), []).append(path)
    return recipes


def test_their_commands_take_them(recipes):
    assert recipes.keys() <= ADDED.keys()
    for command, paths in recipes.items():
        parsed = parse(command, [[path] for path in paths])
        for path, given in zip(paths, parsed, strict=True):
            lines = path.read_text().splitlines()
            assert lines[0].startswith("# "), f"{path} does not say why"
            flags_given = [line for line in lines if line.startswith("--")]
            assert len(flags_given) <= len(given), f"{path} gives a flag twice"


def recipes_of_cells():
    """The tasks, and the recipes that train and that score, of tables 2 and 3."""
    for task, evaluation in EVALUATIONS.items():
        for model, recipe in MODELS.items():
            scoring = [evaluation]
            if model == "BERT + WordRec":
                scoring.append("word_recognizer")
            yield (
                model,
                task,
                [
                    CONFIGS / f"finetune/{task}.flags",
                    CONFIGS / f"models/{recipe}.flags",
                ],
                [CONFIGS / f"evaluate/{name}.flags" for name in scoring],
            )


def test_every_cell_of_the_papers_tables():
    assert {path.stem for path in (CONFIGS / "finetune").iterdir()} == {*EVALUATIONS}
    assert {path.stem for path in (CONFIGS / "models").iterdir()} == {*MODELS.values()}
    evaluations = {*EVALUATIONS.values(), "word_recognizer"}
    assert {path.stem for path in (CONFIGS / "evaluate").iterdir()} == evaluations
    models, tasks, training, scoring = zip(*recipes_of_cells(), strict=True)
    assert len(tasks) == 6 * 8
    trained, scored = parse("finetune", training), parse("evaluate", scoring)
    for model, task, run, evaluation in zip(
        models, tasks, trained, scored, strict=True
    ):
        assert run["task"] == evaluation["task"] == task
        assert run["init"].startswith("models/")
        source = None if DATA_SETS[task].tfds is None else "tfds"
        assert run.get("data") == evaluation.get("data") == source
        # What one would choose by is not what is told where a test set is public.
        if task not in ("conll2003", "ptb"):
            assert evaluation["input"] == run["dev"]
        elif source:
            assert evaluation["input"] == "test"
        is_in_table_3 = task in ("squad2", "qnli", "conll2003")
        attacks = ["none", "mix"] if is_in_table_3 else ["none"]
        assert evaluation["attacks"] == attacks
        has_recognizer = model == "BERT + WordRec"
        assert ("recognizer" in evaluation) == has_recognizer
        assert ("backoff" in evaluation) == has_recognizer


def test_the_documentation_lists_the_cells():
    text = (ROOT / "docs" / "finetuning.md").read_text(encoding="utf-8")
    for model, recipe in MODELS.items():
        assert f"\n| {model} | `{recipe}` | " in text
    for task, evaluation in EVALUATIONS.items():
        (row,) = [line for line in text.splitlines() if f" | `{task}` " in line]
        assert f" | `{evaluation}` " in row
    assert "official/configs/evaluate/word_recognizer.flags" in text


def test_the_documentation_lists_the_tasks_own_settings():
    text = (ROOT / "docs" / "finetuning.md").read_text(encoding="utf-8")
    for name, task in DATA_SETS.items():
        own = task.hyper_parameters
        cells = [
            f"{own.learning_rate:.0e}".replace("e-0", "e-"),
            *(own.batch_size, own.epochs, own.sequence_length),
        ]
        row = f"| `{name}` | " + " | ".join(map(str, cells)) + " | "
        assert f"\n{row}" in text, row
        if task.tfds is not None:
            assert task.tfds.name in text
