"""The scan, and the gradient written for it, against Keras's GRU."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.models.gru_scan import gru_scan

STEPS, ROWS, FEATURES = 9, 3, 5


def random(*shape, seed):
    return tf.constant(np.random.default_rng(seed).normal(0, 0.7, shape), tf.float32)


@pytest.mark.parametrize("units", [4, 16, 8, 5])
def test_states_and_gradients_are_those_of_keras(units):
    """Of several sizes in one process, which share nothing."""
    inputs = random(ROWS, STEPS, FEATURES, seed=0)
    kernel = random(FEATURES, 3 * units, seed=1)
    recurrent_kernel = random(units, 3 * units, seed=2)
    bias = random(2, 3 * units, seed=3)
    # What comes from above differs from step to step.
    weights = random(ROWS, STEPS, units, seed=4)
    layer = keras.layers.GRU(units, return_sequences=True)
    layer.build((None, None, FEATURES))
    layer.set_weights([value.numpy() for value in (kernel, recurrent_kernel, bias)])

    sources = [inputs, kernel, recurrent_kernel, bias]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        projected = tf.einsum("bcf,fg->cbg", inputs, kernel) + bias[0]
        states = gru_scan(projected, recurrent_kernel, bias[1])
        states = tf.transpose(states, [1, 0, 2])
        total = tf.reduce_sum(weights * states)
    gradients = tape.gradient(total, sources)

    with tf.GradientTape() as tape:
        tape.watch(inputs)
        expected = layer(inputs)
        total = tf.reduce_sum(weights * expected)
    variables = [variable.value for variable in layer.trainable_variables]
    expected_gradients = tape.gradient(total, [inputs, *variables])

    np.testing.assert_allclose(states, expected, rtol=0, atol=1e-6)
    for actual, expected_gradient in zip(gradients, expected_gradients, strict=True):
        assert tf.reduce_max(tf.abs(actual)) > 0.1
        np.testing.assert_allclose(actual, expected_gradient, rtol=1e-4, atol=1e-5)
