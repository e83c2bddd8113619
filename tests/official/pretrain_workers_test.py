"""Pretraining by two workers: what one computes, and what happens if one is killed."""

import json
import re
import signal
import socket
import time

import numpy as np
import pytest

import charbert_tf

STEPS = 8


@pytest.fixture
def cluster():
    """The addresses of two workers."""
    sockets = [socket.socket() for _ in range(2)]
    for free in sockets:
        free.bind(("localhost", 0))
    addresses = [f"localhost:{free.getsockname()[1]}" for free in sockets]
    for free in sockets:
        free.close()
    return {"worker": addresses}


@pytest.fixture
def arguments(pretraining):
    return [*pretraining, f"--steps={STEPS}", "--checkpoint_seconds=0"]


def wait_for(process, path, pattern):
    """Waits until there is a file or folder of that name; the process must live."""
    while not any(path.glob(pattern)):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.001)


def start_workers(commands, monkeypatch, cluster, arguments, output):
    processes = []
    for number in range(2):
        task = {"type": "worker", "index": number}
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
        processes.append(commands.start("pretrain", *arguments, f"--output={output}"))
    monkeypatch.delenv("TF_CONFIG")
    return processes


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
def test_two_workers(commands, monkeypatch, cluster, arguments, tmp_path):
    """One is killed, both go on; the model is that of one process, dropout and all."""
    one = commands.fork(
        "pretrain", *arguments, "--accumulation_steps=2", f"--output={tmp_path}/one"
    )
    commands.assert_succeeded(one)

    output = tmp_path / "two"
    processes = start_workers(commands, monkeypatch, cluster, arguments, output)
    outcome = killed_worker(commands, processes, output)
    message = "another worker is gone or cannot be reached: start all workers again"
    commands.assert_refused(outcome, message)
    assert not (output / "preset").exists()

    processes = start_workers(commands, monkeypatch, cluster, arguments, output)
    chief, other = map(commands.finish, processes)
    for outcome in (chief, other):
        commands.assert_succeeded(outcome)
    waiting, going_on, *_, saved = chief.stdout.splitlines()
    assert waiting == "Waiting for the 2 workers of TF_CONFIG"
    assert re.fullmatch(r"Going on from step [2-8]", going_on)
    assert saved == f"Saved {output}/preset"
    assert other.stdout == f"{waiting}\n"
    for of_two, of_one in zip(weights(output), weights(tmp_path / "one"), strict=True):
        np.testing.assert_allclose(of_two, of_one, rtol=0, atol=1e-5)
