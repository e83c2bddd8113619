"""The loss's factor halves at an overflow, and doubles after 2,000 steps without."""

import tensorflow as tf

from charbert_tf.training.training_step import LossScale


def test_it_is_as_large_as_it_may_be():
    loss_scale = LossScale()

    @tf.function
    def after(are_finite, steps):
        for _ in tf.range(steps):
            loss_scale.update(are_finite)
        return loss_scale.value.read_value()

    assert loss_scale.value == 2**15
    assert after(True, 1999) == 2**15
    assert after(False, 1) == 2**14
    assert after(True, 1999) == 2**14
    assert after(True, 1) == 2**15
    assert after(True, 1999) == 2**15
    assert after(True, 2001) == 2**17
    assert after(False, 16) == 2
    assert after(False, 5) == 1
