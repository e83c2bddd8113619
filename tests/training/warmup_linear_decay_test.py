"""The learning rate of each step, written out."""

import keras
import numpy as np
import pytest

from charbert_tf.training.optimizer import WarmupLinearDecay


@pytest.mark.parametrize(
    ("total_steps", "warmup_steps", "expected"),
    [
        (10, 4, [0.25, 0.5, 0.75, 1, 6 / 7, 5 / 7, 4 / 7, 3 / 7, 2 / 7, 1 / 7, 0, 0]),
        (4, 0, [0.8, 0.6, 0.4, 0.2, 0, 0]),
        (3, 3, [1 / 3, 2 / 3, 1, 0, 0]),
    ],
)
def test_rises_to_the_peak_then_falls_to_zero(total_steps, warmup_steps, expected):
    schedule = WarmupLinearDecay(2e-3, total_steps, warmup_steps)
    again = WarmupLinearDecay.from_config(schedule.get_config())
    for step, share in enumerate(expected):
        assert float(schedule(step)) == pytest.approx(2e-3 * share, abs=1e-9)
        assert float(again(step)) == float(schedule(step))


def test_an_optimizer_follows_it():
    variable = keras.Variable(np.zeros(()))
    optimizer = keras.optimizers.SGD(WarmupLinearDecay(1.0, 4, 2))
    values = []
    for _ in range(5):
        optimizer.apply([np.ones((), "float32")], [variable])
        values.append(float(variable))
    np.testing.assert_allclose(-np.diff([0, *values]), [1 / 2, 1, 2 / 3, 1 / 3, 0])
