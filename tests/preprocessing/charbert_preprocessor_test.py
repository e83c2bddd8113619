"""What holds for the preprocessors of all tasks."""

import pytest
import tensorflow as tf

import charbert_tf

TEXTS = ["The fine film.", "dull", "", "It was NOT a dull film, in the end!"]
LENGTH = 40


def word_rows():
    words = [text.split() for text in TEXTS]
    tags = [list(range(len(row))) for row in words]
    return tf.ragged.constant(words), tf.ragged.constant(tags, tf.int32)


@pytest.fixture(scope="module")
def makers(tokenizer, characters, words):
    """Makes the preprocessor of each task."""
    return {
        "texts": charbert_tf.TextClassifierPreprocessor,
        "pairs": charbert_tf.TextClassifierPreprocessor,
        "words": charbert_tf.TokenClassifierPreprocessor,
        "pretraining": lambda tokenizer, characters, **kwargs: (
            charbert_tf.PretrainerPreprocessor(
                tokenizer, characters, words, noise_rate=0.5, mask_rate=0.3, **kwargs
            )
        ),
    }


@pytest.fixture(scope="module")
def make(makers, tokenizer, characters):
    def make(kind, **kwargs):
        return makers[kind](tokenizer, characters, sequence_length=LENGTH, **kwargs)

    return make


def inputs(kind):
    texts = tf.constant(TEXTS)
    return {
        "texts": (texts, tf.constant([0, 1, 2, 3])),
        "pairs": ((texts, texts[::-1]), tf.constant([0, 1, 2, 3])),
        "words": word_rows(),
        "pretraining": (texts,),
    }[kind]


KINDS = ["texts", "pairs", "words", "pretraining"]


@pytest.mark.parametrize("kind", KINDS)
def test_fixed_and_the_batchs_own_shapes_hold_the_same(make, kind):
    own = make(kind)(*inputs(kind))
    fixed = make(kind, static_shapes=True)(*inputs(kind))
    features, padded = own[0], fixed[0]
    last, fixed_last = (f["char_ids"].shape[1] - 1 for f in (features, padded))
    assert fixed_last == 6 * LENGTH - 1
    assert features["token_ids"].shape[1] < LENGTH == padded["token_ids"].shape[1]
    real = padded["padding_mask"] == 1
    for name in ("char_starts", "char_ends"):
        expected = tf.where(features["padding_mask"] == 1, features[name], fixed_last)
        width = expected.shape[1]
        assert tf.reduce_all(padded[name][:, :width] == expected)
        assert tf.reduce_all(real | (padded[name] == fixed_last))
        assert tf.reduce_all(features[name] <= last)
    for a, b in zip(tf.nest.flatten(own), tf.nest.flatten(fixed), strict=True):
        assert a.dtype == b.dtype
        is_position_of_characters = any(
            b is padded[name] for name in ("char_starts", "char_ends")
        )
        if not is_position_of_characters and a.shape.rank > 1:
            width = a.shape[1]
            assert width <= b.shape[1]
            assert tf.reduce_all(b[:, :width] == a)
            assert not tf.reduce_any(tf.cast(b[:, width:], tf.bool))


def test_more_characters_than_the_fixed_width(make):
    features = make("texts", static_shapes=True)(["W" * 300 + " fine"])
    width = features["char_ids"].shape[1]
    long_words = make("words", static_shapes=True)([["W" * 99 + "日"] * 20])
    assert long_words["char_ids"].shape == (1, 6 * LENGTH)
    assert int(tf.reduce_max(long_words["char_ends"])) == 6 * LENGTH - 1
    assert width == 6 * LENGTH


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_int32(make, kind):
    features = make(kind)(*inputs(kind))[0]
    assert {value.dtype for value in features.values()} == {tf.int32}


@pytest.mark.parametrize("kind", KINDS)
def test_no_python_runs_in_the_graph(make, kind):
    arguments = inputs(kind)
    specs = tf.nest.map_structure(tf.type_spec_from_value, arguments)
    preprocess = make(kind)
    function = tf.function(lambda *x: preprocess(*x), input_signature=specs)
    graph = function.get_concrete_function().graph.as_graph_def()
    nodes = [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
    ops = {node.op for node in nodes}
    assert "FastWordpieceTokenizeWithOffsets" in ops
    assert not {op for op in ops if "PyFunc" in op}


@pytest.mark.parametrize("kind", KINDS)
def test_a_configuration_gives_the_same_features(make, tokenizer, kind):
    preprocess = make(kind, static_shapes=True)
    config = preprocess.get_config() | {"tokenizer": tokenizer}
    again = type(preprocess).from_config(config)
    expected = tf.nest.flatten(preprocess(*inputs(kind)))
    for a, b in zip(expected, tf.nest.flatten(again(*inputs(kind))), strict=True):
        assert a.shape == b.shape
        assert tf.reduce_all(a == b)
