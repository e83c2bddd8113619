"""The character encoder on a GPU, with cuDNN's operation imitated by Keras's GRU."""

import functools
import unittest.mock

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.graphs.local_graph import local_graph
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW, WarmupLinearDecay
from charbert_tf.training.trainer import Trainer

HIDDEN_DIM, FEATURES, CHARACTERS = 16, 6, 40
UNITS = HIDDEN_DIM // 4


def imitation(
    layers, input, params, sequence_lengths, rnn_mode, direction, time_major, **others
):
    """What cuDNN's documentation says of a bidirectional GRU and of its weights.

    All matrices come first, of the forward and then of the backward direction, those
    of the inputs before the recurrent ones, each for the gates reset, update and new,
    and each row the weights of a unit; the biases in the same order. The backward
    direction begins at the last step of each sequence.
    """
    assert (rnn_mode, direction, time_major) == ("gru", "bidirectional", True)
    assert {tensor.dtype for tensor in (input, params)} == {tf.float32}
    assert set(others) == {"input_h", "input_c", "is_training"}
    sizes = []
    for _ in range(2):
        sizes += 3 * [UNITS * FEATURES] + 3 * [UNITS * UNITS]
    sizes += 12 * [UNITS]
    parts = tf.split(params, sizes)
    mask = tf.sequence_mask(sequence_lengths, tf.shape(input)[0])
    states = []
    for index, layer in enumerate(layers):
        matrices = [
            tf.transpose(tf.reshape(part, [UNITS, -1]))
            for part in parts[6 * index : 6 * index + 6]
        ]
        biases = parts[12 + 6 * index :][:6]
        weights = [
            tf.concat([update, reset, new], -1)
            for values in (matrices, biases)
            for reset, update, new in (values[:3], values[3:])
        ]
        kernel, recurrent_kernel, *bias = weights
        values = zip(
            layer.trainable_variables,
            [kernel, recurrent_kernel, tf.stack(bias)],
            strict=True,
        )
        with keras.StatelessScope(state_mapping=list(values)):
            output = layer(tf.transpose(input, [1, 0, 2]), mask=mask)
        output = tf.reverse(output, [1]) if layer.go_backwards else output
        states.append(tf.where(mask[:, :, None], output, 0.0))
    return tf.transpose(tf.concat(states, -1), [1, 0, 2]), None, None, None, None


def seem_to_have_a_gpu(patch):
    """Makes the layers believe that cuDNN is there; tells how often they called it."""
    layers = [
        keras.layers.GRU(
            UNITS, return_sequences=True, go_backwards=is_backward, use_cudnn=False
        )
        for is_backward in (False, True)
    ]
    for layer in layers:
        layer.build((None, None, FEATURES))
    gpu = tf.config.LogicalDevice("/device:GPU:0", "GPU")
    cudnn = unittest.mock.Mock(side_effect=functools.partial(imitation, layers))
    patch.setattr(tf.config, "list_logical_devices", lambda *_: [gpu])
    patch.setattr(tf.raw_ops, "CudnnRNNV3", cudnn)
    return cudnn


@pytest.fixture
def on_gpu(monkeypatch):
    seem_to_have_a_gpu(monkeypatch)


@pytest.mark.parametrize("mask_padding", [True, False])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float32", 1e-5), ("mixed_bfloat16", 0.02)]
)
def test_states_and_gradients_are_those_without_a_gpu(
    on_gpu, mask_padding, dtype, tolerance
):
    layer = charbert_tf.CharEncoder(
        CHARACTERS, HIDDEN_DIM, FEATURES, mask_padding, dtype=dtype
    )
    rng = np.random.default_rng(0)
    # Rows of 3, 2 and 1 words of four characters, and a separator after each.
    starts = 5 * np.arange(3) * np.ones((3, 1), int)
    features = {
        "char_ids": rng.integers(1, CHARACTERS, (3, 15)),
        "char_starts": starts,
        "char_ends": starts + 3,
        "padding_mask": np.tril(np.ones((3, 3), int))[::-1],
    }
    features = {name: tf.constant(value, "int32") for name, value in features.items()}
    layer(**features)
    layer.set_weights([rng.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    seen = tf.cast(features["padding_mask"], tf.float32)[:, :, None]

    def vectors_and_gradients():
        with tf.GradientTape() as tape:
            vectors = layer(**features)
            assert vectors.dtype == layer.compute_dtype
            vectors = seen * tf.cast(vectors, tf.float32)
            loss = tf.reduce_sum(tf.square(vectors) * tf.range(1.0, HIDDEN_DIM + 1))
        weights = [weight.value for weight in layer.trainable_variables]
        return [vectors, *map(tf.convert_to_tensor, tape.gradient(loss, weights))]

    expected = vectors_and_gradients()
    with local_graph():
        actual = vectors_and_gradients()
    for one, other in zip(actual, expected, strict=True):
        assert np.abs(one).max() > 0.01
        scale = np.abs(other).max()
        np.testing.assert_allclose(one / scale, other / scale, atol=tolerance)


def test_a_run_begun_on_a_gpu_goes_on_on_a_cpu(
    monkeypatch, make_encoder, tokenizer, characters, tmp_path
):
    """Weights, moments and step of a checkpoint are of no device."""
    steps = 4

    def train(seed, until, directory=None):
        keras.utils.set_random_seed(seed)
        preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer, characters)
        backbone = charbert_tf.CharBertBackbone(
            make_encoder(), len(characters), FEATURES
        )
        classifier = charbert_tf.TextClassifier(backbone, 2, preprocessor)
        batches = tf.data.Dataset.from_tensors(
            (preprocessor(["the fine film", "dull"]), tf.constant([0, 1]))
        ).repeat(steps)
        optimizer = GroupedAdamW(WarmupLinearDecay(0.01, steps, 1))
        trainer = Trainer(CrossEntropy(classifier), optimizer, directory=directory)
        trainer.train(batches, total_steps=until)
        return classifier.get_weights()

    expected = train(seed=1, until=steps)
    with monkeypatch.context() as patch:
        cudnn = seem_to_have_a_gpu(patch)
        half = train(1, steps // 2, str(tmp_path))
        assert cudnn.call_count
    # The second process draws other weights at first.
    resumed = train(2, steps, str(tmp_path))
    for one, other in zip(resumed, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert any(
        np.abs(one - other).max() > 5e-3
        for one, other in zip(half, resumed, strict=True)
    )
