"""Whole-word masking: shares, whole words, and what a masked token becomes."""

import math

import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.models.whole_word_masking import WholeWordMasking

SPECIAL_IDS = [0, 1, 2, 3, 4]
MASK_ID = 4
VOCABULARY_SIZE = 50
RATE = 0.1


def masked(word_ids, rate=RATE, is_protected=None, seed=(5, 6)):
    """Token ids before and after, and which tokens are to tell."""
    token_ids = np.where(word_ids < 0, 2, 5 + word_ids % (VOCABULARY_SIZE - 5))
    masking = WholeWordMasking(MASK_ID, VOCABULARY_SIZE, SPECIAL_IDS, rate)
    result = tf.function(masking)(
        tf.constant(token_ids, tf.int32),
        tf.constant(word_ids, tf.int32),
        tf.range(len(word_ids)),
        tf.constant(seed),
        None if is_protected is None else tf.constant(is_protected),
    )
    return token_ids, result.token_ids.numpy(), result.is_masked.numpy()


def random_rows(count, words, seed=0):
    """Word ids of rows of so many words at most, each of 1 to 4 tokens."""
    rng = np.random.default_rng(seed)
    rows = np.full((count, 4 * words + 2), -1)
    for row in rows:
        lengths = rng.integers(1, 5, rng.integers(1, words + 1))
        ids = np.repeat(np.arange(len(lengths)), lengths)
        row[1 : len(ids) + 1] = ids
    return rows


def check_share(count, total, share):
    assert abs(count - share * total) < 3 * math.sqrt(total * share * (1 - share))


@pytest.mark.parametrize("words", [2, 6, 40])
def test_the_expected_share_is_exact_also_in_short_rows(words):
    word_ids = random_rows(6_000, words)
    *_, is_masked = masked(word_ids)
    difference = is_masked.sum(1) - RATE * (word_ids >= 0).sum(1)
    assert abs(difference.mean()) < 3 * difference.std() / math.sqrt(len(difference))
    # No row is more than a word away from its budget.
    assert np.abs(difference).max() < 4


def test_every_place_is_masked_equally_often():
    word_ids = np.tile(np.arange(30), (6_000, 1))
    *_, is_masked = masked(word_ids)
    assert (is_masked.sum(1) == 3).all()
    expected = 6_000 * RATE
    statistic = ((is_masked.sum(0) - expected) ** 2 / expected / (1 - RATE)).sum()
    assert statistic < 30 + 3 * math.sqrt(2 * 30)


def test_whole_words_and_no_protected_one():
    word_ids = random_rows(1_000, 20)
    rng = np.random.default_rng(1)
    is_protected = rng.random((1_000, 20))[np.arange(1_000)[:, None], word_ids] < 0.3
    *_, is_masked = masked(word_ids, 0.4, is_protected & (word_ids >= 0))
    assert is_masked.any()
    assert not (is_masked & is_protected).any()
    assert not is_masked[word_ids < 0].any()
    for row, row_mask in zip(word_ids, is_masked, strict=True):
        for word in range(row.max() + 1):
            assert len(set(row_mask[row == word])) == 1


def test_what_masked_tokens_become():
    token_ids, new_ids, is_masked = masked(random_rows(6_000, 40), rate=0.2)
    assert (new_ids == token_ids)[~is_masked].all()
    old, new = token_ids[is_masked], new_ids[is_masked]
    total, ordinary = len(old), VOCABULARY_SIZE - len(SPECIAL_IDS)
    assert total > 50_000
    check_share((new == MASK_ID).sum(), total, 0.8)
    # A random token may happen to be the one that was there.
    check_share((new == old).sum(), total, 0.1 + 0.1 / ordinary)
    drawn = new[(new != MASK_ID) & (new != old)]
    counts = np.bincount(drawn, minlength=VOCABULARY_SIZE)
    assert not counts[SPECIAL_IDS].any()
    expected = len(drawn) / ordinary
    statistic = ((counts[5:] - expected) ** 2 / expected).sum()
    assert statistic < ordinary + 3 * math.sqrt(2 * ordinary)
