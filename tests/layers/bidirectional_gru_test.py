"""The loop of both directions, and the gradient written for it, against Keras's GRU."""

import keras
import numpy as np
import tensorflow as tf

from charbert_tf.layers.bidirectional_gru import bidirectional_gru

STEPS, ROWS, FEATURES, UNITS = 9, 3, 5, 4


def random(*shape, seed):
    return tf.constant(np.random.default_rng(seed).normal(0, 0.7, shape), tf.float32)


def test_states_and_gradients_are_those_of_keras():
    inputs = random(2, ROWS, STEPS, FEATURES, seed=0)
    kernels = random(2, FEATURES, 3 * UNITS, seed=1)
    recurrent_kernels = random(2, UNITS, 3 * UNITS, seed=2)
    biases = random(2, 2, 3 * UNITS, seed=3)
    # What comes from above differs from step to step.
    weights = random(2, ROWS, STEPS, UNITS, seed=4)
    layers = [keras.layers.GRU(UNITS, return_sequences=True) for _ in range(2)]
    for direction, layer in enumerate(layers):
        layer.build((None, None, FEATURES))
        of_direction = (v[direction] for v in (kernels, recurrent_kernels, biases))
        layer.set_weights([value.numpy() for value in of_direction])

    sources = [inputs, kernels, recurrent_kernels, biases]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        projected = tf.einsum("dbcf,dfg->cdbg", inputs, kernels) + biases[:, None, 0]
        states = bidirectional_gru(projected, recurrent_kernels, biases[:, 1])
        states = tf.transpose(states, [1, 2, 0, 3])
        total = tf.reduce_sum(weights * states)
    gradients = tape.gradient(total, sources)

    variables = [[v.value for v in layer.trainable_variables] for layer in layers]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        expected = tf.stack([layer(inputs[i]) for i, layer in enumerate(layers)])
        total = tf.reduce_sum(weights * expected)
    inputs_gradient, of_layers = tape.gradient(total, [inputs, variables])
    expected_gradients = [inputs_gradient, *map(tf.stack, zip(*of_layers, strict=True))]

    np.testing.assert_allclose(states, expected, rtol=0, atol=1e-6)
    for actual, expected_gradient in zip(gradients, expected_gradients, strict=True):
        assert tf.reduce_max(tf.abs(actual)) > 0.1
        np.testing.assert_allclose(actual, expected_gradient, rtol=1e-4, atol=1e-5)
