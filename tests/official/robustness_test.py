import csv
import json
import re

import pytest

FILES = {
    *("report.md", "results.json", "results.csv", "significance.csv"),
    *("changed.html", "changed.jsonl"),
    *("curves.png", "curves.svg", "drops.png", "drops.svg"),
}


@pytest.fixture(scope="module")
def robustness(finetuned, files):
    folder, _ = finetuned
    return [
        "--task=classification",
        f"--models={folder}/classifier/preset",
        f"--input={files}/dev.tsv",
        "--rates=1",
    ]


@pytest.fixture(scope="module")
def recognizer(commands, files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recognizer")
    outcome = commands.fork(
        "train_word_recognizer",
        f"--input={files}/text_1.txt",
        f"--output={folder}",
        "--steps=30",
        "--num_words=20",
        "--learning_rate=1e-2",
    )
    commands.assert_succeeded(outcome)
    return folder / "preset"


def scores_of(folder):
    results = json.loads((folder / "results.json").read_text())
    return results, {
        (row["model"], row["attack"], row["rate"], row["measure"]): row
        for row in results["scores"]
    }


@pytest.mark.slow
def test_a_preset_its_export_and_a_word_recognizer(
    commands, finetuned, exported, files, recognizer, tmp_path
):
    preset = finetuned[0] / "tagger" / "preset"
    common = ["--task=tagging", f"--input={files}/iob1.txt", "--seeds=0,3"]
    common += ["--attacks=mix,drop"]
    outcome = commands.run(
        "robustness",
        *common,
        f"--models=tagger={preset},{exported[0]}/tagger/1",
        f"--recognizer={recognizer}",
        "--rates=0,0.5,1",
        f"--output={tmp_path}/report",
    )
    commands.assert_succeeded(outcome)
    assert {path.name for path in (tmp_path / "report").iterdir()} == FILES
    results, scores = scores_of(tmp_path / "report")
    served = f"{exported[0]}/tagger/1"
    names = ["tagger", "tagger + WordRec", served, f"{served} + WordRec"]
    assert results["models"] == names
    assert (results["measure"], results["num_examples"]) == ("f1", 100)

    # The exported model says what the preset says, and nothing is random.
    for key, row in scores.items():
        if key[0].startswith("tagger"):
            twin = scores[(key[0].replace("tagger", served, 1), *key[1:])]
            assert {**twin, "model": row["model"]} == row

    # They are the scores of official.evaluate.
    for model, flags in (
        ("tagger", []),
        ("tagger + WordRec", [f"--recognizer={recognizer}"]),
    ):
        evaluated = commands.fork(
            "evaluate",
            *common[:2],
            f"--models={preset}",
            "--attacks=none,mix",
            "--seed=3",
            *flags,
            f"--output={tmp_path}/{model}.json",
        )
        commands.assert_succeeded(evaluated)
        expected = json.loads((tmp_path / f"{model}.json").read_text())["scores"]
        for attack, of_attack in expected["tagger"].items():
            for measure, score in of_attack.items():
                row = scores[model, attack, float(attack == "mix"), measure]
                assert row["by_seed"][-1] == pytest.approx(score)

    lines = outcome.stdout.splitlines()
    assert lines[-1] == f"Saved {tmp_path}/report"
    assert len(lines) == 1 + 4 * (1 + 2 * 2)
    interval = r"-?\d+\.\d \[-?\d+\.\d, -?\d+\.\d\]"
    assert re.fullmatch(rf"tagger +none +0%  f1 {interval}", lines[0])
    assert re.fullmatch(rf"tagger +mix +50%  f1 {interval}  drop {interval}", lines[4])
    with open(tmp_path / "report" / "results.csv", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + len(scores)


@pytest.mark.parametrize("name", ["classifier", "pairs"])
@pytest.mark.sampled(2)
def test_texts_and_pairs(commands, finetuned, exported, files, tmp_path, name):
    columns = ["--noheader", "--text_column=1", "--text_pair_column=2"]
    columns += ["--label_column=3"]
    outcome = commands.fork(
        "robustness",
        "--task=classification",
        *(columns if name == "pairs" else []),
        f"--input={files}/{'pairs' if name == 'pairs' else 'dev'}.tsv",
        f"--models=preset={finetuned[0] / name},served={exported[0] / name}/1",
        "--rates=1",
        f"--output={tmp_path}/report",
    )
    assert outcome.returncode == 0, outcome.stderr
    # Pairs with many typos have more subwords than the tiny models take.
    cut = r"\d+ of 32 texts are longer than (32 tokens|the model) and cut: .*"
    said = commands.without_notices(outcome.stderr)
    assert all(re.fullmatch(cut, line) for line in said.splitlines())
    assert bool(said) == (name == "pairs")
    results, scores = scores_of(tmp_path / "report")
    for key, row in scores.items():
        twin = scores[("served", *key[1:])]
        assert {**twin, "model": row["model"]} == row
    assert all(row["p_value"] == 1 for row in results["comparisons"])
    assert results["settings"]["task"] == "classification"
    assert results["settings"].keys() > {"label_column", "input", "models"}
    assert "tag_column" not in results["settings"]
    page = (tmp_path / "report" / "changed.html").read_text()
    assert ("second text, attacked" in page) == (name == "pairs")


def test_models_that_are_none(
    commands, robustness, finetuned, exported, pretrained, files, tmp_path
):
    tagger = exported[0] / "tagger" / "1"
    preset = finetuned[0] / "classifier" / "preset"
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_bytes(b"no graph")
    several = tmp_path / "several"
    several.mkdir()
    (several / "settings.json").write_text('{"seeds": ["3", "14"]}')
    arguments = [*robustness, f"--output={tmp_path}/report"]
    for models, message in {
        several: f"{several}: holds the models of 2 seeds: name one of them, such as ",
        f"a={tmp_path}/missing": f"{tmp_path}/missing: no such folder: name a folder",
        f"{tmp_path}/broken": f"{tmp_path}/broken: is no exported model: name the",
        tagger: f"{tagger}: the exported model returns no 'label': name one of",
        f"{preset},b={pretrained[0]}/bert/preset": (
            f"{pretrained[0]}/bert/preset: holds no TextClassifier: name the preset"
        ),
        f"a={preset},a={preset}": "--models has 'a' twice: give each a name",
        f"{exported[0]}/pairs/1": (
            f"{exported[0]}/pairs/1: the model takes text and text_pair, not text: "
        ),
    }.items():
        given = [*arguments, f"--models={models}"]
        commands.refuse("robustness", given, message, tmp_path)


def test_other_mistakes(commands, robustness, files, bad_files, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    (tmp_path / "test.tsv").write_text("sentence\tlabel\na film\tgood\na film\tso-so\n")
    arguments = [*robustness, f"--output={tmp_path}/report"]
    for flag, message in (
        ("--rates=2", "flag --rates=['2']: must be numbers from 0 to 1, one of them"),
        ("--rates=half", "flag --rates=['half']: must be numbers"),
        ("--rates=0", "flag --rates=['0']: must be numbers"),
        ("--recognized=classifier", "flags recognizer=None, recognized=["),
        ("--models=", "flag --models=[]: must name a model"),
        ("--rates=nan,1", "flag --rates=['nan', '1']: must be numbers"),
        ("--seeds=1,1", "flag --seeds=['1', '1']: must be different whole"),
        ("--attacks=mix,typo", "no attack 'typo': choose one of drop, add, swap, "),
        ("--attacks=", "flag --attacks=[]: must name an attack"),
        (
            "--backoff=neutral",
            "flags recognizer=None, backoff=neutral: --backoff needs",
        ),
        (f"--recognizer={tmp_path}/no", f"{tmp_path}/no: no such folder"),
        (f"--output={tmp_path}/taken", f"{tmp_path}/taken: already holds something"),
        (f"--input={tmp_path}/test.tsv", f"{tmp_path}/test.tsv:3: the label 'so-so'"),
    ):
        commands.refuse("robustness", [*arguments, flag], message, tmp_path)
    path = next(path for path in bad_files if path.name == "latin")
    given = [*arguments, f"--input={path}"]
    commands.refuse("robustness", given, f"{path}{bad_files[path]}", tmp_path)


@pytest.mark.slow
def test_protected_words_stay(commands, robustness, files, tmp_path):
    words = (files / "dev.tsv").read_text().split()
    (tmp_path / "words.txt").write_text("\n".join(words))
    outcome = commands.fork(
        "robustness",
        *robustness,
        f"--protected_words={tmp_path}/words.txt",
        f"--output={tmp_path}/report",
    )
    commands.assert_succeeded(outcome)
    results, scores = scores_of(tmp_path / "report")
    # The model has the name of its folder.
    assert results["models"] == ["classifier"]
    attacked = scores["classifier", "mix", 1, "accuracy"]
    assert attacked["score"] == scores["classifier", "none", 0, "accuracy"]["score"]
