"""Noise in training: its shares, what it leaves alone, and what it depends on."""

import collections

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.analysis.edit_kinds import edit_kind
from charbert_tf.attacks import get_attack
from charbert_tf.files.errors import UserError

ROW = [*("The", "modern", "government", "supports", "travellers", "in", "1996", "EU")]
LONG = [1, 2, 3, 4]
COUNT = 4_000
IDS = tf.range(COUNT)


def sentences(row=ROW, count=COUNT):
    return tf.constant([row] * count)


def noised(noise, count=COUNT, seed=3, first=0):
    """An array of words, a row for each example."""
    rows = tf.RaggedTensor.from_tensor(sentences(count=count))
    words = noise.words(rows, tf.range(first, first + count), seed)
    return np.array([[word.decode() for word in row] for row in words.to_list()])


def three_standard_errors(share, count):
    return 3 * (share * (1 - share) / count) ** 0.5


def test_the_share_of_the_words_and_their_kinds():
    changed = noised(charbert_tf.TrainingNoise(0.3)) != ROW
    assert changed[:, LONG].mean() == pytest.approx(
        0.3, abs=three_standard_errors(0.3, COUNT * len(LONG))
    )
    # Shorter words, and what is no word, stay.
    assert not changed[:, [0, 5, 6, 7]].any()


def test_the_kinds_are_those_of_the_mix():
    words = noised(charbert_tf.TrainingNoise(1.0))
    kinds = collections.Counter(
        kind for row in words for kind in [edit_kind("government", row[2])]
    )
    expected = collections.Counter(
        edit_kind("government", edit.new[0])
        for example in range(COUNT)
        for edit in get_attack("mix").edits(["government"], 0, example)
    )
    total = sum(kinds.values())
    for kind, count in expected.items():
        share = count / sum(expected.values())
        # Two samples of about the same size.
        assert kinds[kind] / total == pytest.approx(
            share, abs=2**0.5 * three_standard_errors(share, COUNT)
        )


def test_each_example_draws_a_rate_and_whether_it_stays_clean():
    noise = charbert_tf.TrainingNoise((0.4, 0.8), clean_share=0.25)
    rows = tf.RaggedTensor.from_tensor(sentences(["government"] * 200, 1_000))
    shares = tf.reduce_mean(
        tf.cast(noise.words(rows, tf.range(1_000), 0) != "government", tf.float32), 1
    ).numpy()
    is_clean = shares == 0
    assert is_clean.mean() == pytest.approx(
        0.25, abs=three_standard_errors(0.25, 1_000)
    )
    shares = shares[~is_clean]
    # Of a uniform one; a row's own share differs from its rate by 0.035.
    assert shares.mean() == pytest.approx(0.6, abs=0.02)
    assert shares.std() == pytest.approx((0.4**2 / 12 + 0.035**2) ** 0.5, abs=0.01)
    assert 0.25 < shares.min() < 0.45 < 0.75 < shares.max() < 0.95


def test_one_that_is_named_twice_is_drawn_twice_as_often():
    names = ["mix", "mix", "small_letters", "capitals"]
    words = noised(charbert_tf.TrainingNoise(1.0, names))
    # Letter case is of all words, the short ones too.
    is_small = np.all(words == [word.lower() for word in ROW], axis=1)
    is_capital = np.all(words == [word.upper() for word in ROW], axis=1)
    error = three_standard_errors(0.25, COUNT)
    assert is_small.mean() == pytest.approx(0.25, abs=error)
    assert is_capital.mean() == pytest.approx(0.25, abs=error)
    others = words[~is_small & ~is_capital]
    assert (others[:, 0] == "The").all()
    assert (others[:, 2] != "government").all()


def test_several_as_one_are_drawn_for_each_word():
    words = noised(charbert_tf.TrainingNoise(1.0, ["mix+case"]))
    is_case = np.char.lower(words[:, 2]) == "government"
    assert is_case.mean() == pytest.approx(0.5, abs=three_standard_errors(0.5, COUNT))


def test_noise_depends_on_the_seed_and_the_example_alone():
    noise = charbert_tf.TrainingNoise((0.3, 1.0), ["mix", "title_case"], 0.2)
    every = noised(noise, 60)
    assert (noised(noise, 20, first=40) == every[40:]).all()
    assert (noised(noise, 60, seed=4) != every).any(axis=1).mean() > 0.5
    assert (noised(noise, 60, first=60) != every).any(axis=1).mean() > 0.5


def test_running_text_keeps_what_is_between_its_words():
    noise = charbert_tf.TrainingNoise(1.0, ["drop"])
    texts = tf.constant(["  It isn't (Rome), 1996!", "", "日本 — \n"])
    edited = noise.texts(texts, tf.range(3), 0)
    first, *others = [text.decode() for text in edited.texts.numpy()]
    assert others == ["", "日本 — \n"]
    possible = [get_attack("drop").possible_edits(word) for word in ("isn't", "Rome")]
    assert first in [f"  It {a} ({b}), 1996!" for a in possible[0] for b in possible[1]]
    # "Rome" is a character shorter, and stands one further left.
    starts, ends = edited.moved(tf.constant([12, 0, 3]), tf.constant([16, 0, 4]))
    assert starts.numpy().tolist() == [11, 0, 3]
    assert ends.numpy().tolist() == [14, 0, 4]


def test_it_is_saved_and_loaded():
    noise = charbert_tf.TrainingNoise((0.3, 1.0), ["mix", "small_letters"], 0.3)
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(noise)
    )
    assert (noised(again, 50) == noised(noise, 50)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rate": 1.5}, "noise rate 1.5: give a number from 0 to 1"),
        ({"rate": (0.6, 0.5)}, r"noise rate \(0.6, 0.5\): give"),
        ({"rate": 1.0, "clean_share": -1}, "clean share -1: give"),
        ({"rate": 1.0, "attacks": "mix"}, "attacks 'mix': give a list"),
        ({"rate": 1.0, "attacks": ["mxi"]}, "no attack 'mxi': choose one of drop,"),
        ({"rate": 1.0, "attacks": ["split"]}, "split changes the number of words"),
        ({"rate": 1.0, "attacks": ["mix+join"]}, "join changes the number of words"),
        ({"rate": 1.0, "attacks": ["misspelling"]}, "misspelling has no `rule`"),
    ],
)
def test_what_it_cannot_be(arguments, message):
    with pytest.raises(UserError, match=message):
        charbert_tf.TrainingNoise(**arguments)
