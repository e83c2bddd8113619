import json
import re
import shutil

import pytest

import charbert_tf

PROGRESS = (
    r"step (\d+)/\1  loss \d+\.\d{3}  label \d+\.\d %  [\d,]+ tokens/s  0:00 left"
)
SCORES = {
    "classifier": ["accuracy", "f1", "matthews_correlation"],
    "tagger": ["f1", "precision", "recall", "accuracy"],
}
MODELS = {
    "classifier": charbert_tf.TextClassifier,
    "pairs": charbert_tf.TextClassifier,
    "tagger": charbert_tf.TokenClassifier,
}
LABELS = {
    "classifier": ["bad", "good"],
    "pairs": ["bad", "good"],
    # IOB2, though the training file is IOB1.
    "tagger": ["O", "B-LOC", "B-PER", "I-LOC"],
}


@pytest.mark.parametrize("name", MODELS)
def test_from_a_labelled_file_to_a_preset(commands, finetuned, name):
    folder, outcomes = finetuned
    commands.assert_succeeded(outcomes[name])
    lines = outcomes[name].stdout.splitlines()
    assert lines[-1] == f"Saved {folder}/{name}/preset"
    progress = [line for line in lines if line.startswith("step ")]
    assert re.fullmatch(PROGRESS, progress[-1])
    assert list((folder / name / "tensorboard").glob("events.out.tfevents.*"))
    model = MODELS[name].from_preset(f"{folder}/{name}/preset")
    assert model.labels == LABELS[name]
    assert model.preprocessor.sequence_length == 32


@pytest.mark.parametrize("name", SCORES)
def test_scores_are_printed_and_kept(finetuned, files, name):
    folder, outcomes = finetuned
    results = json.loads((folder / name / "results.json").read_text())
    scores = results["dev"]
    assert list(scores) == SCORES[name]
    # The task is easy enough for the smallest model: the chain does teach.
    assert scores["accuracy"] > 0.9
    assert results["train_examples"] == {"classifier": 80, "tagger": 100}[name]
    assert results["seconds"] > 0
    dev = {"classifier": "dev.tsv", "tagger": "iob2.txt"}[name]
    printed = "  ".join(f"{k} {100 * v:.1f}" for k, v in scores.items())
    assert f"\n{files}/{dev}: {printed}\n" in outcomes[name].stdout


def test_what_is_finished_stays(commands, finetuning, finetuned, tmp_path):
    folder, _ = finetuned
    shutil.copytree(folder / "classifier", tmp_path / "run")
    arguments = [*finetuning["classifier"], f"--output={tmp_path}/run"]
    before = commands.contents(tmp_path)
    again = commands.fork("finetune", *arguments)
    commands.assert_succeeded(again)
    assert again.stdout == f"{tmp_path}/run/preset is finished already.\n"
    assert commands.contents(tmp_path) == before
    other = [*arguments, "--epochs=4"]
    message = f"{tmp_path}/run: holds a run of other settings (--epochs was 3 and is "
    commands.refuse("finetune", other, message, tmp_path)


@pytest.mark.parametrize("kind", ["classifier", "tagger"])
def test_labelled_files_that_cannot_be_read(
    commands, finetuning, bad_files, tmp_path, kind
):
    for path, message in bad_files.items():
        arguments = [*finetuning[kind], f"--output={tmp_path}/run", f"--train={path}"]
        commands.refuse("finetune", arguments, f"{path}{message}", tmp_path)


@pytest.mark.parametrize(
    ("kind", "flag", "content", "message"),
    [
        ("tagger", "train", "Rome O\nwins\n", ":2: the line has 1 column(s), the "),
        ("tagger", "train", "Rome\n", ":1: the line has 1 column(s), the word is "),
        ("tagger", "train", "a O\nRome NN\n", ":2: the tag 'NN' stands among IOB"),
        ("tagger", "train", "a O\nb O\n", ": has the single tag 'O': give a file"),
        ("tagger", "dev", "a O\n\nb I-ORG\n", ":3: the tag 'B-ORG' is not in the "),
        ("classifier", "train", "text\tlabel\na\tb\n", ":1: no column 'sentence': "),
        (
            "classifier",
            "train",
            "sentence\tlabel\na\n",
            ":2: the row has 1 column(s), the first line 2: add what is missing",
        ),
        ("classifier", "train", "sentence\tlabel\na\t\n", ":2: the label is empty: "),
        ("classifier", "train", "sentence\tlabel\na\tb\n", ": has the single label"),
        ("classifier", "train", "sentence\tlabel\n", ": no row in the file: put"),
        ("classifier", "dev", "sentence\tlabel\na\tso-so\n", ":2: the label 'so-so'"),
    ],
)
def test_labelled_files_that_are_wrong(
    commands, finetuning, tmp_path, kind, flag, content, message
):
    path = tmp_path / "labelled"
    # A tag in one column would be taken for the model's scheme without IOB tags.
    content = content.replace("a O\nRome NN", "a O\nb B-LOC\nRome NN")
    message = message.replace(":2: the tag 'NN'", ":3: the tag 'NN'")
    path.write_text(content)
    arguments = [*finetuning[kind], f"--output={tmp_path}/run", f"--{flag}={path}"]
    commands.refuse("finetune", arguments, f"{path}{message}", tmp_path)


@pytest.fixture
def presets(pretrained, tmp_path):
    """Folders to start from that are none, and what is wrong with them."""
    good = pretrained[0] / "charbert" / "preset"
    for name in ("truncated", "broken", "foreign", "without_tokenizer"):
        shutil.copytree(good, tmp_path / name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "truncated" / "model.weights.h5").write_bytes(
        (good / "model.weights.h5").read_bytes()[:3000]
    )
    (tmp_path / "broken" / "config.json").write_text('{"registered_name": ')
    (tmp_path / "foreign" / "config.json").write_text('{"colour": "green"}')
    (tmp_path / "without_tokenizer" / "tokenizer.json").unlink()
    return {
        tmp_path / "missing": ": no such folder: name a folder that",
        tmp_path / "empty": ": is no preset, it has no config.json: name a folder",
        tmp_path / "broken": "/config.json: is no JSON (",
        tmp_path / "foreign": "/config.json: is of no kind that can be read: name a",
        tmp_path / "truncated": ": cannot be loaded (OSError: ",
        tmp_path / "without_tokenizer": ": cannot be loaded (FileNotFoundError: ",
    }


@pytest.mark.parametrize("name", ["finetune", "pretrain"])
def test_presets_that_are_none(
    commands, finetuning, pretraining, presets, tmp_path, name
):
    for path, message in presets.items():
        arguments = finetuning["classifier"] if name == "finetune" else pretraining
        arguments = [*arguments, f"--init={path}", f"--output={tmp_path}/run"]
        commands.refuse(name, arguments, f"{path}{message}", tmp_path)


def test_an_output_that_holds_something_else(commands, finetuning, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    arguments = [*finetuning["tagger"], f"--output={tmp_path}"]
    message = f"{tmp_path}: already holds something that is not a training run: choose"
    commands.refuse("finetune", arguments, message, tmp_path)


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--batch_size=0", "flag --batch_size=0: "),
        ("--epochs=0", "flag --epochs=0: "),
        ("--sequence_length=2", "flag --sequence_length=2: "),
        ("--learning_rate=-1", "flag --learning_rate=-1: "),
        ("--seed=-1", "flag --seed=-1: "),
        ("--task=parsing", "flag --task=parsing: "),
    ],
)
def test_flags_out_of_range(commands, finetuning, tmp_path, flag, message):
    arguments = [*finetuning["classifier"], f"--output={tmp_path}/run", flag]
    commands.refuse("finetune", arguments, message, tmp_path)


def test_sequences_longer_than_the_encoder_takes(
    commands, finetuning, pretrained, tmp_path
):
    arguments = [*finetuning["classifier"], f"--output={tmp_path}/run"]
    message = (
        f"{pretrained[0]}/charbert/preset: the model takes 512 tokens at most, not "
        "513: lower --sequence_length"
    )
    arguments = [*arguments, "--sequence_length=513"]
    commands.refuse("finetune", arguments, message, tmp_path)
