"""Recipes do what the commands do, and go on with what commands began."""

import dataclasses
import json
import pathlib
import re
import shutil
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest

import charbert_tf
from charbert_tf.files.errors import UserError
from tests.documented_code import code_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTICES = r"Reading .+\n(Loading TensorFlow\n)?Running on a (CPU|GPU) .+\nLoading .+\n"

OWN_TASK = """
from charbert_tf.families import NamedTask, TaskOption

REVIEWS = NamedTask(
    "charbert_tf.families:ClassificationTask",
    {"label_column": "stars", "header": True},
    options=[
        TaskOption("text_column", str, "The text's column.", "review"),
        TaskOption("skips_short_rows", bool, "Whether short rows are left out.", False),
    ],
)
"""


@pytest.fixture(scope="module")
def classification(files):
    return {"task": "classification", "input": f"{files}/dev.tsv"}


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_what_a_command_finished_is_finished(
    finetuned, pretrained, files, tmp_path, capsys
):
    """The settings are the command's to the letter, or it would be refused."""
    shutil.copytree(pretrained[0] / "charbert", tmp_path / "pretrained")
    shutil.copytree(finetuned[0] / "classifier", tmp_path / "classifier")
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 16, "intermediate_dim": 32}
    pretraining = charbert_tf.pretrain(
        # One for a list of one, and a path for a text.
        input=f"{files}/text_*",
        vocabulary=files / "vocabulary",
        output=tmp_path / "pretrained",
        **sizes,
        **{"sequence_length": 32, "batch_size": 8, "learning_rate": 1e-2, "steps": 60},
    )
    assert pretraining.was_finished
    finetuning = charbert_tf.finetune(
        task="classification",
        init=f"{pretrained[0]}/charbert/preset",
        train=f"{files}/train.tsv",
        dev=f"{files}/dev.tsv",
        output=f"{tmp_path}/classifier",
        **{"learning_rate": 1e-2, "batch_size": 8, "sequence_length": 32, "epochs": 6},
    )
    assert finetuning.seeds[0].was_finished
    results = read(tmp_path / "classifier" / "results.json")
    assert finetuning.seeds[0].dev == results["dev"]
    assert finetuning.seeds[0].best_epoch == results["best_epoch"]
    assert f"\n{finetuning.preset} is finished already.\n" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"--epochs was 6 and is now 3"):
        charbert_tf.finetune(
            task="classification",
            init=f"{pretrained[0]}/charbert/preset",
            train=f"{files}/train.tsv",
            dev=f"{files}/dev.tsv",
            output=f"{tmp_path}/classifier",
            **{"learning_rate": 1e-2, "batch_size": 8, "sequence_length": 32},
        )


def test_a_commands_run_is_one_with_numbers_for_columns(finetuned, files, pretrained):
    result = charbert_tf.finetune(
        task="classification",
        init=f"{pretrained[0]}/bert/preset",
        train=f"{files}/pairs.tsv",
        output=finetuned[0] / "pairs",
        **{"header": False, "text_column": 1, "text_pair_column": 2, "label_column": 3},
        **{"noise_rate": "0.2-0.8", "noise_attacks": ("mix", "capitals")},
        **{"clean_share": 0.3, "epochs": np.int64(24), "learning_rate": 1e-2},
        **{"batch_size": 8, "sequence_length": 32},
    )
    assert result.seeds[0].was_finished


def keras_compiles():
    """Whether Keras takes `jit_compile=True`: not with deterministic operations."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.compile(jit_compile=True)
    return model.jit_compile


def test_a_fine_tuning_in_python(pretrained, files, tmp_path):
    told, compiles = [], set()

    def notice(text):
        told.append(text)
        if "Tracing" in text:
            compiles.add(keras_compiles())

    result = charbert_tf.finetune(
        task="classification",
        init=f"{pretrained[0]}/charbert/preset",
        train=f"{files}/train.tsv",
        dev=f"{files}/dev.tsv",
        output=f"{tmp_path}/run",
        notice=notice,
        **{"epochs": np.int64(2), "batch_size": 40, "precision": "mixed_bfloat16"},
        **{"learning_rate": 1e-2, "sequence_length": 32, "seeds": range(3, 5)},
    )
    assert re.match(NOTICES, "\n".join(told))
    assert told.count("Tracing the training step: the first one takes longer") == 2
    # Nothing of it stays with who called.
    assert keras.config.dtype_policy().name == "float32"
    assert (compiles, keras_compiles()) == ({False}, True)
    epochs = [read(tmp_path / "run" / f"seed-{s}" / "epochs.json") for s in (3, 4)]
    for seed, of_seed in zip(result.seeds.values(), epochs, strict=True):
        assert seed.dev == of_seed[seed.best_epoch - 1]
        assert [report["step"] for report in seed.history] == [2, 4]
        assert charbert_tf.TextClassifier.from_preset(seed.preset).labels
    first, second = (seed.dev["accuracy"] for seed in result.seeds.values())
    assert result.dev["accuracy"]["mean"] == pytest.approx((first + second) / 2)


@pytest.mark.slow
def test_scores_are_the_commands(commands, finetuned, classification, tmp_path, capsys):
    folder = finetuned[0] / "classifier"
    arguments = ["--attacks=none,mix", f"--models=A={folder}", "--seed=3"]
    arguments += [f"--{name}={value}" for name, value in classification.items()]
    outcome = commands.run("evaluate", *arguments, f"--output={tmp_path}/command.json")
    commands.assert_succeeded(outcome)
    assert re.match(NOTICES, outcome.stderr)
    assert outcome.stderr.splitlines()[1] == "Loading TensorFlow"
    assert outcome.stderr.endswith("\nTracing A: its first predictions take longer\n")

    told = []
    result = charbert_tf.evaluate(
        **classification,
        models={"A": folder},
        attacks=["none", "mix"],
        seed=3,
        output=tmp_path / "recipe.json",
        predictions=tmp_path / "predicted",
        notice=told.append,
    )
    assert capsys.readouterr().out == outcome.stdout
    assert result.scores == read(tmp_path / "command.json")["scores"]
    assert result.scores == read(tmp_path / "recipe.json")["scores"]
    names = {path.name for path in (tmp_path / "predicted" / "A").iterdir()}
    assert names == {"clean.tsv", "mix-seed-3.tsv"}

    # The same once more, with its interval.
    measured = charbert_tf.measure_robustness(
        **classification,
        models=[f"A={folder}"],
        rates=np.ones(1),
        seeds=[3],
        output=f"{tmp_path}/report",
        notice=told.append,
    )
    accuracies = {
        attack: scores["accuracy"] for attack, scores in result.scores["A"].items()
    }
    for attack, accuracy in accuracies.items():
        assert measured.score("A", attack).score.value == pytest.approx(accuracy)
    assert (tmp_path / "report" / "report.md").exists()


def test_worst_typos_are_the_commands(
    commands, finetuned, classification, tmp_path, capsys
):
    settings = classification | {"model": finetuned[0] / "classifier", "edits": 2}
    settings |= {"attack": "drop", "examples": 5, "most_words": 2}
    arguments = [f"--{name}={value}" for name, value in settings.items()]
    outcome = commands.fork(
        "adversary", *arguments, f"--output={tmp_path}/command.json"
    )
    commands.assert_succeeded(outcome)

    told = []
    result = charbert_tf.find_worst_typos(
        **settings, output=tmp_path / "recipe.json", notice=told.append
    )
    assert capsys.readouterr().out == outcome.stdout
    assert re.match(NOTICES, "\n".join(told))
    assert told[-1] == "Tracing the model: its first versions take longer"
    written = (tmp_path / "recipe.json").read_bytes()
    assert written == (tmp_path / "command.json").read_bytes()
    found = json.loads(written)
    names = ["minimum_length", "protected_words", "metric", "task", "data", "model"]
    names += ["input", "examples", "attack", "edits", "beam_width", "most_words"]
    names += ["text_column", "text_pair_column", "label_column", "header", "long_texts"]
    assert list(found["settings"]) == names
    assert result.scores == found["scores"]
    assert result.attack_success_rate == found["attack_success_rate"]
    assert result.model_queries == found["model_queries"]
    for example, of_file in zip(result.examples, found["examples"], strict=True):
        assert example.clean.text == of_file["clean"]["text"]
        assert example.adversarial.text == of_file["adversarial"]["text"]
        assert [of.edit.kind for of in example.edits] == ["drop"] * len(
            of_file["edits"]
        )
        assert (example.loss, example.prediction) == (
            of_file["loss"],
            of_file["prediction"],
        )

    before = set(tmp_path.iterdir())
    assert charbert_tf.find_worst_typos(**settings) == result
    assert set(tmp_path.iterdir()) == before
    with pytest.raises(UserError, match=r"recipe\.json: is there already: remove it"):
        charbert_tf.find_worst_typos(**settings, output=tmp_path / "recipe.json")


@pytest.mark.parametrize(
    ("analysis", "charts", "attack"),
    [
        ("segmentation", ["segmentation"], "drop"),
        ("word_vs_subword", ["word_vs_subword"], "none"),
        ("sensitivity", ["sensitivity", "words"], "mix"),
    ],
)
@pytest.mark.sampled(3)
def test_analyses_are_the_commands(
    commands, finetuned, files, tmp_path, capsys, analysis, charts, attack
):
    folder = finetuned[0] / "tagger"
    settings = {"analysis": analysis, "task": "tagging", "seed": 3, "rate": 0.5}
    settings |= {"input": files / "iob1.txt"}
    arguments = [f"--{name}={value}" for name, value in settings.items()]
    outcome = commands.fork(
        *("analyze", *arguments, f"--models=A={folder}"),
        f"--output={tmp_path}/command",
    )
    commands.assert_succeeded(outcome)

    settings["models"] = [f"A={folder}"]
    result = charbert_tf.analyze(**settings, output=tmp_path / "recipe")
    said = re.sub(f"{NOTICES}(Tracing .+\n)*", "", capsys.readouterr().out)
    assert outcome.stdout == (
        f"{said}{tmp_path}/command has the numbers and the charts.\n"
    )
    assert said == result.table == (tmp_path / "recipe" / "results.md").read_text()
    for path in (tmp_path / "recipe").iterdir():
        assert path.read_bytes() == (tmp_path / "command" / path.name).read_bytes()
    assert sorted(result.figures) == charts
    found = read(tmp_path / "recipe" / "results.json")
    names = ["minimum_length", "protected_words", "rate", "seed", "task", "data"]
    names += ["analysis", "input", "attack", "sentence", "models"]
    names += ["word_column", "tag_column", "joins_words", "metric"]
    assert list(found["settings"]) == names
    assert found["settings"]["attack"] == attack
    numbers = {
        group: dataclasses.asdict(of) for group, of in result.by_model["A"].items()
    }
    assert found["results"] == {"A": numbers}

    before = set(tmp_path.iterdir())
    again = charbert_tf.analyze(**settings | {"models": {"A": folder}})
    assert (again.by_model, again.table) == (result.by_model, result.table)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("recipe", "settings", "message"),
    [
        ("pretrain", {"hidden_dim": 10}, "--hidden_dim must be a multiple of 4 and of"),
        ("pretrain", {"vocabulary": None}, "--vocabulary must be given, or --init"),
        ("pretrain", {"init": "x", "num_layers": 12}, "--num_layers: --init has its"),
        ("finetune", {"patience": 2}, "--patience needs --dev"),
        ("finetune", {"seeds": [1, 1]}, "--seeds: must be different whole numbers"),
        ("finetune", {"word_column": 1}, "--word_column: for --task=tagging only, not"),
        ("finetune", {"task": "cla"}, "--task: no task 'cla': choose one of tagging"),
        ("evaluate", {"attacks": []}, "--attacks: must name an attack, or none"),
        ("evaluate", {"backoff": "neutral"}, "--backoff needs a recogniser"),
        ("measure_robustness", {"rates": [0]}, "--rates: must be numbers from 0 to 1"),
        ("find_worst_typos", {"attack": "typo"}, "no attack 'typo': choose one of "),
        ("analyze", {}, "--task: these analyses are of words: name a task of tagging"),
    ],
)
def test_settings_that_do_not_go_together(tmp_path, recipe, settings, message):
    given = {
        "pretrain": {"input": ["text.txt"], "vocabulary": "v"},
        "finetune": {"task": "cola", "train": "train.tsv", "init": "my_run/preset"},
        "evaluate": {"task": "cola", "models": ["a"], "input": "dev.tsv"},
        "measure_robustness": {"task": "cola", "models": ["a"], "input": "dev.tsv"},
        "find_worst_typos": {"task": "cola", "model": "a", "input": "dev.tsv"},
        "analyze": {"task": "cola", "models": ["a"], "input": "dev.tsv"}
        | {"analysis": "sensitivity"},
    }[recipe] | {"output": f"{tmp_path}/run"}
    with pytest.raises(UserError, match=re.escape(message)) as error:
        getattr(charbert_tf, recipe)(**given | settings)
    assert str(error.value).startswith(message)
    with pytest.raises(TypeError, match="batch"):
        getattr(charbert_tf, recipe)(**given, batch=3)
    assert not list(tmp_path.iterdir())


def attack_reviews(folder, *options):
    """Attacks a folder's dev.tsv, as its my_reviews.py says what that is."""
    command = [sys.executable, "-m", "official.attack", *options]
    command += ["--task=my_reviews:REVIEWS", f"--input={folder}/dev.tsv"]
    return subprocess.run(
        [*command, f"--output={folder}/attacked.tsv"],
        cwd=ROOT,
        env={"PYTHONPATH": f"{folder}:{ROOT}"},
        capture_output=True,
        text=True,
    )


def test_a_task_from_outside_declares_options(tmp_path):
    (tmp_path / "my_reviews.py").write_text(OWN_TASK)
    (tmp_path / "dev.tsv").write_text("text\tstars\nA lovely film\t5\nboring\n")
    for options, error in {
        (): f"{tmp_path}/dev.tsv:1: no column 'review': ",
        ("--task_option=colour=red",): "--task_option=colour=red: the task has no such "
        "option: give text_column=..., skips_short_rows=...\n",
        ("--task_option=skips_short_rows=maybe",): "--task_option=skips_short_rows=may",
    }.items():
        refused = attack_reviews(tmp_path, *options)
        assert refused.returncode == 1
        assert refused.stderr.startswith(f"error: {error}"), refused.stderr
        assert refused.stderr.count("\n") == 1
    options = ["--task_option=text_column=text", "--task_option=skips_short_rows=true"]
    outcome = attack_reviews(tmp_path, *options)
    assert outcome.returncode == 0
    left_out = f"{tmp_path}/dev.tsv: left out 1 row(s) that lack columns\n"
    assert outcome.stderr == left_out
    first, second, last = (tmp_path / "attacked.tsv").read_text().splitlines()
    assert (first, last) == ("text\tstars", "boring")
    assert re.fullmatch(r"A \w+ \w+\t5", second) and second != "A lovely film\t5"


def test_the_pages_task_takes_an_option_in_the_place_of_an_argument(tmp_path):
    code = code_of("finetuning.md", "A family, a data set or a metric of your own")
    (tmp_path / "my_reviews.py").write_text(code)
    (tmp_path / "dev.tsv").write_text("review\tbody\tstars\nfine film\tno more\t3\n")
    for options, attacked in {
        (): r"review\tbody\tstars\n(?!fine film)[^\t]+\tno more\t3\n",
        ("--task_option=text_column=body",): r".+\nfine film\t(?!no more)[^\t]+\t3\n",
    }.items():
        outcome = attack_reviews(tmp_path, *options)
        assert outcome.returncode == 0, outcome.stderr
        assert re.fullmatch(attacked, (tmp_path / "attacked.tsv").read_text())
        for path in tmp_path.glob("attacked.tsv*"):
            path.unlink()
