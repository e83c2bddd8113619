"""What holds for the preprocessors of all tasks."""

import pytest
import tensorflow as tf

import charbert_tf

TEXTS = ["The fine film.", "dull", "", "It was NOT a dull film, in the end!"]
KINDS = ["texts", "pairs", "words", "pretraining"]
LENGTH = 40


@pytest.fixture(scope="module")
def make(tokenizer, characters, words):
    """Makes the preprocessor of a task."""

    def make(kind, **arguments):
        arguments |= {"sequence_length": LENGTH}
        if kind == "words":
            return charbert_tf.TokenClassifierPreprocessor(
                tokenizer, characters, **arguments
            )
        if kind == "pretraining":
            return charbert_tf.PretrainerPreprocessor(
                tokenizer, characters, words, 0.5, mask_rate=0.3, **arguments
            )
        return charbert_tf.TextClassifierPreprocessor(
            tokenizer, characters, **arguments
        )

    return make


def inputs(kind):
    """What the preprocessor of a task is called with."""
    texts = tf.constant(TEXTS)
    words = [text.split() for text in TEXTS]
    tags = [list(range(len(row))) for row in words]
    return {
        "texts": (texts, tf.constant([0, 1, 2, 3])),
        "pairs": ((texts, texts[::-1]), tf.constant([0, 1, 2, 3])),
        "words": (tf.ragged.constant(words), tf.ragged.constant(tags, tf.int32)),
        "pretraining": (texts,),
    }[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_fixed_and_the_batchs_own_shapes_hold_the_same(make, kind):
    own = make(kind)(*inputs(kind))
    fixed = make(kind, static_shapes=True)(*inputs(kind))
    assert own[0]["token_ids"].shape[1] < LENGTH == fixed[0]["token_ids"].shape[1]
    assert own[0]["char_ids"].shape[1] < 6 * LENGTH == fixed[0]["char_ids"].shape[1]
    # The one value that tells the width: where the tokens of the padding are.
    for features in (own[0], fixed[0]):
        last_character = features["char_ids"].shape[1] - 1
        is_real = features["padding_mask"] == 1
        for name in ("char_starts", "char_ends"):
            assert tf.reduce_all(is_real | (features[name] == last_character))
            features[name] = tf.where(is_real, features[name], 0)
    for a, b in zip(tf.nest.flatten(own), tf.nest.flatten(fixed), strict=True):
        assert a.dtype == b.dtype
        if a.shape.rank > 1:
            b, padding = tf.split(b, [a.shape[1], b.shape[1] - a.shape[1]], axis=1)
            assert tf.math.count_nonzero(padding) == 0
        assert tf.reduce_all(a == b)


def test_more_characters_than_the_fixed_width(make):
    words = [["fine", *["Ж" * 60] * 5, "film"]]
    own, fixed = (make("words", static_shapes=is_fixed)(words) for is_fixed in (0, 1))
    width = 6 * LENGTH
    assert own["char_ids"].shape[1] > width == fixed["char_ids"].shape[1]
    assert tf.reduce_all(fixed["char_ids"] == own["char_ids"][:, :width])
    for name in ("char_starts", "char_ends"):
        tokens = own[name].shape[1]
        expected = tf.minimum(own[name], width - 1)
        assert tf.reduce_all(fixed[name][:, :tokens] == expected)


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
