"""The words of NLTK, found in the graph; against what NLTK itself gives.

nltk_words.json holds sentences and their words by `NLTKWordTokenizer` of NLTK 3.5, of
the time when the authors counted words.
"""

import json
import pathlib

import pytest
import tensorflow as tf

from charbert_tf.text.treebank_word_splitter import TreebankWordSplitter
from charbert_tf.vocabularies.counted_vocabularies import read_word_vocabulary

ABBREVIATIONS = [
    *("mr.", "dr.", "st.", "fig.", "u.s.", "u.s.a.", "a.b.c.", "p.m.", "sept."),
    "ph.d.",
]
# Where words stand in a text: apart, joined to a word, in quotes, at an end.
CONTEXTS = ["the {} of", "{}", "I do{} go", "at {}, or", "the{} man", '{} said"']


@pytest.fixture(scope="module")
def split():
    return tf.function(
        TreebankWordSplitter(ABBREVIATIONS), [tf.TensorSpec([None], tf.string)]
    )


def strings(values):
    return [[value.decode() for value in row] for row in values.to_list()]


@pytest.fixture(scope="module")
def words_of():
    """Sentences and their words."""
    path = pathlib.Path(__file__).with_name("nltk_words.json")
    return json.loads(path.read_text("utf-8"))


def test_the_words_are_nltks(split, words_of):
    found = strings(split(list(words_of)).entries)
    assert dict(zip(words_of, found, strict=True)) == words_of


def test_a_period_ends_a_sentence_or_abbreviates(split):
    (words,) = strings(split(["Mr. A left. No U.S. spy (u.s.a.) saw. He. Did!"]).words)
    assert " ".join(words) == "Mr. A left . No U.S. spy ( u.s.a. ) saw . He . Did !"


def test_the_places_are_those_of_the_words(split, words_of):
    texts = [*words_of, "", " ", "a\x00b \x01c\x02", "naïve 語語 “é”", b"na\xefve"]
    words = split(texts)
    rows = (values.to_list() for values in (words.words, words.starts, words.ends))
    for text, row, starts, ends in zip(texts, *rows, strict=True):
        content = text if isinstance(text, bytes) else text.encode()
        content = content.decode(errors="replace").encode()
        assert row == [content[i:j] for i, j in zip(starts, ends, strict=True)]
        assert starts == sorted(starts)
        between = content
        for word in row:
            before, _, between = between.partition(word)
            assert not before.strip(b"\0\1\2 \t")
        assert not between.strip(b"\0\1\2 \t")


def test_the_released_vocabulary_can_be_reached(shared):
    vocabulary = read_word_vocabulary(shared / "data" / "released_vocab" / "term_vocab")
    words = vocabulary[:-1]
    missing = set(words)
    splitter = TreebankWordSplitter(vocabulary)
    for context in CONTEXTS:
        entries = splitter([context.format(word) for word in words]).entries
        for word, found in zip(words, strings(entries), strict=True):
            if word in [entry.lower() for entry in found]:
                missing.discard(word)
    assert len(missing) <= 0.005 * len(words)
