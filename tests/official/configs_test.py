"""Every recipe is one that its command takes."""

import json
import pathlib
import subprocess
import sys

import pytest

from charbert_tf.tasks.named_tasks import NAMED_TASKS

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
DEMONSTRATION = {
    "demonstration_bert": "pretrain",
    "demonstration_charbert": "pretrain",
    "demonstration_finetune": "finetune",
    "demonstration_vocabulary": "build_vocabulary",
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


def test_every_cell_of_the_papers_tables(recipes):
    tasks = sorted((CONFIGS / "finetune").glob("*.flags"))
    models = sorted((CONFIGS / "models").glob("*.flags"))
    assert {path.stem for path in models} == {
        *("bert", "roberta", "advbert", "charbert_bert", "charbert_roberta")
    }
    table_1 = {"squad1", "squad2", "cola", "mrpc", "qqp", "qnli", "conll2003", "ptb"}
    assert {path.stem for path in tasks} == table_1 <= NAMED_TASKS.keys()
    cells = [[task, model] for task in tasks for model in models]
    for (task, _), given in zip(cells, parse("finetune", cells), strict=True):
        assert given["task"] == task.stem
        assert given["init"].startswith("models/")
        is_downloaded = NAMED_TASKS[task.stem].tfds is not None
        assert (given.get("data") == "tfds") == is_downloaded
    attacked = sorted((CONFIGS / "evaluate").glob("*_attacked.flags"))
    assert {path.stem.removesuffix("_attacked") for path in attacked} == {
        *("squad2", "qnli", "conll2003")
    }
    for given in parse("evaluate", [[path] for path in attacked]):
        assert given["attacks"] == ["none", "mix"]


def test_the_documentation_lists_the_tasks_own_settings():
    text = (ROOT / "docs" / "finetuning.md").read_text(encoding="utf-8")
    for name, task in NAMED_TASKS.items():
        own = task.hyper_parameters
        cells = [
            f"{own.learning_rate:.0e}".replace("e-0", "e-"),
            *(own.batch_size, own.epochs, own.sequence_length),
        ]
        row = f"| `{name}` | " + " | ".join(map(str, cells)) + " | "
        assert f"\n{row}" in text, row
        if task.tfds is not None:
            assert task.tfds.name in text
