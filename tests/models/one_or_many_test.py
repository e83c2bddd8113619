"""Preprocessors take one example or many, and lists, tuples and arrays alike."""

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf

FIRST, SECOND = ["a fine film", "dull", "the end"], ["in", "it was not", "fine"]
WORDS = [["the", "fine", "film"], ["dull"], ["in", "the", "end"]]
SPELLINGS = {
    "tuple": tuple,
    "array": np.array,
    "array of objects": lambda texts: np.array(texts, object),
    "tensor": tf.constant,
}
OF_PAIRS = ["TextClassifier", "QuestionAnswerer", "SentenceEmbedder"]
NAMES = {"QuestionAnswerer": ("question", "context")}


@pytest.fixture(scope="module")
def preprocessors(tokenizer, characters, words):
    def make(head, **arguments):
        cls = getattr(charbert_tf, f"{head}Preprocessor")
        return cls(tokenizer, characters, sequence_length=16, **arguments)

    return {
        **{head: make(head) for head in (*OF_PAIRS, "TokenClassifier")},
        "Pretrainer": make("Pretrainer", words=words, noise_rate=0.5),
    }


def assert_same(actual, expected):
    tf.nest.assert_same_structure(actual, expected)
    for one, other in zip(*map(tf.nest.flatten, (actual, expected)), strict=True):
        np.testing.assert_array_equal(one, other)


def row(features, index):
    return tf.nest.map_structure(lambda values: values[index], features)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("head", OF_PAIRS)
def test_batches_of_pairs(preprocessors, head, spelling):
    preprocess, spell = preprocessors[head], SPELLINGS[spelling]
    expected = preprocess((FIRST, SECOND))
    assert len(expected["token_ids"]) == 3
    assert_same(preprocess((spell(FIRST), spell(SECOND))), expected)
    if spelling != "tensor":
        # Keras wants no tensors beside anything else.
        assert_same(preprocess((FIRST, spell(SECOND))), expected)
    named = dict(
        zip(NAMES.get(head, ("sentence1", "sentence2")), (FIRST, SECOND), strict=True)
    )
    if head != "TextClassifier":
        assert_same(preprocess({k: spell(v) for k, v in named.items()}), expected)


@pytest.mark.parametrize("head", OF_PAIRS)
def test_one_pair(preprocessors, head):
    preprocess = preprocessors[head]
    batch = preprocess((FIRST[:1], SECOND[:1]))
    assert_same(preprocess((FIRST[0], SECOND[0])), row(batch, 0))
    assert_same(preprocess((np.str_(FIRST[0]), b"in")), row(batch, 0))
    if head != "QuestionAnswerer":
        assert_same(preprocess(FIRST[0]), row(preprocess(FIRST[:1]), 0))
        assert_same(preprocess((FIRST[0],)), row(preprocess(FIRST[:1]), 0))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_texts_without_parts(preprocessors, spelling):
    preprocess = preprocessors["Pretrainer"]
    expected = preprocess(FIRST)
    assert len(expected[0]["token_ids"]) == 3
    assert_same(preprocess(SPELLINGS[spelling](FIRST)), expected)
    assert_same(preprocess(FIRST[0]), row(preprocess(FIRST[:1]), 0))


def test_words(preprocessors):
    preprocess = preprocessors["TokenClassifier"]
    tags = [list(range(len(of_text))) for of_text in WORDS]
    expected = preprocess(WORDS, tags)
    of_objects = np.empty(3, object)
    of_objects[:] = WORDS
    for words in (tuple(WORDS), tuple(map(tuple, WORDS)), of_objects):
        assert_same(preprocess(words, tuple(map(tuple, tags))), expected)
    one = row(preprocess(WORDS[:1], tags[:1]), 0)
    for spell in (list, *SPELLINGS.values()):
        assert_same(preprocess(spell(WORDS[0]), tags[0]), one)
    assert_same(preprocess(tuple(WORDS[0]), tuple(tags[0])), one)
