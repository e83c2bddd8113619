"""Dropout where XLA compiles it: its rate, its scale, its seeds."""

import keras
import numpy as np
import tensorflow as tf

from charbert_tf.encoders.dropout import dropout
from charbert_tf.graphs.local_graph import local_graph

RATE, ROWS, COLUMNS = 0.25, 200, 500


@tf.function(jit_compile=True, autograph=False)
def compiled(layer, inputs):
    with tf.GradientTape() as tape, local_graph(jit_compile=True):
        tape.watch(inputs)
        outputs = dropout(layer, inputs, training=True)
    return outputs, tape.gradient(outputs, inputs)


def test_what_xla_drops():
    inputs = tf.ones([ROWS, COLUMNS])
    layer = keras.layers.Dropout(RATE, seed=1)
    first, gradient = (tensor.numpy() for tensor in compiled(layer, inputs))
    # What is kept is scaled up, and the gradient goes the same way.
    assert set(np.unique(first)) == {0.0, np.float32(1 / (1 - RATE))}
    np.testing.assert_array_equal(gradient, first)
    kept = first > 0
    # Of all elements, of each row and of each column, within five standard errors.
    for share, count in (
        (kept.mean(), kept.size),
        (kept.mean(1), COLUMNS),
        (kept.mean(0), ROWS),
    ):
        error = np.sqrt(RATE * (1 - RATE) / count)
        assert np.abs(share - (1 - RATE)).max() < 5 * error
    # Neighbours, the next draw and another layer's know nothing of each other.
    second = compiled(layer, inputs)[0].numpy() > 0
    other = compiled(keras.layers.Dropout(RATE, seed=2), inputs)[0].numpy() > 0
    pairs = [(kept[:, 1:], kept[:, :-1]), (kept[1:], kept[:-1])]
    for one, another in [*pairs, (kept, second), (kept, other), (second, other)]:
        correlation = np.corrcoef(one.ravel(), another.ravel())[0, 1]
        assert abs(correlation) < 5 / np.sqrt(one.size)
    # The same seed and number of the draw give the same.
    again = compiled(keras.layers.Dropout(RATE, seed=1), inputs)[0]
    np.testing.assert_array_equal(again, first)


def test_without_xla_it_is_keras_own():
    inputs = tf.ones([20, 30])
    ours = dropout(keras.layers.Dropout(RATE, seed=1), inputs, training=True)
    theirs = keras.layers.Dropout(RATE, seed=1)(inputs, training=True)
    np.testing.assert_array_equal(ours, theirs)
    for training in (False, None):
        layer = keras.layers.Dropout(RATE)
        np.testing.assert_array_equal(dropout(layer, inputs, training), inputs)
