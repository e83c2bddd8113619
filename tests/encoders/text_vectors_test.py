"""Backbones embed texts, as a SentenceEmbedder on them does."""

import keras_hub
import numpy as np
import pytest

import charbert_tf
from tests.families.keras_heads import TEXTS, make_head

HEADS = ["TextClassifier on CharBERT", "TokenClassifier on BERT"]


@pytest.fixture(scope="module", params=HEADS)
def head(request, tokenizer, characters, words):
    return make_head(request.param, tokenizer, characters, words)


@pytest.fixture(scope="module")
def expected(head):
    preprocessor = head.preprocessor
    of_embedder = charbert_tf.SentenceEmbedderPreprocessor(
        preprocessor.tokenizer, preprocessor.characters, preprocessor.sequence_length
    )
    return charbert_tf.SentenceEmbedder(head.backbone, of_embedder).embed(TEXTS)


def assert_same(actual, expected):
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, expected, atol=1e-5)


@pytest.mark.sampled(2)
def test_of_a_head_and_of_a_preset(head, expected, tmp_path):
    width = 16 if "CharBert" in type(head.backbone).__name__ else 8
    assert expected.shape == (4, width)
    assert_same(head.backbone.embed(TEXTS), expected)
    many = (TEXTS[index % 4] for index in range(2100))
    assert_same(head.backbone.embed(many), np.tile(expected, (525, 1)))
    assert head.backbone.embed([]).shape == (0, width)
    with pytest.raises(TypeError, match="also for one: embed"):
        head.backbone.embed(TEXTS[0])
    head.save_to_preset(tmp_path)
    backbone = type(head.backbone).from_preset(str(tmp_path))
    assert_same(backbone.embed(TEXTS), expected)
    # keras-hub's door to all backbones knows of no preprocessor.
    backbone = keras_hub.models.Backbone.from_preset(str(tmp_path))
    with pytest.raises(ValueError, match=r"no preprocessor.*: load it"):
        backbone.embed(TEXTS)
    assert_same(backbone.embed(TEXTS, head.preprocessor), expected)


@pytest.mark.slow
def test_what_was_traced_is_not_kept_too_long(tokenizer, characters, words):
    head = make_head(HEADS[0], tokenizer, characters, words)
    before = head.backbone.embed(TEXTS)
    head.quantize("int8")
    after = head.backbone.embed(TEXTS)
    assert 0 < np.abs(after - before).max() < 0.2
    # Room for the pieces of the second text, not for those of the third.
    head.preprocessor.sequence_length = 8
    cut = head.backbone.embed(TEXTS)
    np.testing.assert_allclose(cut[1], after[1], atol=1e-5)
    assert np.abs(cut[2] - after[2]).max() > 1e-3
