import keras
import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.encoders.transformer_encoder import TransformerEncoder

_ARGUMENTS = {"intermediate_dim": 24, "num_heads": 3, "layer_norm_epsilon": 1e-12}


@pytest.fixture(scope="module")
def inputs():
    vectors = np.random.default_rng(0).normal(size=(4, 7, 12)).astype("float32")
    padding_mask = np.arange(7)[None, :] < np.array([[7], [3], [1], [2]])
    return tf.constant(vectors), tf.constant(padding_mask.astype("int32"))


def _layers():
    layers = keras_nlp.layers.TransformerEncoder, TransformerEncoder
    reference, layer = (cls(**_ARGUMENTS) for cls in layers)
    for each in (reference, layer):
        each.build((None, None, 12))
    generator = np.random.default_rng(1)
    weights = [generator.normal(size=w.shape) for w in reference.get_weights()]
    for each in (reference, layer):
        each.set_weights(weights)
    return reference, layer


def test_outputs_and_gradients_are_those_of_keras_nlp(inputs):
    vectors, padding_mask = inputs

    @tf.function
    def outputs_and_gradients(layer):
        with tf.GradientTape() as tape:
            tape.watch(vectors)
            outputs = layer(vectors, padding_mask=padding_mask)
            loss = tf.reduce_sum(tf.sin(outputs))
        weights = [weight.value for weight in layer.trainable_variables]
        return outputs, tape.gradient(loss, [vectors, *weights])

    reference, layer = _layers()
    for expected, actual in zip(
        tf.nest.flatten(outputs_and_gradients(reference)),
        tf.nest.flatten(outputs_and_gradients(layer)),
        strict=True,
    ):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=2e-5)


def test_without_a_mask_all_positions_are_attended_to(inputs):
    vectors, padding_mask = inputs
    _, layer = _layers()
    np.testing.assert_allclose(
        layer(vectors), layer(vectors, padding_mask=tf.ones_like(padding_mask))
    )


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_stays_finite_and_near(inputs, dtype):
    vectors, padding_mask = inputs
    layer = TransformerEncoder(**_ARGUMENTS)
    half = TransformerEncoder(**_ARGUMENTS, dtype=dtype)
    for each in (layer, half):
        each.build((None, None, 12))
    half.set_weights(layer.get_weights())
    outputs = half(vectors, padding_mask=padding_mask)
    assert outputs.dtype == keras.DTypePolicy(dtype).compute_dtype
    np.testing.assert_allclose(
        tf.cast(outputs, tf.float32),
        layer(vectors, padding_mask=padding_mask),
        atol=0.1,
    )
    nothing = half(vectors, padding_mask=tf.zeros_like(padding_mask))
    assert np.isfinite(tf.cast(nothing, tf.float32)).all()


def test_configuration_round_trip(inputs):
    _, layer = _layers()
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer)
    )
    assert type(again) is TransformerEncoder
    again.set_weights(layer.get_weights())
    vectors, padding_mask = inputs
    np.testing.assert_array_equal(
        again(vectors, padding_mask=padding_mask),
        layer(vectors, padding_mask=padding_mask),
    )
