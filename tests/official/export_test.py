import shutil
import subprocess
import sys

import pytest

import charbert_tf
from charbert_tf.errors import UserError
from charbert_tf.tasks.classification_task import ClassificationTask

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
        pretrained[0] / "bert" / "preset": ": holds no TextClassifier or TokenClass",
    }.items():
        arguments = [f"--model={path}", f"--output={tmp_path}/1"]
        commands.refuse("export", arguments, f"{path}{message}", tmp_path)
    arguments = [f"--model={tagger}", f"--output={tmp_path}/1", "--pairs"]
    commands.refuse(
        "export", arguments, f"{tagger}: holds no TextClassifier:", tmp_path
    )


def test_a_model_whose_labels_have_no_names(commands, pretrained, tmp_path):
    classifier = charbert_tf.TextClassifier.from_preset(
        f"{pretrained[0]}/bert/preset", num_classes=2
    )
    classifier.save_to_preset(str(tmp_path / "preset"))
    arguments = [f"--model={tmp_path}/preset", f"--output={tmp_path}/1"]
    message = f"{tmp_path}/preset: has no label names: fine-tune it"
    commands.refuse("export", arguments, message, tmp_path)
    with pytest.raises(UserError, match="preset: has no label names: fine-tune it"):
        ClassificationTask("text", "label").load_model(str(tmp_path / "preset"))


def test_an_output_that_holds_something_else(commands, finetuned, tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "thesis.tex").write_text("years of work")
    arguments = [
        f"--model={finetuned[0]}/classifier/preset",
        f"--output={tmp_path}/1",
    ]
    message = f"{tmp_path}/1: already holds something: choose another folder"
    commands.refuse("export", arguments, message, tmp_path)


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
