"""The typos in the graph against the probability of every typo of the attacks."""

import collections
import math

import pytest
import tensorflow as tf

from charbert_tf.attacks.keyboard import QWERTY_NEIGHBOURS
from charbert_tf.word_recognition.word_recognition import InnerTypos

LETTERS = sorted(QWERTY_NEIGHBOURS)
WORDS_OF_A_ROW = 500


def with_typos(words, rate=1.0, seed=(3, 4), first_id=0):
    rows = [words[i : i + WORDS_OF_A_ROW] for i in range(0, len(words), WORDS_OF_A_ROW)]
    ids = tf.range(first_id, first_id + len(rows))
    result = InnerTypos(rate)(tf.ragged.constant(rows), ids, seed)
    return [word.decode() for word in result.values.numpy()]


def edits_by_kind(word):
    """What each kind of edit makes of a word, with its probability within the kind."""
    inner = range(1, len(word) - 1)
    drops = [word[:i] + word[i + 1 :] for i in inner]
    adds = [word[:i] + c + word[i:] for i in range(1, len(word)) for c in LETTERS]
    swaps = [
        word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        for i in inner[:-1]
        if word[i] != word[i + 1]
    ]
    hit = [i for i in inner if word[i] in QWERTY_NEIGHBOURS]
    keys = [
        (word[:i] + c + word[i + 1 :], 1 / len(hit) / len(QWERTY_NEIGHBOURS[word[i]]))
        for i in hit
        for c in QWERTY_NEIGHBOURS[word[i]]
    ]
    evenly = [
        [(edit, 1 / len(edits)) for edit in edits] for edits in (drops, adds, swaps)
    ]
    return [edits or [(word, 1.0)] for edits in (*evenly, keys)]


@pytest.mark.parametrize("word", ["rome", "been", "robust", "x12y", "don't", "a日語é"])
def test_every_typo_is_as_likely_as_in_the_attacks(word):
    expected = collections.Counter()
    for edits in edits_by_kind(word):
        for edit, probability in edits:
            expected[edit] += probability / 4
    number = 20_000
    counts = collections.Counter(with_typos([word] * number))
    assert set(counts) <= set(expected)
    statistic = sum(
        (counts[edit] - number * share) ** 2 / (number * share)
        for edit, share in expected.items()
    )
    # Chi-square has mean k - 1 and deviation sqrt(2 (k - 1)).
    freedom = len(expected) - 1
    assert statistic < freedom + 4 * math.sqrt(2 * freedom)


def test_words_that_stay():
    words = ["the", "a", "日本語", "1996", "10,000", "----", "22-08-1996", "café"[:3]]
    assert with_typos(words * 200) == words * 200
    assert with_typos(["recognition"] * 200, rate=0.0) == ["recognition"] * 200
    assert with_typos(["oooo"] * 50, seed=(0, 0)).count("oooo") in range(1, 50)


def test_the_rate():
    changed = sum(word != "word" for word in with_typos(["word"] * 20_000, rate=0.3))
    # Every edit of it changes it.
    assert abs(changed - 6_000) < 4 * math.sqrt(20_000 * 0.3 * 0.7)


def test_only_seed_example_and_place_count():
    words = ["recognition"] * WORDS_OF_A_ROW
    one = with_typos(words, first_id=7)
    assert with_typos(words * 2, first_id=6)[WORDS_OF_A_ROW:] == one
    assert with_typos(words[:20], first_id=7) == one[:20]
    assert with_typos(words, first_id=8) != one
    assert with_typos(words, first_id=7, seed=(3, 5)) != one
