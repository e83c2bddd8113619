import re
import shutil
import signal
import time

import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.pretraining.initial_pretrainer import InitialPretrainer

PROGRESS = (
    r"step (?P<step>\d+)/(?P<steps>\d+)  loss (?P<loss>\d+\.\d{3})  "
    r"mlm (?P<mlm>\d+\.\d) %  (nlm (?P<nlm>\d+\.\d) %  )?"
    r"(?P<speed>[\d,]+) tokens/s  (\d+:)?\d+:\d\d left"
)


def last_progress(outcome):
    *_, line, saved = outcome.stdout.splitlines()
    assert saved.startswith("Saved ")
    return re.fullmatch(PROGRESS, line)


def tensorboard_scalars(folder):
    """The last value of each scalar that TensorBoard shows."""
    scalars = {}
    for path in sorted(folder.glob("tensorboard/events.out.tfevents.*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                scalars[value.tag] = (event.step, float(tf.make_ndarray(value.tensor)))
    return scalars


@pytest.mark.parametrize("name", ["charbert", "bert"])
def test_from_text_to_a_preset(commands, pretrained, files, name):
    folder, outcomes = pretrained
    commands.assert_succeeded(outcomes[name])
    assert outcomes[name].stdout.endswith(f"\nSaved {folder}/{name}/preset\n")
    progress = last_progress(outcomes[name])
    assert (progress["step"], progress["steps"]) == ("60", "60")
    assert (progress["nlm"] is None) == (name == "bert")

    scalars = tensorboard_scalars(folder / name)
    assert scalars["loss"][0] == 60
    assert scalars["loss"][1] == pytest.approx(float(progress["loss"]), abs=5e-4)
    assert scalars["tokens_per_second"][1] > 0
    accuracy = 100 * scalars["mlm_accuracy"][1]
    assert accuracy == pytest.approx(float(progress["mlm"]), abs=0.06)
    assert ("nlm_accuracy" in scalars) == (name == "charbert")

    pretrainer = charbert_tf.Pretrainer.from_preset(f"{folder}/{name}/preset")
    backbone = pretrainer.backbone
    kind = {
        "charbert": charbert_tf.CharBertBackbone,
        "bert": charbert_tf.BertEncoder,
    }
    assert type(backbone) is kind[name]
    assert (backbone.num_layers, backbone.hidden_dim) == (1, 16)
    characters = (files / "vocabulary" / "char_vocab.txt").read_text().splitlines()
    expected = characters if name == "charbert" else None
    assert pretrainer.preprocessor.characters == expected
    card = (folder / name / "preset" / "README.md").read_text()
    assert ("\n--interaction=paper\n" in card) == (name == "charbert")


def test_a_plain_berts_text_is_noised_as_a_charberts(pretrained, files):
    """AdvBERT's, and that of what goes on from either without a vocabulary."""
    folder, _ = pretrained
    presets = {name: f"{folder}/{name}/preset" for name in ("charbert", "bert")}
    preprocessors = [
        *(charbert_tf.Pretrainer.from_preset(p).preprocessor for p in presets.values()),
        *(
            InitialPretrainer.from_folder(
                preset, has_characters=False, sequence_length=32
            ).pretrainer.preprocessor
            for preset in presets.values()
        ),
    ]
    lines = (files / "text_1.txt").read_text().splitlines()
    charberts, *plain = (p(lines) for p in preprocessors)
    for features, labels, _ in plain:
        assert "char_ids" not in features
        for name, values in features.items():
            tf.debugging.assert_equal(values, charberts[0][name])
        tf.debugging.assert_equal(labels["mlm_logits"], charberts[1]["mlm_logits"])


@pytest.mark.slow
def test_a_plain_preset_becomes_a_charbert(commands, pretrained, files, tmp_path):
    folder, _ = pretrained
    outcome = commands.fork(
        "pretrain",
        f"--input={files}/text_1.txt",
        f"--init={folder}/bert/preset",
        f"--vocabulary={files}/vocabulary",
        f"--output={tmp_path}/run",
        "--sequence_length=32",
        "--batch_size=8",
        "--warm_start_steps=3",
        "--steps=2",
        # The encoder stays what it was; only what --init does not hold is trained.
        "--learning_rate=0",
    )
    commands.assert_succeeded(outcome)
    warm_start, training, _ = outcome.stdout.splitlines()
    assert re.match(
        r"step 3/3  loss [\d.]+  noised [\d.]+ %  clean [\d.]+ %  ", warm_start
    )
    assert re.fullmatch(PROGRESS, training)["step"] == "2"
    encoder = keras_nlp.models.Backbone.from_preset(f"{folder}/bert/preset")
    charbert = keras_nlp.models.Backbone.from_preset(f"{tmp_path}/run/preset")
    for before, after in zip(encoder.weights, charbert.encoder.weights, strict=True):
        tf.debugging.assert_equal(before.numpy(), after.numpy())


@pytest.mark.slow
def test_a_pretrained_charbert_is_gone_on_with(commands, pretrained, files, tmp_path):
    folder, outcomes = pretrained
    outcome = commands.fork(
        "pretrain",
        f"--input={files}/text_1.txt",
        f"--init={folder}/charbert/preset",
        f"--output={tmp_path}/run",
        "--sequence_length=32",
        "--batch_size=8",
        "--steps=2",
        "--seed=1",
        "--precision=mixed_float16",
    )
    commands.assert_succeeded(outcome)
    # Its vocabularies and its heads are there: new ones begin at more than 7.
    before, after = last_progress(outcomes["charbert"]), last_progress(outcome)
    assert float(after["loss"]) < float(before["loss"])


@pytest.mark.slow
def test_a_card_tells_the_form_that_init_has(commands, pretrained, files, tmp_path):
    folder, _ = pretrained
    before = charbert_tf.Pretrainer.from_preset(f"{folder}/charbert/preset")
    released = charbert_tf.CharBertBackbone(
        before.backbone.encoder, before.backbone.num_characters, interaction="released"
    )
    charbert_tf.Pretrainer(
        released, len(before.preprocessor.words), before.preprocessor
    ).save_to_preset(str(tmp_path / "released"))
    outcome = commands.fork(
        "pretrain",
        f"--input={files}/text_1.txt",
        f"--init={tmp_path}/released",
        f"--output={tmp_path}/run",
        "--sequence_length=32",
        "--batch_size=8",
        "--steps=1",
    )
    commands.assert_succeeded(outcome)
    card = (tmp_path / "run" / "preset" / "README.md").read_text()
    assert "with the character channel (released interaction)" in card
    assert f"\n--init={tmp_path}/released\n" in card
    # It was not given, and may not be.
    assert "--interaction" not in card


def weights(run):
    return charbert_tf.Pretrainer.from_preset(f"{run}/preset").get_weights()


def wait_for(process, path, pattern):
    """Waits until there is a file or folder of that name; the process must live."""
    while not any(path.glob(pattern)):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.001)


@pytest.mark.slow
def test_what_is_killed_goes_on(commands, pretraining, pretrained, tmp_path):
    output = tmp_path / "run"
    arguments = [*pretraining, "--steps=60", f"--output={output}"]

    # Killed after a checkpoint.
    process = commands.start("pretrain", *arguments, "--checkpoint_seconds=0")
    wait_for(process, output, "checkpoints/step-4")
    process.kill()
    assert commands.finish(process).returncode == -signal.SIGKILL
    assert not (output / "preset").exists()

    # Asked to stop, which it does after a checkpoint.
    process = commands.start("pretrain", *arguments, "--checkpoint_seconds=0")
    wait_for(process, output, "checkpoints/step-12")
    process.terminate()
    stopped = commands.finish(process)
    assert stopped.returncode == 128 + signal.SIGTERM
    assert commands.without_notices(stopped.stderr) == ""
    assert stopped.stdout.startswith("Going on from step ")
    last = re.search(
        r"\nStopped after step (\d+), with a checkpoint: the same command goes on\n$",
        stopped.stdout,
    )[1]
    assert (output / "checkpoints" / f"step-{last}").exists()

    # Killed while it saves the result.
    process = commands.start("pretrain", *arguments)
    wait_for(process, output, ".preset.*.partial")
    process.kill()
    killed = commands.finish(process)
    assert killed.returncode == -signal.SIGKILL
    going_on, progress = killed.stdout.splitlines()
    assert going_on == f"Going on from step {last}"
    assert re.fullmatch(PROGRESS, progress)["step"] == "60"
    assert not (output / "preset").exists()

    # The disk is full when it saves the result.
    full = commands.run("pretrain", *arguments, largest_file=100_000)
    commands.assert_refused(
        full, f"{output}/preset: cannot be written (File too large): check the free"
    )
    assert not (output / "preset").exists()

    # Done, once and for all; it is the model of a run that nothing interrupted.
    finished = commands.fork("pretrain", *arguments)
    commands.assert_succeeded(finished)
    assert finished.stdout == f"Saved {output}/preset\n"
    for weight, uninterrupted in zip(
        weights(output), weights(pretrained[0] / "charbert"), strict=True
    ):
        np.testing.assert_array_equal(weight, uninterrupted)
    left = {"preset", "settings.json", "tensorboard"}
    assert left == {path.name for path in output.iterdir()}
    before = commands.contents(output)
    again = commands.fork("pretrain", *arguments)
    commands.assert_succeeded(again)
    assert again.stdout == f"{output}/preset is finished already.\n"
    other = [*arguments, "--seed=1"]
    message = f"{output}: holds a run of other settings (--seed was 0 and is now 1): "
    commands.assert_refused(commands.fork("pretrain", *other), message)
    assert commands.contents(output) == before


@pytest.mark.slow
def test_a_full_disk_while_it_trains(commands, pretraining, tmp_path):
    output = tmp_path / "run"
    outcome = commands.fork(
        "pretrain",
        *pretraining,
        "--nocharacters",
        "--steps=2",
        f"--output={output}",
        largest_file=20_000,
    )
    path = f"{output}/checkpoints/step-2"
    message = f"{path}: cannot be written (File too large): check the"
    commands.assert_refused(outcome, message)
    assert not (output / "preset").exists()


def test_text_that_cannot_be_read(commands, files, bad_files, tmp_path):
    (tmp_path / "blank").write_text(" \n\t\n\u200b\n", encoding="utf-8")
    for path, message in (bad_files | {tmp_path / "blank": ": no words"}).items():
        arguments = [
            f"--input={files}/text_1.txt,{path}",
            f"--vocabulary={files}/vocabulary",
            f"--output={tmp_path}/run",
        ]
        if message == ": no words":
            arguments[0] = f"--input={path}"
        commands.refuse("pretrain", arguments, f"{path}{message}", tmp_path)


@pytest.fixture
def vocabulary(files, tmp_path):
    """A folder of vocabularies to damage."""
    return shutil.copytree(files / "vocabulary", tmp_path / "vocabulary")


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("vocab.txt", "[MASK]\n", "", ": the vocabulary lacks [MASK]: "),
        ("char_vocab.txt", " \na\n", " \na\na\n", ":3: 'a' is already on line 2: "),
        ("char_vocab.txt", " \n", "", ":1: the vocabulary must begin with ' '"),
        ("word_vocab.txt", "<unk>\n", "", ":16: the vocabulary must end with '<unk>'"),
        ("tokenizer_config.json", "{", "[", ': cannot be read: write {"do_lower_case"'),
    ],
)
def test_vocabularies_that_are_none(
    commands, pretraining, vocabulary, tmp_path, name, old, new, message
):
    replace(vocabulary / name, old, new)
    arguments = [
        *pretraining,
        f"--vocabulary={vocabulary}",
        f"--output={tmp_path}/run",
    ]
    commands.refuse("pretrain", arguments, f"{vocabulary}/{name}{message}", tmp_path)


def test_a_vocabulary_that_is_missing(commands, files, pretraining, tmp_path):
    for arguments, message in (
        ([f"--vocabulary={tmp_path}/no"], f"{tmp_path}/no: no such folder: make one"),
        ([f"--vocabulary={files}"], f"{files}: holds no tokenizer"),
    ):
        arguments = [*pretraining, *arguments, f"--output={tmp_path}/run"]
        commands.refuse("pretrain", arguments, message, tmp_path)


def test_flags_that_init_decides(commands, pretraining, pretrained, tmp_path):
    bert, charbert = (f"{pretrained[0]}/{n}/preset" for n in ("bert", "charbert"))
    common = [*pretraining[1:], "--sequence_length=32", f"--output={tmp_path}/run"]
    for init, flags, message in (
        (bert, ["--hidden_dim=24", "--num_layers=2"], "--num_layers, --hidden_dim: "),
        (charbert, ["--interaction=released"], "--interaction: --init is a CharBERT"),
        (charbert, ["--warm_start_steps=1"], "--warm_start_steps: --init is a CharB"),
    ):
        arguments = [*common, f"--init={init}", *flags]
        commands.refuse("pretrain", arguments, message, tmp_path)


def test_an_output_that_holds_something_else(commands, pretraining, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "settings.json").write_text("{")
    (tmp_path / "file").write_text("a file")
    for name, message in (
        ("mine", ": already holds something that is not a training run: choose"),
        ("file", ": already holds something that is not a training run: choose"),
        ("broken", "/settings.json: cannot be read as JSON ("),
    ):
        output = tmp_path / name
        arguments = [*pretraining, f"--output={output}"]
        commands.refuse("pretrain", arguments, f"{output}{message}", tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--batch_size=0"], "flag --batch_size=0: "),
        (["--steps=0"], "flag --steps=0: "),
        (["--steps=many"], "flag --steps=many: not a whole number"),
        (["--sequence_length=2"], "flag --sequence_length=2: "),
        (["--learning_rate=-1"], "flag --learning_rate=-1: "),
        (["--noise_rate=2"], "flag --noise_rate=2: "),
        (["--new_weights_multiplier=-1"], "flag --new_weights_multiplier=-1: "),
        (["--num_layers=0"], "flag --num_layers=0: "),
        (["--hidden_dim=16", "--num_heads=3"], "flags hidden_dim=16, num_heads=3: "),
        (["--hidden_dim=6", "--num_heads=2"], "flags hidden_dim=6, num_heads=2: "),
        (["--warm_start_steps=-1"], "flag --warm_start_steps=-1: "),
        (["--warm_start_steps=5"], "flags warm_start_steps=5, init=None, "),
        (
            ["--warm_start_steps=5", "--init=bert", "--nocharacters"],
            "flags warm_start_steps=5, init=bert, characters=False: ",
        ),
        (["--seed=-1"], "flag --seed=-1: "),
        (["--checkpoint_seconds=-1"], "flag --checkpoint_seconds=-1: "),
        (["--precision=float8"], "flag --precision=float8: "),
        (["--distribution=all"], "flag --distribution=all: "),
        (["--accumulation_steps=0"], "flag --accumulation_steps=0: "),
    ],
)
def test_flags_out_of_range(commands, pretraining, tmp_path, arguments, message):
    arguments = [*pretraining, f"--output={tmp_path}/run", *arguments]
    commands.refuse("pretrain", arguments, message, tmp_path)


def test_a_loss_that_is_not_a_number(commands, pretraining, tmp_path):
    outcome = commands.fork(
        "pretrain",
        *pretraining,
        f"--output={tmp_path}/run",
        "--steps=2",
        "--learning_rate=1e38",
        "--nocharacters",
    )
    path = tmp_path / "run" / "broken_batch_2.npz"
    message = f"{path}: the loss or its gradient is not a number any more at step 2; "
    commands.assert_refused(outcome, message)
    assert np.load(path)["features/token_ids"].shape[0] == 8
    assert not (tmp_path / "run" / "preset").exists()
