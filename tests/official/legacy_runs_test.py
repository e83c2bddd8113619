"""Runs that an earlier commit began or finished are gone on with, scored, exported."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf

GIVEN_MODELS = {
    "classification": ("dev.tsv", "finetuned"),
    "tagging": ("tags.txt", "../heads/token_classifier-charbert_bert/preset"),
    "question_answering": (
        "questions.json",
        "../heads/question_answerer-charbert_bert/preset",
    ),
}


@pytest.fixture(scope="module")
def runs(legacy):
    return legacy / "runs"


@pytest.fixture
def own_runs(legacy, tmp_path):
    """The same, for those who write there."""
    return shutil.copytree(legacy / "runs", tmp_path / "runs")


def _assert_succeeded(commands, outcome):
    """It may warn, as of text that is normalised as it was then."""
    assert outcome.returncode == 0, outcome.stderr
    lines = commands.without_notices(outcome.stderr).splitlines()
    assert all(line.startswith("warning: a preset names no ") for line in lines), lines


@pytest.mark.parametrize("task", GIVEN_MODELS)
@pytest.mark.sampled(2)
def test_models_get_the_scores_that_they_got(commands, runs, tmp_path, task):
    examples, model = GIVEN_MODELS[task]
    outcome = commands.fork(
        "evaluate",
        f"--task={task}",
        f"--input={examples}",
        f"--models=M={model}",
        "--attacks=none",
        f"--output={tmp_path}/scores.json",
        f"--predictions={tmp_path}/predictions",
        cwd=runs,
    )
    _assert_succeeded(commands, outcome)
    expected = json.loads((runs / "expected" / f"{task}.json").read_text())
    scores = json.loads((tmp_path / "scores.json").read_text())
    for name in ("scores", "over_seeds"):
        assert _flat(scores[name]) == pytest.approx(_of_clean(expected[name]), abs=1e-5)
    predicted = commands.contents(tmp_path / "predictions")
    known = commands.contents(runs / "expected" / task)
    clean = {path for path in known if path.stem == "clean"}
    assert clean <= predicted.keys()
    assert all(predicted[path] == known[path] for path in clean)


def _flat(scores, place=()):
    if not isinstance(scores, dict):
        return {place: scores}
    return {
        key: value
        for name, of_name in scores.items()
        for key, value in _flat(of_name, (*place, name)).items()
    }


def _of_clean(scores):
    """Those of texts without typos, which are drawn in another way since."""
    return {place: value for place, value in _flat(scores).items() if "none" in place}


def test_a_finished_training_is_recognized(commands, own_runs):
    before = commands.contents(own_runs)
    outcome = commands.fork(
        "finetune",
        "--task=classification",
        "--train=train.tsv",
        "--dev=dev.tsv",
        "--init=encoder/preset",
        "--output=finetuned",
        "--seeds=3,14",
        "--epochs=8",
        "--batch_size=4",
        "--sequence_length=32",
        "--learning_rate=3e-2",
        cwd=own_runs,
    )
    _assert_succeeded(commands, outcome)
    assert outcome.stdout.splitlines()[:2] == [
        f"finetuned/seed-{seed}/preset is finished already." for seed in (3, 14)
    ]
    # The mean over the seeds is written again.
    assert commands.contents(own_runs) == before


@pytest.mark.slow
def test_a_finished_training_is_exported(commands, runs, tmp_path):
    outcome = commands.fork(
        "export", f"--model={runs}/finetuned/seed-3", f"--output={tmp_path}/1"
    )
    _assert_succeeded(commands, outcome)
    served = tf.saved_model.load(str(tmp_path / "1")).signatures["serving_default"]
    lines = (runs / "dev.tsv").read_text(encoding="utf-8").splitlines()[1:]
    labels = served(text=tf.constant([line.split("\t")[0] for line in lines]))["label"]
    predicted = runs / "expected" / "classification" / "M" / "seed-3" / "clean.tsv"
    rows = [line.split("\t") for line in predicted.read_text().splitlines()[1:]]
    assert [label.decode() for label in labels.numpy()] == [row[-1] for row in rows]


def test_a_killed_pretraining_is_gone_on_with(commands, own_runs):
    outcome = commands.fork(
        "pretrain",
        "--input=line.txt",
        "--init=encoder/preset",
        "--output=pretraining",
        "--noise_rate=0.05",
        "--steps=8",
        "--batch_size=32",
        "--sequence_length=8",
        "--learning_rate=1e-2",
        cwd=own_runs,
    )
    _assert_succeeded(commands, outcome)
    first, *_, last = outcome.stdout.splitlines()
    assert first == "Going on from step 5"
    assert last == "Saved pretraining/preset"
    pretrainer = charbert_tf.Pretrainer.from_preset(f"{own_runs}/pretraining/preset")
    expected = json.loads((own_runs / "expected" / "pretraining.json").read_text())
    features, *_ = pretrainer.preprocessor(tf.constant(expected["inputs"]))
    logits = pretrainer(features, training=False)
    logits["mlm_logits"] = logits["mlm_logits"][..., ::8]
    for name, values in expected["outputs"].items():
        np.testing.assert_allclose(logits[name], values, rtol=0, atol=1e-3)
