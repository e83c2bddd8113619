"""TokenClassifier: its head against the formula, on CharBERT and on a plain BERT."""

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf

WORDS = tf.ragged.constant([["The", "fine", "film"], ["dull"], ["It", "was", "not"]])


@pytest.mark.parametrize("has_characters", [True, False], ids=["CharBERT", "BERT"])
def test_both_channels_of_every_token(
    make_encoder, tokenizer, characters, has_characters
):
    backbone = make_encoder()
    if has_characters:
        backbone = charbert_tf.CharBertBackbone(backbone, len(characters), 8)
    features = charbert_tf.TokenClassifierPreprocessor(
        tokenizer, characters if has_characters else None
    )(WORDS)
    tagger = charbert_tf.TokenClassifier(backbone, 5)
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.3, w.shape) for w in tagger.get_weights()]
    tagger.set_weights(weights)
    kernel, bias = weights[-2:]
    outputs = backbone(features)
    names = ["sequence_output", *["char_sequence_output"] * has_characters]
    read = np.concatenate([outputs[name] for name in names], axis=-1)
    logits = tagger(features)
    assert logits.shape == (*features["token_ids"].shape, 5)
    assert logits.dtype == "float32"
    np.testing.assert_allclose(logits, read @ kernel + bias, atol=1e-5)
