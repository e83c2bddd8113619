"""What holds for the preprocessors of all tasks."""

import json

import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.vocabularies.tokenizer_folder import write_tokenizer

TEXTS = ["The fine film.", "dull", "", "It was NOT a dull film, in the end!"]
KINDS = ["texts", "pairs", "words", "questions", "pretraining"]
LENGTH = 64
TOKENIZER_OPS = {
    "bert": {"FastWordpieceTokenizeWithOffsets"},
    "roberta": {"RegexSplitWithOffsets", "LowerBound"},
    "xlm_roberta": {"SentencepieceTokenizeWithOffsetsOp"},
}


@pytest.fixture(scope="module", params=["bert", "roberta", "xlm_roberta"])
def encoder(request):
    """Whose tokenizer it is."""
    return request.param


@pytest.fixture(scope="module")
def make(encoder, tokenizers, characters, words):
    """Makes the preprocessor of a task."""
    tokenizer = tokenizers[encoder]

    def make(kind, **arguments):
        arguments |= {"sequence_length": LENGTH}
        if kind == "questions":
            return charbert_tf.QuestionAnswererPreprocessor(
                tokenizer, characters, **arguments
            )
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
        "questions": (
            (texts, texts[::-1]),
            (tf.zeros(4, tf.int32), tf.ones(4, tf.int32)),
        ),
        "pretraining": (texts,),
    }[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.sampled(3)
def test_fixed_and_the_batchs_own_shapes_hold_the_same(make, kind):
    own = make(kind)(*inputs(kind))
    fixed = make(kind, static_shapes=True)(*inputs(kind))
    assert own[0]["token_ids"].shape[1] < LENGTH == fixed[0]["token_ids"].shape[1]
    assert own[0]["char_ids"].shape[1] < 6 * LENGTH == fixed[0]["char_ids"].shape[1]
    # Where the tokens of the padding are tells the width.
    for features in (own[0], fixed[0]):
        last_character = features["char_ids"].shape[1] - 1
        is_real = features["padding_mask"] == 1
        padding_id = make(kind).subword_tokenizer.padding_token_id
        for name, padding in (
            *(("char_starts", last_character), ("char_ends", last_character)),
            ("token_ids", padding_id),
        ):
            assert tf.reduce_all(is_real | (features[name] == padding))
            features[name] = tf.where(is_real, features[name], 0)
    for a, b in zip(tf.nest.flatten(own), tf.nest.flatten(fixed), strict=True):
        assert a.dtype == b.dtype
        if a.shape.rank > 1:
            b, padding = tf.split(b, [a.shape[1], b.shape[1] - a.shape[1]], axis=1)
            assert tf.math.count_nonzero(padding) == 0
        assert tf.reduce_all(a == b)


def test_more_characters_than_the_fixed_width(tokenizer, characters):
    words = [["fine", *["Ж" * 100] * 5, "film"]]
    own, fixed = (
        charbert_tf.TokenClassifierPreprocessor(
            tokenizer, characters, LENGTH, is_fixed
        )(words)
        for is_fixed in (False, True)
    )
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


@pytest.mark.parametrize("kind", ["words", "questions", "pretraining"])
@pytest.mark.sampled(3)
def test_no_python_runs_in_the_graph(make, encoder, kind):
    arguments = inputs(kind)
    specs = tf.nest.map_structure(tf.type_spec_from_value, arguments)
    preprocess = make(kind)
    function = tf.function(lambda *x: preprocess(*x), input_signature=specs)
    graph = function.get_concrete_function().graph.as_graph_def()
    nodes = [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
    ops = {node.op for node in nodes}
    assert TOKENIZER_OPS[encoder] <= ops
    assert not {op for op in ops if "PyFunc" in op}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.sampled(3)
def test_a_preset_gives_the_same_features(make, encoder, kind, tmp_path):
    preprocess = make(kind, static_shapes=True)
    make_encoder = charbert_tf.BertEncoder
    if encoder != "bert":
        make_encoder = charbert_tf.RobertaEncoder
    make_encoder(
        preprocess.tokenizer.vocabulary_size(),
        num_layers=1,
        num_heads=1,
        hidden_dim=4,
        intermediate_dim=4,
    ).save_to_preset(tmp_path)
    preprocess.save_to_preset(tmp_path)
    again = type(preprocess).from_preset(str(tmp_path))
    assert type(again.tokenizer) is type(preprocess.tokenizer)
    expected = tf.nest.flatten(preprocess(*inputs(kind)))
    for a, b in zip(expected, tf.nest.flatten(again(*inputs(kind))), strict=True):
        assert a.shape == b.shape
        assert tf.reduce_all(a == b)
    # Another task's has the same tokenizer and characters.
    other = charbert_tf.TextClassifierPreprocessor.from_preset(str(tmp_path))
    assert other.characters == preprocess.characters
    assert tf.reduce_all(
        other(TEXTS)["token_ids"]
        == make("texts", static_shapes=True)(TEXTS)["token_ids"]
    )


def test_only_berts_encoder_is_told_of_segments(make, encoder):
    for kind in KINDS:
        features = make(kind)(*inputs(kind))[0]
        assert ("segment_ids" in features) == (encoder == "bert")


def test_a_hugging_face_folder(make, encoder, tmp_path):
    tokenizer = make("texts").tokenizer
    config = {"model_type": encoder.replace("_", "-")}
    (tmp_path / "config.json").write_text(json.dumps(config))
    write_tokenizer(str(tmp_path), tokenizer, LENGTH)
    preprocess = charbert_tf.TextClassifierPreprocessor.from_preset(str(tmp_path))
    expected = charbert_tf.TextClassifierPreprocessor(tokenizer)(TEXTS)
    for name, values in preprocess(TEXTS).items():
        assert tf.reduce_all(values == expected[name])
