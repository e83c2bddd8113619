"""The embedding family through the commands: no line of theirs is about it."""

import csv
import json

import numpy as np
import pytest

import charbert_tf

SENTENCE = "the fine film was dull in the end and not too long"
FINETUNE = [
    *("--learning_rate=1e-2", "--batch_size=8", "--epochs=2", "--sequence_length=32"),
    "--projection_dim=6",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tokenizer, characters, make_encoder):
    folder = tmp_path_factory.mktemp("embedding")
    rng = np.random.default_rng(0)
    for name in ("train", "dev"):
        rows = ["sentence1\tsentence2\tscore"]
        for _ in range(24):
            first, second = (
                " ".join(rng.choice(SENTENCE.split(), 5)) for _ in range(2)
            )
            shared = len(set(first.split()) & set(second.split()))
            rows.append(f"{first}\t{second}\t{shared}")
        (folder / f"{name}.tsv").write_text("\n".join(rows) + "\n")
    (folder / "texts.txt").write_text("the fine film\nnot too long\n")
    backbone = charbert_tf.CharBertBackbone(make_encoder(), len(characters), 8)
    preprocessor = charbert_tf.SentenceEmbedderPreprocessor(tokenizer, characters)
    charbert_tf.SentenceEmbedder(backbone, preprocessor).save_to_preset(folder / "init")
    return folder


@pytest.fixture(scope="module")
def trained(folder, commands):
    outcome = commands.fork(
        "finetune",
        *FINETUNE,
        "--task=stsb_embedding",
        f"--train={folder}/train.tsv",
        f"--dev={folder}/dev.tsv",
        f"--init={folder}/init",
        f"--output={folder}/run",
    )
    commands.assert_succeeded(outcome)
    return folder / "run" / "preset"


def test_fine_tuned_scored_and_exported(folder, trained, commands):
    results = json.loads((folder / "run" / "results.json").read_text())
    assert list(results["dev"]) == ["pearson", "spearman"]
    embedder = charbert_tf.SentenceEmbedder.from_preset(str(trained))
    embeddings = embedder.embed(["the fine film", "not too long"])
    assert embeddings.shape == (2, 6)
    outcome = commands.fork(
        "export", f"--model={trained}", f"--output={folder}/saved/1"
    )
    commands.assert_succeeded(outcome)
    arguments = [f"--model={folder}/saved/1", f"--input={folder}/texts.txt"]
    outcome = commands.fork("predict", *arguments, "--format=json")
    commands.assert_succeeded(outcome)
    answers = [json.loads(line)["embedding"] for line in outcome.stdout.splitlines()]
    np.testing.assert_allclose(answers, embeddings, atol=1e-5)
    outcome = commands.fork(
        "evaluate",
        "--task=embedding",
        f"--input={folder}/dev.tsv",
        f"--models=preset={trained},saved={folder}/saved/1",
        "--attacks=none,mix",
        f"--output={folder}/scores.json",
        f"--predictions={folder}/predictions",
    )
    commands.assert_succeeded(outcome)
    scores = json.loads((folder / "scores.json").read_text())["scores"]
    assert scores["preset"]["none"] == pytest.approx(results["dev"], abs=1e-6)
    for attack in ("none", "mix"):
        assert scores["saved"][attack] == pytest.approx(
            scores["preset"][attack], abs=1e-4
        )
    with open(folder / "predictions" / "saved" / "clean.tsv") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["index"] for row in rows] == [str(index) for index in range(24)]
    assert all(-5 <= float(row["prediction"]) <= 5 for row in rows)


@pytest.fixture
def columns(folder, tmp_path):
    """The settings of a file with another first column, and as flags."""
    text = (folder / "dev.tsv").read_text()
    (tmp_path / "dev.tsv").write_text(text.replace("sentence1", "first", 1))
    settings = {"task": "embedding", "text_column": "first"}
    settings |= {"input": f"{tmp_path}/dev.tsv"}
    return settings, [f"--{name}={value}" for name, value in settings.items()]


READ = {"text_column": "first", "text_pair_column": "sentence2"}
READ |= {"label_column": "score", "header": True}


def record_of(path):
    return json.loads(path.read_text())["settings"]


def test_the_columns_that_were_read_are_recorded(folder, columns, commands, tmp_path):
    settings, flags = columns
    outcome = commands.fork(
        "evaluate",
        *(*flags, f"--models=A={folder}/init", "--attacks=none"),
        f"--output={tmp_path}/scores.json",
    )
    commands.assert_succeeded(outcome)
    # Neither those of other tasks, nor where the record itself is.
    assert record_of(tmp_path / "scores.json") == READ | {
        **{"task": "embedding", "data": "files", "metric": None},
        **{"models": [f"A={folder}/init"], "input": f"{tmp_path}/dev.tsv"},
        **{"attacks": ["none"], "rate": 1.0, "seed": 0, "minimum_length": 4},
        **{"protected_words": None, "recognizer": None, "backoff": "pass_through"},
        **{"background_recognizer": None, "highest_score": None},
    }
    charbert_tf.measure_robustness(
        **settings,
        models=[f"A={folder}/init"],
        **{"attacks": ["drop"], "rates": [1], "output": tmp_path / "report"},
    )
    record = record_of(tmp_path / "report" / "results.json")
    assert record | READ == record
    assert (record["seeds"], record["rates"]) == (["0"], ["1"])
    report = (tmp_path / "report" / "report.md").read_text()
    for row in ("text_column | first", "label_column | score", "rates | 1"):
        assert f"| {row} |" in report
    assert "tag_column" not in report


@pytest.mark.slow
def test_commands_and_functions_record_the_same(folder, columns, commands, tmp_path):
    settings, flags = columns
    model = f"{folder}/init"
    for name, more in {
        "evaluate": [f"--models={model}", "--attacks=none"],
        "robustness": [f"--models={model}", "--attacks=drop", "--rates=1"],
        "adversary": [f"--model={model}", "--attack=drop", "--examples=1"],
    }.items():
        outcome = commands.fork(name, *flags, *more, f"--output={tmp_path}/{name}")
        commands.assert_succeeded(outcome)
    settings |= {"models": [model]}
    output = tmp_path / "scores"
    charbert_tf.evaluate(**settings, attacks=["none"], output=output)
    assert record_of(output) == record_of(tmp_path / "evaluate")
    output = tmp_path / "report"
    charbert_tf.measure_robustness(
        **settings, attacks=["drop"], rates=[1], output=output
    )
    record = record_of(output / "results.json")
    assert record == record_of(tmp_path / "robustness" / "results.json")
    record = record_of(tmp_path / "adversary")
    assert record | READ == record
    del settings["models"]
    output = tmp_path / "worst"
    charbert_tf.find_worst_typos(
        **settings, model=model, attack="drop", examples=1, output=output
    )
    assert record_of(output) == record


@pytest.mark.slow
def test_attacked_and_reported(folder, trained, commands):
    outcome = commands.fork(
        "attack",
        "--task=stsb_embedding",
        f"--input={folder}/dev.tsv",
        f"--output={folder}/attacked.tsv",
    )
    commands.assert_succeeded(outcome)
    outcome = commands.fork(
        "robustness",
        "--task=stsb_embedding",
        f"--input={folder}/dev.tsv",
        f"--models={trained}",
        "--rates=1",
        f"--output={folder}/report",
    )
    commands.assert_succeeded(outcome)
    with open(folder / "report" / "results.csv") as file:
        measures = {row["measure"] for row in csv.DictReader(file)}
    assert measures == {"pearson", "spearman"}


@pytest.mark.slow
def test_a_score_beyond_the_scale(folder, commands):
    path = folder / "beyond.tsv"
    path.write_text("sentence1\tsentence2\tscore\na\tb\t7\n")
    arguments = [
        "--task=stsb_embedding",
        f"--train={path}",
        f"--init={folder}/init",
        f"--output={folder}/never",
    ]
    commands.refuse(
        "finetune",
        arguments,
        f"{path}:2: the score 7 is not between 0 and 5: correct it, or give "
        "--task=embedding and, with --highest_score, what ",
        folder,
    )
    # The remedy that is named, for a task of one's own.
    outcome = commands.fork(
        "finetune",
        "--task=embedding",
        "--highest_score=7",
        "--epochs=1",
        "--sequence_length=32",
        *arguments[1:],
    )
    assert outcome.returncode == 0, outcome.stderr
