import re
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest

import charbert_tf
from charbert_tf.export.served_model import ServedModel
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Question
from charbert_tf.files.errors import UserError

# What serves the model has nothing of this project.
ASK = """
import sys

import tensorflow as tf
import tensorflow_text

serve = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answer = serve(text=tf.constant(["a good film", "a bad film", ""]))
print(b" ".join(answer["label"].numpy().tolist()).decode())
assert not {"charbert_tf", "keras_nlp", "official"} & set(sys.modules)
"""


@pytest.mark.parametrize("name", ["classifier", "pairs", "tagger"])
def test_a_saved_model_is_made(commands, exported, name):
    folder, outcomes = exported
    commands.assert_succeeded(outcomes[name])
    assert outcomes[name].stdout == f"Saved {folder}/{name}/1\n"
    # TF Serving takes every folder beside it for another version.
    assert [path.name for path in (folder / name).iterdir()] == ["1"]
    assert (folder / name / "1" / "saved_model.pb").exists()


def test_it_needs_tensorflow_alone(exported, tmp_path):
    folder, _ = exported
    outcome = subprocess.run(
        [sys.executable, "-c", ASK, str(folder / "classifier" / "1")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.split()[:2] == ["good", "bad"]


def test_what_cannot_be_exported(commands, finetuned, pretrained, tmp_path):
    good = finetuned[0] / "classifier" / "preset"
    tagger = finetuned[0] / "tagger" / "preset"
    shutil.copytree(good, tmp_path / "truncated")
    (tmp_path / "truncated" / "model.weights.h5").write_bytes(b"")
    for path, message in {
        tmp_path / "missing": ": no such folder: name a folder",
        tmp_path: ": is no preset, it has no config.json: name a folder",
        tmp_path / "truncated": ": cannot be loaded (OSError: ",
        pretrained[0]
        / "bert"
        / "preset": ": holds no TokenClassifier or TextClassifier or Q",
    }.items():
        arguments = [f"--model={path}", f"--output={tmp_path}/1"]
        commands.refuse("export", arguments, f"{path}{message}", tmp_path)
    for path, message in {
        tagger: ": holds no TextClassifier:",
        good: ": classifies single texts: leave --pairs out",
    }.items():
        arguments = [f"--model={path}", f"--output={tmp_path}/1", "--pairs"]
        commands.refuse("export", arguments, f"{path}{message}", tmp_path)


@pytest.fixture(scope="module")
def answerer(tmp_path_factory, make_encoder, tokenizer):
    """A model of question answering with random weights, and where it is saved."""
    folder = tmp_path_factory.mktemp("answerer") / "preset"
    keras.utils.set_random_seed(0)
    encoder = make_encoder(vocabulary_size=tokenizer.vocabulary_size(), num_layers=2)
    preprocessor = charbert_tf.QuestionAnswererPreprocessor(
        tokenizer, sequence_length=64
    )
    model = charbert_tf.QuestionAnswerer(encoder, preprocessor)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(weight + rng.normal(size=weight.shape, scale=0.3))
    model.save_to_preset(str(folder))
    return model, folder


@pytest.mark.slow
def test_answers_are_looked_for_as_the_flags_say(commands, answerer, tmp_path):
    model, preset = answerer
    context = "In the film, the fine thing was in Rome, in the end. " * 6
    examples = [
        Question(str(number), question, context, ())
        for number, question in enumerate(["Where?", "What?", "", "the film?"])
    ]
    scores = []
    for name, options in {
        "1": {},
        "2": {"doc_stride": 3, "max_answer_length": 1},
    }.items():
        flags = [f"--{option}={value}" for option, value in options.items()]
        outcome = commands.fork(
            "export", f"--model={preset}", f"--output={tmp_path / name}", *flags
        )
        commands.assert_succeeded(outcome)
        task = QuestionAnsweringTask("1.1", **options)
        served = task.predict_served(ServedModel(str(tmp_path / name)), examples)
        expected = task.predict(model, examples)
        assert [a.text for a in served] == [a.text for a in expected]
        scores.append([a.candidates[0][1] for a in served])
        assert scores[-1] == pytest.approx(
            [a.candidates[0][1] for a in expected], abs=1e-4
        )
    assert scores[0] != pytest.approx(scores[1], abs=1e-2)


def test_flags_of_answers_are_for_models_that_answer(
    commands, make_encoder, tokenizer, tmp_path
):
    classifier = charbert_tf.TextClassifier(
        make_encoder(),
        num_classes=2,
        preprocessor=charbert_tf.TextClassifierPreprocessor(tokenizer),
        labels=["a", "b"],
    )
    classifier.save_to_preset(str(tmp_path / "preset"))
    arguments = [f"--model={tmp_path}/preset", f"--output={tmp_path}/1"]
    message = "--doc_stride: for models of question answering only, not for a TextClass"
    commands.refuse("export", [*arguments, "--doc_stride=64"], message, tmp_path)


@pytest.mark.slow
def test_a_model_whose_labels_have_no_names(commands, pretrained, tmp_path):
    classifier = charbert_tf.TextClassifier.from_preset(
        f"{pretrained[0]}/bert/preset", num_classes=2
    )
    classifier.save_to_preset(str(tmp_path / "preset"))
    arguments = [f"--model={tmp_path}/preset", f"--output={tmp_path}/1"]
    message = f"{tmp_path}/preset: has no label names: give them in the order of the"
    commands.refuse("export", arguments, message, tmp_path)
    task = ClassificationTask("text", "label")
    with pytest.raises(UserError, match="preset: has no label names: ") as error:
        task.load_model(str(tmp_path / "preset"))
    # What it names is done, with names in the place of the dots.
    (remedy,) = re.findall(r"charbert_tf\.\w+\.from_preset\(.*\)", str(error.value))
    remedy = remedy.replace("labels=[...]", 'labels=["bad", "good"]')
    new = tmp_path / "new"
    exec(remedy.replace("'labelled'", repr(str(new))), {"charbert_tf": charbert_tf})
    assert task.load_model(str(new)).labels == ["bad", "good"]
    outcome = commands.fork("export", f"--model={new}", f"--output={tmp_path}/1")
    commands.assert_succeeded(outcome)


def test_an_output_that_holds_something_else(commands, finetuned, tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "thesis.tex").write_text("years of work")
    arguments = [
        f"--model={finetuned[0]}/classifier/preset",
        f"--output={tmp_path}/1",
    ]
    message = f"{tmp_path}/1: already holds something: choose another folder"
    commands.refuse("export", arguments, message, tmp_path)


@pytest.mark.slow
def test_a_full_disk(commands, finetuned, tmp_path):
    outcome = commands.run(
        "export",
        f"--model={finetuned[0]}/classifier/preset",
        f"--output={tmp_path}/1",
        largest_file=20_000,
    )
    message = f"{tmp_path}/1: cannot be written (File too large): check the free space"
    commands.assert_refused(outcome, message)
    assert list(tmp_path.iterdir()) == []
