import json
import re
import shutil

import pytest


@pytest.fixture(scope="module")
def evaluation(finetuned, files):
    folder, _ = finetuned
    return [
        "--task=classification",
        f"--models={folder}/classifier/preset",
        f"--input={files}/dev.tsv",
    ]


def test_clean_and_attacked_scores(commands, evaluation, finetuned, tmp_path):
    folder, _ = finetuned
    attacks = ["none", "drop", "mix"]
    arguments = [*evaluation, f"--attacks={','.join(attacks)}"]
    outcome = commands.run("evaluate", *arguments, f"--output={tmp_path}/one.json")
    commands.assert_succeeded(outcome)
    one = json.loads((tmp_path / "one.json").read_text())
    assert list(one["scores"]) == ["classifier"]
    scores = one["scores"]["classifier"]
    assert list(scores) == attacks
    assert outcome.stdout.splitlines() == [
        f"classifier  {attack:8}  "
        + "  ".join(f"{name} {100 * score:5.1f}" for name, score in of_attack.items())
        for attack, of_attack in scores.items()
    ]
    assert one["settings"]["seed"] == 0

    # Clean, they are those of fine-tuning; attacked, the typos do harm.
    results = json.loads((folder / "classifier" / "results.json").read_text())
    assert scores["none"] == results["dev"]
    least = min(score["accuracy"] for score in scores.values())
    assert least < scores["none"]["accuracy"]

    again = commands.fork("evaluate", *arguments, f"--output={tmp_path}/two.json")
    commands.assert_succeeded(again)
    assert (tmp_path / "two.json").read_bytes() == (tmp_path / "one.json").read_bytes()


@pytest.mark.slow
def test_iob1_and_iob2_give_the_same_scores(commands, finetuned, files, tmp_path):
    folder, _ = finetuned
    scores = []
    for scheme in ("iob1", "iob2"):
        outcome = commands.fork(
            "evaluate",
            "--task=tagging",
            f"--models={folder}/tagger/preset",
            f"--input={files}/{scheme}.txt",
            "--attacks=none,mix",
            "--seed=3",
            f"--output={tmp_path}/{scheme}.json",
        )
        commands.assert_succeeded(outcome)
        scores.append(json.loads((tmp_path / f"{scheme}.json").read_text())["scores"])
    assert scores[0] == scores[1]
    assert scores[0]["tagger"]["none"]["f1"] >= scores[0]["tagger"]["mix"]["f1"] > 0


def test_pairs_without_a_header(commands, finetuned, files):
    folder, _ = finetuned
    outcome = commands.fork(
        "evaluate",
        "--task=classification",
        "--noheader",
        "--text_column=1",
        "--text_pair_column=2",
        "--label_column=3",
        f"--models={folder}/pairs/preset",
        f"--input={files}/pairs.tsv",
        "--attacks=none",
    )
    commands.assert_succeeded(outcome)
    line = r"pairs  none      accuracy +\d+\.\d  f1 .*\n"
    assert re.fullmatch(line, outcome.stdout)


def test_files_that_cannot_be_read(commands, evaluation, bad_files, tmp_path):
    for path, message in bad_files.items():
        arguments = [*evaluation, f"--input={path}"]
        commands.refuse("evaluate", arguments, f"{path}{message}", tmp_path)


def test_a_label_that_the_model_does_not_know(
    commands, evaluation, finetuned, tmp_path
):
    (tmp_path / "test.tsv").write_text("sentence\tlabel\na film\tgood\na film\tso-so\n")
    (tmp_path / "test.txt").write_text("rome O\n\nrome O\nacme I-ORG\n")
    for arguments, message in (
        (
            [*evaluation, f"--input={tmp_path}/test.tsv"],
            f"{tmp_path}/test.tsv:3: the label 'so-so' is not in the training data",
        ),
        (
            [
                "--task=tagging",
                f"--models={finetuned[0]}/tagger/preset",
                f"--input={tmp_path}/test.txt",
            ],
            f"{tmp_path}/test.txt:4: the tag 'B-ORG' is not in the training data",
        ),
    ):
        arguments = [*arguments, f"--output={tmp_path}/scores.json"]
        commands.refuse("evaluate", arguments, message, tmp_path)


def test_models_that_are_none(commands, evaluation, finetuned, pretrained, tmp_path):
    good = finetuned[0] / "classifier" / "preset"
    shutil.copytree(good, tmp_path / "broken")
    (tmp_path / "broken" / "task.json").write_text("{")
    shutil.copytree(good, tmp_path / "truncated")
    (tmp_path / "truncated" / "task.weights.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    for path, message in {
        tmp_path / "missing": ": no such folder: name a folder",
        tmp_path: ": is no preset, it has no config.json: name a folder",
        tmp_path / "broken": ": cannot be loaded (JSONDecodeError: ",
        tmp_path / "truncated": ": cannot be loaded (OSError: ",
        pretrained[0] / "charbert" / "preset": ": holds no TextClassifier: name the",
        finetuned[0] / "tagger" / "preset": ": holds no TextClassifier: name the",
    }.items():
        arguments = [*evaluation, f"--models={path}"]
        commands.refuse("evaluate", arguments, f"{path}{message}", tmp_path)


def test_flags_out_of_range(commands, evaluation, files, tmp_path):
    (tmp_path / "folder").mkdir()
    for flag, message in (
        ("--rate=2", "flag --rate=2: 2.0 is not a number in the range [0.0, 1.0]"),
        ("--rate=-0.1", "flag --rate=-0.1: "),
        ("--seed=-1", "flag --seed=-1: "),
        ("--attacks=none,orc", "no attack 'orc': choose one of drop, add, swap, "),
        (f"--output={tmp_path}/folder", f"{tmp_path}/folder: is a folder: name a file"),
        (f"--output={files}/dev.tsv", f"{files}/dev.tsv: is there already: remove it"),
    ):
        commands.refuse("evaluate", [*evaluation, flag], message, tmp_path)
