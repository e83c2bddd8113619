"""Character noise: how often, which edits, where; against all edits that there are."""

import collections
import itertools
import math
import random

import pytest
import tensorflow as tf

from charbert_tf.text.character_noise import CharacterNoise

RATE = 0.15
# None of them occurs in the words of one kind, so that each result tells its edit.
LETTERS = "etaoinshrdlcumwfgypbvkjxqz"
WORDS_OF_A_ROW = 500


def noised(words, rate=1.0, characters=LETTERS, seed=(3, 4)):
    """Pairs of a word and what became of it, and whether that was noise."""
    rows = [words[i : i + WORDS_OF_A_ROW] for i in range(0, len(words), WORDS_OF_A_ROW)]
    result, is_noised = CharacterNoise(characters, rate)(
        tf.ragged.constant(rows), tf.range(len(rows)), seed
    )
    results = [word.decode() for word in result.values.numpy()]
    return list(zip(words, results, is_noised.values.numpy().tolist(), strict=True))


def insertions(word):
    """By index and character."""
    edits = itertools.product(range(len(word)), LETTERS)
    return {(index, c): word[:index] + c + word[index:] for index, c in edits}


def deletions(word):
    return {index: word[:index] + word[index + 1 :] for index in range(len(word))}


def swaps(word):
    """Of the character at the index with the one after it."""
    return {
        i: word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        for i in range(1, len(word) - 1)
    }


def check_uniform(counts, total, cells):
    """The chi-square statistic has mean k - 1 and deviation sqrt(2 (k - 1))."""
    assert set(counts) == set(cells)
    expected, freedom = total / len(cells), len(cells) - 1
    statistic = sum((count - expected) ** 2 / expected for count in counts.values())
    assert statistic < freedom + 3 * math.sqrt(2 * freedom)


def check_share(count, total, share):
    assert abs(count - share * total) < 3 * math.sqrt(total * share * (1 - share))


def test_the_rate():
    rng = random.Random(0)
    # Of equal letters, which may be swapped, none stand side by side.
    words = [
        "".join(rng.sample("ABCDEFGHI", k=rng.randint(1, 9))) for _ in range(60_000)
    ]
    results = noised(words, RATE)
    check_share(sum(is_noised for *_, is_noised in results), 60_000, RATE)
    assert all(word == result for word, result, is_noised in results if not is_noised)
    by_place = collections.Counter(
        index % WORDS_OF_A_ROW
        for index, (*_, is_noised) in enumerate(results)
        if is_noised
    )
    check_uniform(by_place, by_place.total(), range(WORDS_OF_A_ROW))


@pytest.mark.parametrize("word", ["A", "日", "AB", "ÀÉ", "ABC", "A😀C"])
def test_a_short_word_gets_a_character_before_one_of_its_own(word):
    edit_of = {result: edit for edit, result in insertions(word).items()}
    results = [result for _, result, _ in noised([word] * 8_000)]
    counts = collections.Counter(edit_of[result] for result in results)
    check_uniform(counts, 8_000, edit_of.values())


@pytest.mark.parametrize("word", ["ABCD", "ÀBÇDÉ", "ABC😀EF", "ABCDEFGHIJKLM"])
def test_a_longer_word_loses_a_character_or_has_two_swapped(word):
    deleted = {result: index for index, result in deletions(word).items()}
    swapped = {result: index for index, result in swaps(word).items()}
    results = [result for _, result, _ in noised([word] * 8_000)]
    deletion_counts = collections.Counter(deleted[r] for r in results if r in deleted)
    swap_counts = collections.Counter(swapped[r] for r in results if r not in deleted)
    check_share(deletion_counts.total(), 8_000, 0.5)
    check_uniform(deletion_counts, deletion_counts.total(), deleted.values())
    check_uniform(swap_counts, swap_counts.total(), swapped.values())


def test_real_words_have_one_edit():
    words = ["the", "been", "Mississippi", "aaaa", "café", "a", "İstanbul", "naïveté"]
    for word, result, is_noised in noised(words * 500):
        longer = [*deletions(word).values(), *swaps(word).values()]
        assert is_noised == (word != result)
        assert result in (insertions(word).values() if len(word) < 4 else longer)


def test_only_seed_example_and_place_count():
    words = tf.ragged.constant([["another"] * 40, ["words"] * 7, [], ["a"] * 90])
    noise = CharacterNoise(LETTERS, 0.5)

    def rows(words, example_ids, seed=(3, 4)):
        return noise(words, tf.constant(example_ids), seed)[0].to_list()

    together = rows(words, [5, 6, 7, 8])
    assert rows(words[::-1], [8, 7, 6, 5]) == together[::-1]
    assert [rows(words[i : i + 1], [i + 5])[0] for i in range(4)] == together
    assert rows(words, [5, 6, 7, 8], (3, 5)) != together
    assert rows(words, [5, 6, 7, 8], (4, 4)) != together
    same = rows(tf.ragged.constant([["another"] * 40] * 2), [1, 2])
    assert same[0] != same[1]
