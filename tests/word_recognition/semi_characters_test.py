"""The features of a semi-character network against plain Python."""

import random

import numpy as np
import tensorflow as tf

from charbert_tf.word_recognition.word_recognizer import SemiCharacters

CHARACTERS = [" ", *"abcdeß日éо😀", "<unk>"]


def in_python(word):
    ids = [
        CHARACTERS.index(c) if c in CHARACTERS else len(CHARACTERS) - 1
        for c in word.lower()
    ]
    parts = np.zeros((3, len(CHARACTERS)), np.float32)
    for part, chosen in enumerate((ids[:1], ids[1:-1], ids[-1:])):
        for id in chosen:
            parts[part, id] += 1
    return parts.reshape(-1)


def test_random_words():
    rng = random.Random(0)
    letters = "abcdeABCDEßéÉ日本о😀'1İ"
    sentences = [
        ["".join(rng.choices(letters, k=rng.randint(1, 9))) for _ in range(length)]
        for length in (7, 0, 40, 1)
    ]
    features = SemiCharacters(CHARACTERS)(tf.ragged.constant(sentences, tf.string, 1))
    vectors = features["semi_characters"].numpy()
    assert vectors.shape == (4, 40, 3 * len(CHARACTERS))
    for row, mask, sentence in zip(
        vectors, features["padding_mask"].numpy(), sentences, strict=True
    ):
        padding = 40 - len(sentence)
        expected = [*map(in_python, sentence), *np.zeros((padding, row.shape[1]))]
        np.testing.assert_array_equal(row, expected)
        assert mask.tolist() == [1] * len(sentence) + [0] * padding


def test_a_word_without_characters():
    features = SemiCharacters(CHARACTERS)(tf.ragged.constant([["", "ab"]]))
    assert features["semi_characters"].numpy().sum(axis=-1).tolist() == [[0, 2]]
