import json

import pytest


@pytest.fixture(scope="module")
def classification(finetuned, files):
    return [
        "--task=classification",
        f"--model={finetuned[0]}/classifier/preset",
        f"--input={files}/dev.tsv",
    ]


def test_the_worst_typos(commands, classification, finetuned, files, tmp_path):
    outcome = commands.fork(
        "adversary",
        *classification,
        "--examples=20",
        "--attack=drop+swap",
        "--edits=2",
        "--beam_width=3",
        f"--output={tmp_path}/worst.json",
    )
    commands.assert_succeeded(outcome)
    result = json.loads((tmp_path / "worst.json").read_text())
    accuracy = {name: of["accuracy"] for name, of in result["scores"].items()}
    assert accuracy["adversarial"] < accuracy["clean"]
    lines = [line.split() for line in outcome.stdout.splitlines()]
    assert [(line[0], line[2]) for line in lines] == [
        (name, f"{100 * score:.1f}") for name, score in accuracy.items()
    ]
    rows = (files / "dev.tsv").read_text().splitlines()[1:21]
    assert len(result["examples"]) == 20
    for row, example in zip(rows, result["examples"], strict=True):
        text, label = row.split("\t")
        assert (example["clean"]["text"], example["clean"]["label"]) == (text, label)
        words = text.split()
        for edit in example["edits"]:
            assert words[edit["index"]] == edit["word"]
            words[edit["index"]] = edit["edited"]
        assert example["adversarial"]["text"] == " ".join(words)
        assert example["loss"]["clean"] <= example["loss"]["adversarial"]
        assert set(example["prediction"].values()) <= {"good", "bad"}
    # The file of the worst versions, scored by itself, has the score that was told.
    (tmp_path / "worst.tsv").write_text(
        "sentence\tlabel\n"
        + "".join(
            f"{of['adversarial']['text']}\t{of['adversarial']['label']}\n"
            for of in result["examples"]
        )
    )
    outcome = commands.fork(
        "evaluate",
        "--task=classification",
        f"--models={finetuned[0]}/classifier/preset",
        f"--input={tmp_path}/worst.tsv",
        "--attacks=none",
        f"--output={tmp_path}/scores.json",
    )
    commands.assert_succeeded(outcome)
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]
    assert next(iter(scores.values()))["none"] == result["scores"]["adversarial"]


def test_tags(commands, finetuned, files, tmp_path):
    outcome = commands.fork(
        "adversary",
        "--task=tagging",
        f"--model={finetuned[0]}/tagger/preset",
        f"--input={files}/iob1.txt",
        "--examples=4",
        "--attack=drop",
        "--most_words=1",
        f"--output={tmp_path}/worst.json",
    )
    commands.assert_succeeded(outcome)
    result = json.loads((tmp_path / "worst.json").read_text())
    for example in result["examples"]:
        tags = example["clean"]["tags"]
        assert len(example["prediction"]["adversarial"]) == len(tags)
        assert example["adversarial"]["tags"] == tags
    assert result["scores"]["adversarial"]["f1"] <= result["scores"]["clean"]["f1"]


def test_what_is_refused(commands, classification, pretrained, files, tmp_path):
    (tmp_path / "folder").mkdir()
    arguments = [*classification, f"--output={tmp_path}/worst.json"]
    for flag, message in (
        ("--attack=typo", "no attack 'typo': choose one of drop, add, swap, "),
        ("--edits=0", "flag --edits=0: "),
        (f"--output={tmp_path}/folder", f"{tmp_path}/folder: is a folder: name a file"),
        (f"--output={files}/dev.tsv", f"{files}/dev.tsv: is there already: remove it"),
        (
            f"--model={pretrained[0]}/bert/preset",
            f"{pretrained[0]}/bert/preset: holds no TextClassifier: name the",
        ),
    ):
        commands.refuse("adversary", [*arguments, flag], message, tmp_path)
