"""Blocks leave the room that noise takes: measured, not assumed."""

import random

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.corpus.corpus_preparation import tokens_before_noise
from charbert_tf.vocabularies.counted_vocabularies import count_words


@pytest.mark.parametrize(
    "noise_rate", [0.0, pytest.param(0.15, marks=pytest.mark.slow), 0.5]
)
def test_a_noised_block_just_fits(tokenizer, characters, words, noise_rate):
    rng = random.Random(0)
    # "film" is one token, and up to four with a typo.
    text = rng.choices(["film", "the", "a", "thing", "of"], k=10_000)
    length = 200
    most = tokens_before_noise(
        count_words([" ".join(text)]), tokenizer, characters, length, noise_rate
    )
    if noise_rate == 0:
        assert most == length - 2
        return
    preprocessor = charbert_tf.PretrainerPreprocessor(
        tokenizer, characters, words, noise_rate, sequence_length=length
    )
    sizes = {word: len(tokenizer(word)) for word in dict.fromkeys(text)}
    blocks, block, tokens = [], [], 0
    for word in text:
        if tokens + sizes[word] > most:
            blocks.append(" ".join(block))
            block, tokens = [], 0
        block.append(word)
        tokens += sizes[word]
    noise = tf.function(preprocessor.noise_subwords)
    subwords = noise(tf.constant(blocks), tf.range(len(blocks)), (0, 1))
    noised = subwords.token_ids.row_lengths().numpy()
    room = length - 2
    # One standard deviation of a normal distribution: 16 % are longer.
    assert 0.05 < (noised > room).mean() < 0.25
    assert np.maximum(noised - room, 0).sum() / noised.sum() < 0.01
    assert noised.mean() > 0.9 * room
