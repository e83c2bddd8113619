import json
import math

import pytest


@pytest.fixture(scope="module")
def tagging(files):
    return ["--task=tagging", f"--input={files}/iob1.txt"]


def run(commands, folder, *arguments):
    outcome = commands.fork("analyze", *arguments, f"--output={folder}")
    commands.assert_succeeded(outcome)
    table = (folder / "results.md").read_text()
    assert outcome.stdout.startswith(table)
    for picture in folder.glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.with_suffix(".svg").read_text().startswith("<?xml")
    return json.loads((folder / "results.json").read_text()), table


def test_segmentation(commands, tagging, pretrained, tmp_path):
    folder = tmp_path / "segmentation"
    results, table = run(
        commands,
        folder,
        "--analysis=segmentation",
        *tagging,
        "--tag_column=1",
        f"--models={pretrained[0]}/charbert/preset,{pretrained[0]}/bert/preset",
    )
    assert (folder / "segmentation.png").exists()
    assert results["settings"]["seed"] == 0
    assert results["settings"]["attack"] == "drop"
    # Both have the vocabulary of the same folder; all words are tagged NN.
    assert list(results["results"]) == ["charbert", "bert"]
    groups = results["results"]["charbert"]
    assert groups == results["results"]["bert"]
    assert groups["words"] == groups["nouns"]
    # Of a, was, from, rome, paris, new, york, maria, otto the cities and people split.
    assert groups["distinct nouns"]["words"] == 9
    assert groups["distinct nouns"]["split"] == pytest.approx(7 / 9)
    assert "| bert | distinct nouns | 9 | 77.8 | " in table


@pytest.mark.slow
def test_word_vs_subword(commands, tagging, finetuned, tmp_path):
    results, table = run(
        commands,
        tmp_path / "out",
        "--analysis=word_vs_subword",
        *tagging,
        f"--models={finetuned[0]}/tagger/preset",
        "--attack=swap",
        "--rate=0.5",
    )
    groups = results["results"]["tagger"]
    # No word of an entity is in the vocabulary.
    assert groups["split"]["share_of_spans"] == 1
    assert groups["whole"]["f1"] == 0 < groups["split"]["f1"] < 1
    assert groups.keys() == {"all", "whole", "split"}
    shares = [groups[name]["share_of_words"] for name in ("whole", "split")]
    assert sum(shares) == pytest.approx(1) and min(shares) > 0.1
    assert table.count("\n") == 5


def test_sensitivity(commands, tagging, pretrained, tmp_path):
    arguments = [
        "--analysis=sensitivity",
        *tagging,
        f"--models={pretrained[0]}/charbert/preset,{pretrained[0]}/bert/preset",
        "--rate=0.5",
        "--sentence=3",
    ]
    results, table = run(commands, tmp_path / "one", *arguments)
    assert table.splitlines()[0].endswith(" | words | beyond the longest sequence |")
    assert all(line.endswith(" | 0 |") for line in table.splitlines()[2:])
    assert {path.name for path in (tmp_path / "one").iterdir()} == {
        *("results.json", "results.md", "sensitivity.png", "sensitivity.svg"),
        *("words.png", "words.svg"),
    }
    assert list(results["results"]["charbert"]) == ["[T ; H]", "T", "H"]
    assert list(results["results"]["bert"]) == ["T"]
    for of in results["results"]["charbert"].values():
        assert of["left_out"] == 0
        assert 0 < of["of_other_words"] < of["of_noisy_words"] < 2
        assert math.isfinite(of["sensitivity"])
    run(commands, tmp_path / "two", *arguments)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_what_cannot_be_analysed(commands, tagging, files, pretrained, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    (tmp_path / "numbers.txt").write_text("1996 O\n12 O\n")
    preset = f"--models={pretrained[0]}/bert/preset"
    common = [*tagging, preset, f"--output={tmp_path}/new"]
    sensitivity = ["--analysis=sensitivity", *common]
    for arguments, message in (
        (
            ["--analysis=word_vs_subword", *common],
            f"{pretrained[0]}/bert/preset: holds",
        ),
        ([*sensitivity, "--attack=none"], "--attack=none: sensitivity is about noise"),
        ([*sensitivity, "--attack=split+join"], "attack "),
        (
            ["--analysis=segmentation", *common, "--attack=split"],
            "attack split: it splits or joins words",
        ),
        (
            ["--analysis=segmentation", *common, f"--input={tmp_path}/numbers.txt"],
            f"{tmp_path}/numbers.txt: has no words of letters: check --word_column",
        ),
        ([*sensitivity, "--attacked_text=both"], "Unknown command line flag"),
        (
            [*sensitivity, "--sentence=100"],
            f"{files}/iob1.txt: has 100 sentences: lower --sentence",
        ),
        (
            [*sensitivity, f"--output={tmp_path}/full"],
            f"{tmp_path}/full: already holds something",
        ),
        (
            ["--analysis=segmentation", *common, "--attack=none"],
            "--attack=none: segmentation is about an edit",
        ),
        (
            [
                "--analysis=segmentation",
                "--task=classification",
                f"--input={files}/dev.tsv",
                *common[2:],
            ],
            "--task: these analyses are of words: name a task of tagging",
        ),
    ):
        commands.refuse("analyze", arguments, message, tmp_path)
