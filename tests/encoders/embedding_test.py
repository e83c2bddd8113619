"""The look-up, and its gradient, which is a sum of many terms."""

import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.encoders.embedding import Embedding, ReversibleEmbedding


def make(cls, dtype):
    layer = cls(3, 4, dtype=dtype)
    layer.build()
    layer.embeddings.assign(np.random.default_rng(0).normal(size=(3, 4)))
    return layer


def test_outputs_are_those_of_keras_nlp():
    ids, vectors = tf.constant([[0, 2, 2]]), tf.ones([1, 2, 4])
    for dtype in ("float32", "mixed_bfloat16"):
        ours = make(ReversibleEmbedding, dtype)
        theirs = make(keras_nlp.layers.ReversibleEmbedding, dtype)
        for inputs, reverse in ((ids, False), (vectors, True)):
            actual = ours(inputs, reverse=reverse)
            expected = theirs(inputs, reverse=reverse)
            assert actual.dtype == expected.dtype
            np.testing.assert_array_equal(
                tf.cast(actual, tf.float32), tf.cast(expected, tf.float32)
            )


@pytest.mark.parametrize("cls", [Embedding, ReversibleEmbedding])
def test_a_gradient_of_many_terms(cls):
    """In bfloat16 a sum of ones ends at 256."""
    layer = make(cls, "mixed_bfloat16")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.cast(layer(tf.ones([50, 100], tf.int32)), tf.float32))
    gradient = tf.convert_to_tensor(tape.gradient(loss, layer.embeddings.value))
    np.testing.assert_allclose(gradient, [[0] * 4, [5000] * 4, [0] * 4], rtol=0.01)
