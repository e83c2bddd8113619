"""The command that trains a recogniser, and evaluation with one in front."""

import json
import time

import pytest

import charbert_tf
from charbert_tf.files.errors import UserError

TINY = [
    "--hidden_dim=16",
    "--num_words=50",
    "--batch_size=16",
    "--learning_rate=2e-2",
    "--steps=120",
]


@pytest.fixture(scope="module")
def trained(commands, files, tmp_path_factory):
    """A run's folder, what was printed, and its arguments."""
    folder = tmp_path_factory.mktemp("recognizer") / "run"
    arguments = [*TINY, f"--input={files}/text_*", f"--output={folder}"]
    return folder, commands.fork("train_word_recognizer", *arguments), arguments


def scores(commands, path, *arguments):
    outcome = commands.fork("evaluate", *arguments, f"--output={path}")
    commands.assert_succeeded(outcome)
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def evaluation(finetuned, files):
    return [
        "--task=classification",
        f"--models={finetuned[0]}/classifier/preset",
        f"--input={files}/dev.tsv",
        "--attacks=none,mix",
    ]


def test_from_text_to_a_preset(commands, trained):
    folder, outcome, arguments = trained
    commands.assert_succeeded(outcome)
    assert outcome.stdout.splitlines()[-1] == f"Saved {folder}/preset"
    assert "\nstep 120/120  loss " in f"\n{outcome.stdout}"
    recognizer = charbert_tf.WordRecognizer.from_preset(f"{folder}/preset")
    corrector = charbert_tf.WordCorrector(recognizer)
    typed = [["Maira", "sotry", ",", "mussic"]]
    assert corrector.correct(typed) == [["Maria", "story", ",", "music"]]
    again = commands.fork("train_word_recognizer", *arguments)
    commands.assert_succeeded(again)
    assert again.stdout == f"{folder}/preset is finished already.\n"


def test_a_commands_run_is_the_functions_too(trained, files, capsys):
    folder, _, _ = trained
    # With other names or values runs that were begun before would be refused.
    settings = json.loads((folder / "settings.json").read_text())
    assert settings.pop("input").startswith(f"{files}/text_* (2 files")
    assert settings == {
        **{"hidden_dim": 16, "num_words": 50, "batch_size": 16, "steps": 120},
        **{"learning_rate": 2e-2, "noise_rate": 0.9, "sequence_length": 32},
        **{"seed": 0, "precision": "float32"},
    }
    result = charbert_tf.train_word_recognizer(
        input=f"{files}/text_*", output=folder, notice=[].append, **settings
    )
    assert (result.preset, result.was_finished) == (f"{folder}/preset", True)
    assert capsys.readouterr().out == f"{folder}/preset is finished already.\n"
    with pytest.raises(UserError, match=r"\(--num_words was 50 and is now 51\): "):
        charbert_tf.train_word_recognizer(
            input=f"{files}/text_*", output=folder, **settings | {"num_words": 51}
        )


def test_a_training_in_python(commands, files, tmp_path, capsys):
    told = []
    result = charbert_tf.train_word_recognizer(
        input=[files / "text_1.txt"],
        output=tmp_path / "run",
        notice=told.append,
        **{"hidden_dim": 4, "num_words": 9, "batch_size": 8, "steps": 3},
    )
    assert told[0] == f"Reading {files}/text_1.txt"
    assert [report["step"] for report in result.history] == [3]
    assert capsys.readouterr().out.splitlines()[-1] == f"Saved {result.preset}"
    assert len(charbert_tf.WordRecognizer.from_preset(result.preset).words) == 10
    flags = ["--hidden_dim=4", "--num_words=9", "--batch_size=8", "--steps=3"]
    flags += [f"--input={files}/text_1.txt", f"--output={tmp_path}/run"]
    outcome = commands.fork("train_word_recognizer", *flags)
    commands.assert_succeeded(outcome)
    assert outcome.stdout == f"{result.preset} is finished already.\n"


@pytest.mark.slow
def test_a_stopped_run_keeps_its_words(commands, files, trained, tmp_path):
    text, output = tmp_path / "text.txt", tmp_path / "run"
    text.write_text((files / "text_1.txt").read_text())
    arguments = [*TINY, f"--input={text}", f"--output={output}"]
    process = commands.start(
        "train_word_recognizer", *arguments, "--checkpoint_seconds=0"
    )
    while not any(output.glob("checkpoints/step-2*")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.001)
    process.kill()
    commands.finish(process)
    words = json.loads((output / "vocabulary.json").read_text())["words"]
    with open(text, "a") as file:
        file.write("music\n" * 500)
    message = f"{output}: holds a run of other settings (--input was '{text} (1 files"
    commands.refuse("train_word_recognizer", arguments, message, output)
    text.write_text((files / "text_1.txt").read_text())
    again = commands.fork("train_word_recognizer", *arguments)
    commands.assert_succeeded(again)
    assert again.stdout.startswith("Going on from step ")
    recognizer = charbert_tf.WordRecognizer.from_preset(f"{output}/preset")
    assert recognizer.words == words


@pytest.mark.slow
def test_it_helps_a_classifier(commands, trained, evaluation, tmp_path):
    preset = f"{trained[0]}/preset"
    alone = scores(commands, tmp_path / "alone.json", *evaluation)
    helped = scores(
        commands, tmp_path / "helped.json", *evaluation, f"--recognizer={preset}"
    )
    assert helped["settings"]["recognizer"] == preset
    assert helped["settings"]["backoff"] == "pass_through"
    (alone,), (helped,) = alone["scores"].values(), helped["scores"].values()
    assert helped["none"]["accuracy"] >= alone["none"]["accuracy"] - 0.05
    assert helped["mix"]["accuracy"] > alone["mix"]["accuracy"]


@pytest.mark.slow
def test_backgrounds_and_tags(commands, trained, finetuned, files, tmp_path):
    preset = f"{trained[0]}/preset"
    arguments = [
        "--task=tagging",
        f"--models={finetuned[0]}/tagger/preset",
        f"--input={files}/iob2.txt",
        "--attacks=mix",
    ]
    helped = scores(
        commands,
        tmp_path / "helped.json",
        *arguments,
        f"--recognizer={preset}",
        "--backoff=background",
        f"--background_recognizer={preset}",
    )
    assert helped["settings"]["background_recognizer"] == preset
    (of_model,) = helped["scores"].values()
    assert of_model["mix"]["f1"] > 0.8


def test_recognizers_that_are_none(commands, evaluation, finetuned, trained, tmp_path):
    preset, model = f"{trained[0]}/preset", f"{finetuned[0]}/classifier/preset"
    for flags, message in (
        ([f"--recognizer={model}"], f"{model}: holds no WordRecognizer: name the"),
        ([f"--recognizer={tmp_path}/no"], f"{tmp_path}/no: no such folder: "),
        (
            [f"--recognizer={preset}", "--attacked_text=both"],
            f"flags recognizer={preset}, attacked_text=both: a recogniser corrects ",
        ),
        (["--backoff=neutral"], "flags recognizer=None, backoff=neutral: --backoff "),
        (
            [f"--recognizer={preset}", "--backoff=background"],
            "flags backoff=background, background_recognizer=None: --backoff=",
        ),
    ):
        commands.refuse("evaluate", [*evaluation, *flags], message, tmp_path)


def test_text_that_cannot_be_read(commands, bad_files, tmp_path):
    for path, message in bad_files.items():
        arguments = [*TINY, f"--input={path}", f"--output={tmp_path}/run"]
        commands.refuse(
            "train_word_recognizer", arguments, f"{path}{message}", tmp_path
        )
