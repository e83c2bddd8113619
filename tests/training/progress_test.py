"""What is told of the speed: of the steps alone, without compiling and pauses."""

import pytest
import tensorflow as tf

from charbert_tf.training import progress as progress_module
from charbert_tf.training.objective import Term
from charbert_tf.training.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test puts on."""
    now = [0.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    return now


def test_speed_and_time_left(clock, capsys):
    one = tf.constant(1.0)

    def add(step, seconds):
        clock[0] += seconds
        progress.add(step, {"label": Term(one, one, one)}, tf.constant(100.0))

    progress = Progress(seconds=10.0)
    progress.start(0, 8)
    # Compiles, which counts for nothing.
    add(1, 60)
    add(2, 5)
    add(3, 5)
    # The epoch's end, and an evaluation.
    add(4, 5)
    assert progress.finish()["tokens_per_second"] == pytest.approx(20)
    clock[0] += 1000
    progress.go_on()
    add(5, 5)
    add(6, 5)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[-2:] for line in lines] == [
        ["20 tokens/s", "0:25 left"],
        ["20 tokens/s", "0:20 left"],
        ["20 tokens/s", "0:10 left"],
    ]


def test_the_speed_of_the_first_step_is_unknown(clock, capsys):
    one = tf.constant(1.0)
    progress = Progress()
    progress.start(0, 2)
    progress.add(1, {"label": Term(one, one, one)}, one)
    assert "tokens_per_second" not in progress.finish()
    assert capsys.readouterr().out.endswith("  ? tokens/s  ? left\n")
