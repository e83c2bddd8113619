"""TextClassifier: its head against the formula, on CharBERT and on a plain BERT."""

import numpy as np
import pytest

import charbert_tf

TEXTS = ["The fine film.", "dull", "It was not a dull film"]


@pytest.fixture(scope="module")
def features(tokenizer, characters):
    return charbert_tf.TextClassifierPreprocessor(tokenizer, characters)(TEXTS)


def make_classifier(backbone, **arguments):
    classifier = charbert_tf.TextClassifier(backbone, 5, **arguments)
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.3, w.shape) for w in classifier.get_weights()]
    classifier.set_weights(weights)
    return classifier, *weights[-2:]


@pytest.mark.parametrize("mask_padding", [True, False])
def test_the_mean_of_both_channels(make_encoder, characters, features, mask_padding):
    backbone = charbert_tf.CharBertBackbone(
        make_encoder(), len(characters), 8, mask_padding=mask_padding
    )
    classifier, kernel, bias = make_classifier(backbone)
    outputs = backbone(features)
    both = np.concatenate(
        [outputs["sequence_output"], outputs["char_sequence_output"]], axis=-1
    )
    weight = features["padding_mask"].numpy()[:, :, None] if mask_padding else 1
    weight = np.broadcast_to(weight, both.shape)
    expected = (both * weight).sum(1) / weight.sum(1) @ kernel + bias
    logits = classifier(features)
    assert logits.shape == (3, 5)
    assert logits.dtype == "float32"
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_the_pooled_first_position_of_a_plain_encoder(make_encoder, features):
    encoder = make_encoder()
    classifier, kernel, bias = make_classifier(encoder)
    names = ("token_ids", "segment_ids", "padding_mask")
    inputs = {name: features[name] for name in names}
    expected = encoder(inputs)["pooled_output"].numpy() @ kernel + bias
    np.testing.assert_allclose(classifier(inputs), expected, atol=1e-5)


def test_an_encoder_without_a_pooler_gets_a_new_one(features):
    encoder = charbert_tf.RobertaEncoder(200, 1, 2, 16, 32, has_pooler=False)
    classifier, kernel, bias = make_classifier(encoder)
    inputs = {name: features[name] for name in ("token_ids", "padding_mask")}
    first = encoder(inputs)["sequence_output"].numpy()[:, 0]
    pooler_kernel, pooler_bias = classifier.pooled_dense.get_weights()
    pooled = np.tanh(first @ pooler_kernel + pooler_bias)
    np.testing.assert_allclose(classifier(inputs), pooled @ kernel + bias, atol=1e-5)


def test_dropout_in_training_only(make_encoder, characters, features):
    backbone = charbert_tf.CharBertBackbone(
        make_encoder(dropout=0.0), len(characters), 8
    )
    classifier, *_ = make_classifier(backbone, dropout=0.5)
    first, second = (classifier(features, training=False).numpy() for _ in range(2))
    np.testing.assert_array_equal(first, second)
    first, second = (classifier(features, training=True).numpy() for _ in range(2))
    assert np.abs(first - second).max() > 0.01
