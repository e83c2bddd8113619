"""CONTRIBUTING.md's recipes, followed to the letter in a folder outside the project.

All Python and all commands of the page, in its order: what is added is followed too.
"""

import json
import os
import pathlib
import re
import shlex
import shutil

import pytest

import charbert_tf
from tests.transformers_models import change_config, save_text_classifier

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)


def commands_of_the_page():
    """The arguments of each `python -m official.NAME`."""
    lines = "\n".join(blocks("sh")).replace("\\\n", "").splitlines()
    return [shlex.split(line)[2:] for line in lines if line.startswith("python -m ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, files, word_pieces, tokenizer, characters, make_encoder):
    """What the page names and does not make, and the modules that it has."""
    folder = tmp_path_factory.mktemp("outside")
    names = []
    for code in blocks("python"):
        name = code.partition("\n")[0].removeprefix("# ")
        assert re.fullmatch(r"my_package/\w+\.py", name), name
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code, encoding="utf-8")
        names.append(name)
    assert len(names) == len(set(names)) == 5
    shutil.copy(files / "train.tsv", folder / "reviews.tsv")
    (folder / "texts.txt").write_text("a good film\na boring film\n")
    backbone = charbert_tf.CharBertBackbone(make_encoder(), len(characters), 8)
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer, characters)
    charbert_tf.TextClassifier(backbone, 2, preprocessor).save_to_preset(
        folder / "my_preset"
    )
    save_text_classifier(folder / "my_bert_folder", word_pieces)
    change_config(folder / "my_bert_folder", model_type="my_bert")
    return folder


@pytest.fixture(scope="module")
def outcomes(folder, commands):
    """What each command gave."""
    given = [
        (name, commands.fork(name.removeprefix("official."), *arguments, cwd=folder))
        for name, *arguments in commands_of_the_page()
    ]
    for name, outcome in given:
        assert outcome.returncode == 0, (name, outcome.args, outcome.stderr)
    return given


def test_the_pages_python_is_in_form(folder):
    ruff = pathlib.Path(shutil.which("ruff") or "")
    if not ruff.is_file():
        pytest.skip("Ruff is not installed")
    for check in ("format --check", "check --select=E,F,I"):
        arguments = [ruff, *check.split(), f"--config={ROOT}/pyproject.toml", folder]
        assert os.spawnv(os.P_WAIT, ruff, [str(a) for a in arguments]) == 0


def test_the_attack(folder, outcomes):
    before = (folder / "reviews.tsv").read_text().split()
    after = (folder / "doubled.tsv").read_text().split()
    edits = (folder / "doubled.tsv.edits.jsonl").read_text().splitlines()
    assert len(edits) == sum(
        len(a) - len(b) for a, b in zip(after, before, strict=True)
    )
    assert {json.loads(edit)["kind"] for edit in edits} == {"doubled"}


def test_the_data_set_and_the_metric(folder, outcomes):
    scores = json.loads((folder / "scores.json").read_text())["scores"]["my_run"]
    assert list(scores) == ["none", "my_package.my_attack:Doubled"]
    for of_attack in scores.values():
        assert list(of_attack)[:2] == ["share_of_good", "accuracy"]
    task = json.loads((folder / "my_run/preset/task.json").read_text())
    assert task["config"]["labels"] == ["bad", "good"]


def test_the_encoder(folder, outcomes, commands):
    config = json.loads((folder / "my_bert_run/preset/config.json").read_text())
    assert config["registered_name"] == "my_package>MyEncoder"
    # Whoever forgets to name its module is told which it is.
    arguments = [
        "--task=my_package.my_data:REVIEWS",
        "--input=reviews.tsv",
        "--models=my_bert_run/preset",
    ]
    outcome = commands.fork("evaluate", *arguments, cwd=folder)
    commands.assert_refused(
        outcome,
        "my_bert_run/preset/config.json: is of the class my_package>MyEncoder, which "
        "is not there: import its module, here with --import=my_package.my_encoder",
    )
    outcome = commands.fork(
        "evaluate", *arguments, "--import=my_package.my_encoder", cwd=folder
    )
    assert outcome.returncode == 0, outcome.stderr
    outcome = commands.fork("evaluate", *arguments, "--import=my_encoder", cwd=folder)
    commands.assert_refused(
        outcome, "--import=my_encoder: my_encoder cannot be imported (ModuleNotFound"
    )


def test_the_head_and_its_signature(outcomes):
    name, outcome = outcomes[-1]
    assert name == "official.predict"
    lines = [line.split("\t") for line in outcome.stdout.splitlines()]
    assert [text for _, text in lines] == ["a good film", "a boring film"]
    assert {label for label, _ in lines} <= {"good", "bad"}
