"""Pretrainer: two language models, and logits where there is a label only."""

import math

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf

NUM_CHARACTERS, NUM_WORDS = 20, 23


@pytest.fixture(scope="module")
def features():
    """A batch of 2 with 7 tokens, two characters each; 3 MLM and 2 NLM positions."""
    rng = np.random.default_rng(0)
    positions = np.arange(7) * 2
    return {
        "token_ids": rng.integers(5, 100, (2, 7)),
        "segment_ids": np.zeros((2, 7), int),
        "padding_mask": np.ones((2, 7), int),
        "char_ids": rng.integers(0, NUM_CHARACTERS, (2, 14)),
        "char_starts": np.tile(positions, (2, 1)),
        "char_ends": np.tile(positions, (2, 1)),
        "mlm_positions": np.array([[1, 4, 6], [2, 0, 0]]),
        "nlm_positions": np.array([[2, 5], [3, 4]]),
    }


@pytest.fixture(scope="module")
def pretrainer(make_encoder):
    backbone = charbert_tf.CharBertBackbone(make_encoder(), NUM_CHARACTERS, 8)
    pretrainer = charbert_tf.Pretrainer(backbone, NUM_WORDS)
    rng = np.random.default_rng(0)
    pretrainer.set_weights(
        [rng.normal(0, 0.3, w.shape) for w in pretrainer.get_weights()]
    )
    return pretrainer


def of_backbone(features):
    return {n: v for n, v in features.items() if not n.endswith("lm_positions")}


def head(states, weights, output_kernel):
    """Dense, GELU, layer norm, and the output layer."""
    dense, dense_bias, gain, shift, output_bias = weights
    x = states @ dense + dense_bias
    x = x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
    centered = x - x.mean(-1, keepdims=True)
    deviation = np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-12)
    return (centered / deviation * gain + shift) @ output_kernel + output_bias


def test_the_heads_formulas(pretrainer, features):
    logits = pretrainer(features)
    outputs = pretrainer.backbone(of_backbone(features))
    table = pretrainer.backbone.token_embedding.embeddings.numpy()
    for name, channel, kernel in (
        ("mlm", "sequence_output", table.T),
        ("nlm", "char_sequence_output", None),
    ):
        layer = getattr(pretrainer, f"{name}_head")
        weights = {
            weight.path.removeprefix(f"{layer.path}/"): weight.numpy()
            for weight in layer.weights
        }
        kernel = weights["output_kernel"] if kernel is None else kernel
        order = (
            "intermediate_dense/kernel",
            "intermediate_dense/bias",
            "intermediate_layer_norm/gamma",
            "intermediate_layer_norm/beta",
            "output_bias",
        )
        states = np.take_along_axis(
            outputs[channel].numpy(), features[f"{name}_positions"][:, :, None], axis=1
        )
        expected = head(states, [weights[key] for key in order], kernel)
        np.testing.assert_allclose(logits[f"{name}_logits"], expected, atol=2e-5)


def test_logits_are_computed_at_the_positions_only(pretrainer, features, word_pieces):
    graph = tf.function(pretrainer).get_concrete_function(features).graph
    shapes = {
        tuple(tensor.shape)
        for operation in graph.get_operations()
        for tensor in operation.outputs
        if tensor.shape.rank is not None
    }
    for positions, size in ((3, len(word_pieces)), (2, NUM_WORDS)):
        assert (2, positions, size) in shapes
        assert not shapes & {(2, 7, size), (14, size)}


def test_the_token_embedding_is_the_output_layer(pretrainer, word_pieces):
    vocabularies = (len(word_pieces), NUM_WORDS)
    matrices = [
        tuple(v.shape)
        for v in pretrainer.trainable_variables
        if len(v.shape) == 2 and set(v.shape) & set(vocabularies)
    ]
    assert sorted(matrices) == [(16, NUM_WORDS), (len(word_pieces), 16)]


def test_num_words_goes_with_characters(make_encoder):
    with pytest.raises(ValueError, match="BertBackbone, num_words=5"):
        charbert_tf.Pretrainer(make_encoder(), num_words=5)
    backbone = charbert_tf.CharBertBackbone(make_encoder(), NUM_CHARACTERS, 8)
    with pytest.raises(ValueError, match="CharBertBackbone, num_words=None"):
        charbert_tf.Pretrainer(backbone)
