"""Every head in every precision, from a preset that was saved in every precision."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf

PRECISIONS = ["float32", "mixed_bfloat16", "mixed_float16", "bfloat16"]
HEADS = {
    charbert_tf.Pretrainer: {},
    charbert_tf.TextClassifier: {"num_classes": 2},
    charbert_tf.TokenClassifier: {"num_classes": 3},
    charbert_tf.QuestionAnswerer: {},
    charbert_tf.SentenceEmbedder: {},
}


@pytest.fixture(scope="module", params=PRECISIONS)
def preset(request, make_encoder, tokenizer, characters, words, tmp_path_factory):
    encoder = make_encoder(dtype=request.param)
    backbone = charbert_tf.CharBertBackbone(encoder, len(characters), 8)
    preprocessor = charbert_tf.PretrainerPreprocessor(
        tokenizer, characters, words, sequence_length=48
    )
    folder = tmp_path_factory.mktemp(request.param)
    charbert_tf.Pretrainer(backbone, len(words), preprocessor).save_to_preset(folder)
    return str(folder)


@pytest.mark.parametrize("cls", HEADS, ids=lambda cls: cls.__name__)
@pytest.mark.sampled(15)
def test_a_head_of_every_precision(preset, cls):
    """Computed as it stands, in eager mode and in a graph, one beside the others."""
    expected = None
    for precision in PRECISIONS:
        keras.utils.set_random_seed(0)
        head = cls.from_preset(preset, dtype=precision, **HEADS[cls])
        policy = keras.DTypePolicy(precision)
        assert head.backbone.compute_dtype == policy.compute_dtype
        assert head.backbone.encoder.compute_dtype == policy.compute_dtype
        dtypes = {weight.dtype for weight in head.backbone.trainable_variables}
        assert dtypes == {policy.variable_dtype}
        features = _features(head)
        for call in (head, tf.function(head, autograph=False)):
            logits = keras.tree.flatten(call(features, training=False))
            assert {tensor.dtype for tensor in logits} == {tf.float32}
            logits = np.concatenate([np.ravel(tensor) for tensor in logits])
            expected = logits if expected is None else expected
            np.testing.assert_allclose(logits, expected, atol=0.1)


def _features(head):
    texts = ["the fine film", "not in Rome"]
    if isinstance(head, charbert_tf.TokenClassifier):
        return head.preprocessor(tf.ragged.constant([text.split() for text in texts]))
    if isinstance(head, charbert_tf.QuestionAnswerer):
        return head.preprocessor((["is it?"] * 2, texts))
    features = head.preprocessor(texts)
    return features[0] if isinstance(head, charbert_tf.Pretrainer) else features
