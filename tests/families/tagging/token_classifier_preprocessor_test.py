"""Sentences of words with tags: every word has a place, and its tag stands there."""

import random

import pytest
import tensorflow as tf

import charbert_tf

LENGTH = 16


@pytest.fixture(scope="module")
def preprocess(tokenizer, characters):
    return charbert_tf.TokenClassifierPreprocessor(
        tokenizer, characters, sequence_length=LENGTH
    )


@pytest.fixture(scope="module")
def sentences():
    """Words of 1 to 6 capitals, each a subword, and tags; some have no subword."""
    rng = random.Random(1)
    rows = []
    for _ in range(200):
        words = [
            "\u200b" if rng.random() < 0.05 else "A" * rng.randint(1, 6)
            for _ in range(rng.randint(0, 12))
        ]
        rows.append((words, [rng.randint(1, 9) for _ in words]))
    return rows


def first_positions(words):
    """Where each word's first subword is, or -1 if it was cut off."""
    positions, position = [], 1
    for word in words:
        positions.append(position if position < LENGTH - 1 else -1)
        position += len(word)
    return positions


def test_tags_stand_at_the_first_subwords(preprocess, sentences):
    words = tf.ragged.constant([words for words, _ in sentences], tf.string, 1)
    tags = tf.ragged.constant([tags for _, tags in sentences], tf.int32, 1)
    features, tag_ids, weights = preprocess(words, tags)
    positions = preprocess.word_positions(words).to_list()
    for row, (row_words, row_tags) in enumerate(sentences):
        expected = first_positions(row_words)
        assert positions[row] == expected
        tag_at = dict(zip(expected, row_tags, strict=True))
        tag_at.pop(-1, None)
        places = range(tag_ids.shape[1])
        assert tag_ids[row].numpy().tolist() == [tag_at.get(at, 0) for at in places]
        assert weights[row].numpy().tolist() == [float(at in tag_at) for at in places]
    assert tag_ids.shape == features["token_ids"].shape
    assert any(-1 in row for row in positions)


def test_a_word_without_subwords_is_unknown(preprocess, word_pieces, characters):
    features = preprocess(tf.constant([["fine", "\u200b", "film"]]))
    tokens = ["[CLS]", "fine", "[UNK]", "film", "[SEP]"]
    assert features["token_ids"][0].numpy().tolist() == [
        word_pieces.index(token) for token in tokens
    ]
    start = int(features["char_starts"][0, 2])
    assert features["char_ids"][0, start].numpy() == len(characters) - 1
    assert features["char_ends"][0, 2] == start


def test_a_weight_for_each_sentence(preprocess):
    words = tf.constant([["fine", "film"], ["dull", "film"]])
    tags = tf.constant([[1, 2], [3, 4]])
    _, _, plain = preprocess(words, tags)
    _, _, weighted = preprocess(words, tags, tf.constant([0.5, 3.0]))
    assert weighted.numpy().tolist() == (plain.numpy() * [[0.5], [3.0]]).tolist()


def test_words_as_lists_as_dense_and_as_ragged_tensors(preprocess):
    words = [["fine", "film"], ["dull", "film"]]
    expected = preprocess(tf.ragged.constant(words))["char_ids"].numpy().tolist()
    for same in (words, tf.constant(words)):
        assert preprocess(same)["char_ids"].numpy().tolist() == expected


@pytest.mark.parametrize("kind", ["bert", "roberta", "xlm_roberta"])
@pytest.mark.sampled(3)
def test_parts_are_their_words_tokenized_alone(tokenizers, characters, kind):
    choose = random.Random(0)
    words = [
        "The",
        "naïve",
        "语",
        "😀é",
        "A" * 40,
        "\u200b",
        "ﬁne",
        "\u00ad",
        "e\u0301",
    ]
    sentences = tf.ragged.constant(
        [choose.choices(words, k=choose.choice([0, 1, 3, 30])) for _ in range(12)],
        tf.string,
        ragged_rank=1,
    )
    preprocess = charbert_tf.TokenClassifierPreprocessor(
        tokenizers[kind], characters, sequence_length=LENGTH
    )
    tokenize = tf.function(preprocess.tokenize, reduce_retracing=True)
    tokenized = tokenize(sentences)
    windows = preprocess.windows(tokenized)
    parts = preprocess.parts(tokenized, windows)
    again = [
        [sentence[word] for word in window]
        for sentence, some in zip(sentences.to_list(), windows.to_list(), strict=True)
        for window in some
    ]
    again = tf.ragged.constant(again, tf.string, ragged_rank=1)
    assert again.nrows() > 2 * sentences.nrows()
    alone = tokenize(again)
    for one, other in zip(parts, alone, strict=True):
        assert one.to_list() == other.to_list()
    features, positions = preprocess.features_and_positions(parts)
    expected, places = preprocess.features_and_positions(alone)
    assert positions.to_list() == places.to_list()
    assert min(positions.values.numpy()) == 1
    for name, values in expected.items():
        assert values.numpy().tolist() == features[name].numpy().tolist()
