"""Pretraining data: the text's tokens, once an epoch, and a stream to go on with."""

import gzip
import itertools
import random

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.pretraining import pretraining_datasets
from charbert_tf.pretraining.pretraining_datasets import pretraining_dataset

ROOM = 10
BATCH_SIZE = 8


@pytest.fixture(scope="module")
def lines():
    """600 lines of 0 to 12 one-letter words; the number of blocks is not even."""
    rng = random.Random(0)
    return [
        [rng.choice("etaoinETAOIN") for _ in range(rng.randint(0, 12))]
        for _ in range(600)
    ]


@pytest.fixture(scope="module")
def paths(lines, tmp_path_factory):
    """A file of the first 400 lines and one of the others; and both gzipped."""
    folder = tmp_path_factory.mktemp("text")
    parts = {"a.txt": lines[:400], "b.txt": lines[400:]}
    for name, part in parts.items():
        text = "".join(f"{' '.join(line)}\n" for line in part).encode()
        (folder / name).write_bytes(text)
        (folder / f"{name}.gz").write_bytes(gzip.compress(text))
    return [str(folder / name) for name in parts]


@pytest.fixture(scope="module")
def make(tokenizer, characters, words):
    def make(noise_rate, mask_rate):
        return charbert_tf.PretrainerPreprocessor(
            tokenizer,
            characters,
            words,
            noise_rate,
            mask_rate,
            sequence_length=ROOM + 2,
        )

    return make


@pytest.fixture
def in_order(monkeypatch):
    """Without the shuffle, so that one can see where an epoch ends."""
    monkeypatch.setattr(pretraining_datasets, "_SHUFFLED_BLOCKS", 1)


def blocks(dataset):
    """Each block's token ids between [CLS] and [SEP]."""
    for features, _, _ in dataset.as_numpy_iterator():
        lengths = features["padding_mask"].sum(1)
        for row, length in zip(features["token_ids"], lengths, strict=True):
            yield row[1 : length - 1].tolist()


def epochs(dataset, tokens, count):
    """The blocks of so many epochs, each of so many tokens."""
    stream = blocks(dataset)
    for _ in range(count):
        epoch, seen = [], 0
        while seen < tokens:
            epoch.append(next(stream))
            seen += len(epoch[-1])
        assert seen == tokens
        yield epoch


def test_blocks_are_the_text(in_order, lines, paths, make, word_pieces):
    tokens = [word_pieces.index(letter) for line in lines for letter in line]
    plain, compressed = paths[0], f"{paths[1]}.gz"
    dataset = pretraining_dataset([plain, compressed], make(0.0, 0.0), BATCH_SIZE, 0)
    for epoch in epochs(dataset, len(tokens), count=2):
        assert list(itertools.chain(*epoch)) == tokens
        assert sum(len(block) == ROOM for block in epoch) > 0.98 * len(epoch)


def test_an_epoch_has_noise_of_its_own(in_order, make, tmp_path):
    """Of a text that is one word, each block is an epoch."""
    path = tmp_path / "word.txt"
    path.write_text("O\n")
    dataset = pretraining_dataset([str(path)], make(1.0, 0.0), BATCH_SIZE, 0)
    noised = {tuple(block) for block in itertools.islice(blocks(dataset), 40)}
    assert len(noised) > 10


@pytest.mark.slow
def test_a_restart_continues_the_same_stream(paths, make, tmp_path):
    """From the position in a file: nothing is read and noised anew but what is left."""
    preprocessor = make(0.3, 0.2)
    first, second, compressed = (
        iter(pretraining_dataset(files, preprocessor, BATCH_SIZE, seed=5))
        for files in (paths, paths, [f"{path}.gz" for path in paths])
    )
    # Another epoch begins on the way.
    for _ in range(90):
        assert_equal(next(first), next(compressed))
    path = tf.train.Checkpoint(batches=first).write(str(tmp_path / "state"))
    tf.train.Checkpoint(batches=second).read(path).assert_consumed()
    for _ in range(90):
        assert_equal(next(first), next(second))


def assert_equal(batch, other):
    for a, b in zip(tf.nest.flatten(batch), tf.nest.flatten(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_blocks_are_shuffled(paths, lines, make, word_pieces):
    tokens = [word_pieces.index(letter) for line in lines for letter in line]

    def joined(tokens):
        return ",".join(["", *map(str, tokens), ""])

    text = joined(tokens)
    dataset = pretraining_dataset(paths, make(0.0, 0.0), BATCH_SIZE, seed=5)
    seen = list(itertools.islice(blocks(dataset), 100))
    places = [text.find(joined(block)) for block in seen]
    assert min(places) >= 0
    assert abs(np.corrcoef(places, np.arange(len(places)))[0, 1]) < 0.3
