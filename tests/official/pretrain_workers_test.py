"""Pretraining by two workers: what one computes, and what happens if one is killed."""

import json
import random
import re
import signal

import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.corpus.blocks import Block, encode_block
from charbert_tf.corpus.prepared_corpus import tokenizer_fingerprint
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from tests.worker_processes import WAITING, start_workers, wait_for

STEPS = 8


@pytest.fixture
def arguments(pretraining):
    return [*pretraining, f"--steps={STEPS}", "--checkpoint_seconds=0"]


def weights(run):
    return charbert_tf.Pretrainer.from_preset(f"{run}/preset").get_weights()


def killed_worker(commands, processes, output):
    """Kills the second worker after a checkpoint; returns how the first one ends."""
    wait_for(processes[1], output, "checkpoints/step-2")
    processes[1].send_signal(signal.SIGKILL)
    first, second = map(commands.finish, processes)
    assert second.returncode == -signal.SIGKILL
    return first


@pytest.mark.slow
def test_two_workers(commands, arguments, tmp_path):
    """One is killed, both go on; the model is that of one process, dropout and all."""
    one = commands.fork(
        "pretrain", *arguments, "--accumulation_steps=2", f"--output={tmp_path}/one"
    )
    commands.assert_succeeded(one)

    output = tmp_path / "two"
    processes = start_workers(commands, "pretrain", arguments, output)
    outcome = killed_worker(commands, processes, output)
    message = "another worker is gone or cannot be reached: start all workers again"
    commands.assert_refused(outcome, message)
    assert not (output / "preset").exists()

    processes = start_workers(commands, "pretrain", arguments, output)
    chief, other = map(commands.finish, processes)
    for outcome in (chief, other):
        commands.assert_succeeded(outcome)
    waiting, going_on, *_, saved = chief.stdout.splitlines()
    assert re.fullmatch(WAITING.format(1), waiting)
    assert re.fullmatch(r"Going on from step [2-8]", going_on)
    assert saved == f"Saved {output}/preset"
    assert re.fullmatch(WAITING.format(0), other.stdout.removesuffix("\n"))
    for of_two, of_one in zip(weights(output), weights(tmp_path / "one"), strict=True):
        np.testing.assert_allclose(of_two, of_one, rtol=0, atol=1e-5)


@pytest.fixture
def tokenizer(files):
    return VocabularyFolder(str(files / "vocabulary")).tokenizer()


@pytest.fixture
def prepared(tokenizer, tmp_path):
    """A folder of prepared blocks of 1 to 15 words."""
    rng = random.Random(0)
    blocks = tmp_path / "prepared" / "blocks"
    blocks.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(blocks / "0.tfrecord")) as writer:
        for number in range(40):
            words = rng.choices(["good", "film", "music", "actor"], k=1 + number % 15)
            block = Block(" ".join(words), len(words))
            writer.write(encode_block(block, (0, 0, number)))
    index = {
        "tokenizer": tokenizer_fingerprint(tokenizer),
        "sequence_length": 32,
        "noise_rate": 0.15,
        "shards": {"0.tfrecord": 40},
    }
    (blocks / "index.json").write_text(json.dumps(index))
    return blocks.parent


@pytest.fixture
def preset(tokenizer, tmp_path):
    """An encoder without dropout, whose numbers depend on the padding."""
    folder = str(tmp_path / "encoder")
    encoder = keras_nlp.models.BertBackbone(
        tokenizer.vocabulary_size(), 1, 2, 16, 32, dropout=0.0
    )
    encoder.save_to_preset(folder)
    tokenizer.save_to_preset(folder)
    return folder


@pytest.mark.slow
def test_two_workers_go_on_with_what_one_began(
    commands, files, prepared, preset, tmp_path
):
    """Of prepared text each makes its own rows, of an odd number; one starts alone."""
    arguments = [
        f"--input={prepared}",
        f"--vocabulary={files}/vocabulary",
        f"--init={preset}",
        "--nocharacters",
        "--sequence_length=32",
        "--batch_size=7",
        "--learning_rate=1e-2",
        f"--steps={STEPS}",
        "--checkpoint_seconds=0",
    ]
    output = tmp_path / "two"
    one = commands.start("pretrain", *arguments, f"--output={tmp_path}/one")
    begun = commands.start("pretrain", *arguments, f"--output={output}")
    wait_for(begun, output, "checkpoints/step-2")
    begun.send_signal(signal.SIGKILL)
    assert commands.finish(begun).returncode == -signal.SIGKILL

    processes = start_workers(commands, "pretrain", arguments, output)
    for outcome in map(commands.finish, [one, *processes]):
        commands.assert_succeeded(outcome)
    for of_two, of_one in zip(weights(output), weights(tmp_path / "one"), strict=True):
        np.testing.assert_allclose(of_two, of_one, rtol=0, atol=1e-5)
