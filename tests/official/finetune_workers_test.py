"""Fine-tuning by two workers: what one makes, stopped in the middle or not."""

import json
import re
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

import charbert_tf
from benchmarks.free_addresses import free_addresses
from tests.families.tfds_data_set_test import make_data_set
from tests.worker_processes import WAITING, start_workers, wait_for

HEADS = {
    "classifier": charbert_tf.TextClassifier,
    "tagger": charbert_tf.TokenClassifier,
}
# The one that is asked to stop, how, and the status of each.
STOPS = {
    "classifier": (1, signal.SIGINT, [143, 130]),
    "tagger": (0, signal.SIGTERM, [143, 143]),
}


def weights(head, run):
    return head.from_preset(f"{run}/preset").get_weights()


@pytest.mark.slow
@pytest.mark.parametrize("name", HEADS)
def test_two_workers(commands, finetuning, name, tmp_path):
    """One is asked to stop, both do; both go on; all is as one process makes it."""
    arguments = [*finetuning[name], "--epochs=2", "--checkpoint_seconds=0"]
    one, two = tmp_path / "one", tmp_path / "two"
    outcome = commands.fork(
        "finetune", *arguments, "--accumulation_steps=2", f"--output={one}"
    )
    commands.assert_succeeded(outcome)

    processes = start_workers(commands, "finetune", arguments, two)
    wait_for(processes[0], two, "checkpoints/step-3")
    who, number, statuses = STOPS[name]
    processes[who].send_signal(number)
    stopped = list(map(commands.finish, processes))
    assert [outcome.returncode for outcome in stopped] == statuses
    for outcome in stopped:
        assert commands.without_notices(outcome.stderr) == ""
    last_lines = {outcome.stdout.splitlines()[-1] for outcome in stopped}
    assert len(last_lines) == 1
    step = re.fullmatch(
        r"Stopped after step (\d+), with a checkpoint: the same command goes on",
        last_lines.pop(),
    )[1]
    assert (two / "checkpoints" / f"step-{step}").exists()

    processes = start_workers(commands, "finetune", arguments, two)
    chief, other = map(commands.finish, processes)
    for outcome in (chief, other):
        commands.assert_succeeded(outcome)
    assert f"\nGoing on from step {step}\n" in chief.stdout
    assert re.fullmatch(WAITING.format(0), other.stdout.removesuffix("\n"))
    assert files_of(two) == files_of(one)
    scores, expected = (
        json.loads((run / "epochs.json").read_text()) for run in (two, one)
    )
    for of_two, of_one in zip(scores, expected, strict=True):
        assert of_two == pytest.approx(of_one)
    for of_two, of_one in zip(
        weights(HEADS[name], two), weights(HEADS[name], one), strict=True
    ):
        np.testing.assert_allclose(of_two, of_one, rtol=0, atol=1e-5)


def files_of(run):
    """The files of a run but TensorBoard's, whose names have the time."""
    paths = {path.relative_to(run) for path in run.rglob("*")}
    return {path for path in paths if path.parent.name != "tensorboard"}


@pytest.mark.slow
def test_the_first_worker_is_killed(commands, finetuning, tmp_path):
    arguments = [*finetuning["classifier"], "--checkpoint_seconds=0"]
    output = tmp_path / "two"
    processes = start_workers(commands, "finetune", arguments, output)
    wait_for(processes[0], output, "checkpoints/step-2")
    processes[0].send_signal(signal.SIGKILL)
    first, second = map(commands.finish, processes)
    assert first.returncode == -signal.SIGKILL
    message = "another worker is gone or cannot be reached: start all workers again"
    commands.assert_refused(second, message)


@pytest.mark.slow
def test_who_waits_for_a_worker_can_be_interrupted(commands, finetuning, tmp_path):
    output = tmp_path / "two"
    first, second = start_workers(
        commands, "finetune", finetuning["classifier"], output
    )
    second.send_signal(signal.SIGKILL)
    commands.finish(second)
    assert re.fullmatch(WAITING.format(1), first.stdout.readline().removesuffix("\n"))
    # Now it does wait.
    time.sleep(2)
    first.send_signal(signal.SIGINT)
    assert commands.finish(first).returncode == -signal.SIGINT
    assert not output.exists()


@pytest.fixture
def alone(monkeypatch):
    """A cluster of one worker."""
    config = {
        "cluster": {"worker": free_addresses(1)},
        "task": {"type": "worker", "index": 0},
    }
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))


@pytest.mark.slow
def test_a_worker_reads_tensorflow_datasets(
    commands, pretrained, alone, monkeypatch, tmp_path
):
    """Which starts TensorFlow."""
    make_data_set("sst2", tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "data"))
    outcome = commands.run(
        "finetune",
        *("--task=sst2", "--data=tfds", "--train=train", "--distribution=multi_worker"),
        f"--init={pretrained[0]}/bert/preset",
        *("--epochs=1", "--batch_size=2", "--sequence_length=32"),
        f"--output={tmp_path}/run",
    )
    commands.assert_succeeded(outcome)
    assert outcome.stdout.endswith(f"Saved {tmp_path}/run/preset\n")


@pytest.mark.slow
def test_who_has_computed_already_joins_no_workers(alone):
    code = (
        "import tensorflow as tf; tf.constant(0); from charbert_tf import training; "
        "training.make_strategy('multi_worker')"
    )
    command = [sys.executable, "-c", code]
    outcome = subprocess.run(command, capture_output=True, text=True)
    error = outcome.stderr.splitlines()[-1]
    assert "TF_CONFIG: cannot be used any more (Collective ops must be" in error
    assert "train in a fresh one" in error


@pytest.mark.slow
def test_a_port_that_is_taken(commands, finetuning, monkeypatch, tmp_path):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        address = f"localhost:{taken.getsockname()[1]}"
        config = {
            "cluster": {"worker": [address, "localhost:1"]},
            "task": {"type": "worker", "index": 0},
        }
        monkeypatch.setenv("TF_CONFIG", json.dumps(config))
        outcome = commands.run(
            "finetune", *finetuning["classifier"], f"--output={tmp_path}/run"
        )
    commands.assert_refused(outcome, "TF_CONFIG: cannot be used (")
    assert outcome.stderr.endswith("): see that this worker's port is free\n")
    assert not (tmp_path / "run").exists()
