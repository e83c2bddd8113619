"""The edits in the graph against those of the attacks, each with its probability."""

import collections

import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.attacks import ATTACKS, get_attack
from charbert_tf.noise.graph_edits import graph_edit

NAMES = [name for name in ATTACKS if get_attack(name).rule is not None]
WORDS = [
    *("word", "been", "Rome", "U.S.", "AL-AIN", "burn", "believe", "x12y", "oo", "I"),
    # An apostrophe that may not come beside another, and marks that go with a letter.
    *("rock'n'roll", "don't", "we''ll", "cafe\u0301s", "e\u0301\u0302xyz", "किताब"),
    # Letters of other alphabets, of several cases, of several characters in capitals.
    *("ÖDE", "a日語é", "\u212aelvin", "ΣΑΣ", "straße", "ǆabc"),
]
NUMBER = 1_000


def probabilities(attack, word):
    """What the attack makes of a word of running text, or of another one."""
    places = attack.allowed_edits_by_place(word)
    expected = collections.Counter({} if places else {word: 1.0})
    for typos in places:
        for typo in typos:
            expected[typo] += 1 / len(places) / len(typos)
    return expected


@pytest.mark.parametrize("name", NAMES)
def test_every_edit_is_as_likely_as_in_the_attack(name):
    attack = get_attack(name)
    draws = np.random.default_rng(0).random((len(WORDS) * NUMBER, 2), np.float32)
    edited = graph_edit(attack.rule)(tf.repeat(WORDS, NUMBER), tf.constant(draws))
    edited = edited.numpy().reshape(len(WORDS), NUMBER)
    for word, results in zip(WORDS, edited, strict=True):
        counts = collections.Counter(result.decode() for result in results)
        expected = probabilities(attack, word)
        assert counts.keys() <= expected.keys(), word
        statistic = sum(
            (counts[edit] - NUMBER * share) ** 2 / (NUMBER * share)
            for edit, share in expected.items()
        )
        # Chi-square has mean k - 1 and deviation sqrt(2 (k - 1)).
        freedom = len(expected) - 1
        assert statistic <= freedom + 5 * (2 * freedom) ** 0.5, word


def test_no_words():
    for name in NAMES:
        edited = graph_edit(get_attack(name).rule)(
            tf.constant([], tf.string), tf.zeros([0, 2])
        )
        assert edited.shape == (0,)
