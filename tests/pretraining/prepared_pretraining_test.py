"""Prepared blocks: once an epoch, in a new order, over workers, from any batch on."""

import itertools
import json

import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.corpus.blocks import Block, encode_block
from charbert_tf.corpus.prepared_corpus import PreparedCorpus, tokenizer_fingerprint
from charbert_tf.files.errors import UserError
from charbert_tf.pretraining import pretraining_datasets
from charbert_tf.pretraining.pretraining_datasets import prepared_pretraining_dataset

BATCH_SIZE = 8
# Of blocks, in each shard; a block is one word that tells its number.
SHARDS = (40, 1, 23, 50, 30)
TOTAL = sum(SHARDS)
LENGTH = 12


@pytest.fixture(scope="module")
def corpus(tokenizer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "blocks").mkdir()
    numbers = iter(range(TOTAL))
    names = [f"blocks-{shard}.tfrecord" for shard in range(len(SHARDS))]
    for name, blocks in zip(names, SHARDS, strict=True):
        with tf.io.TFRecordWriter(str(folder / "blocks" / name)) as writer:
            for number in itertools.islice(numbers, blocks):
                block = Block(f"a {number:05d}", 6)
                writer.write(encode_block(block, (0, 0, number)))
    index = {
        "tokenizer": tokenizer_fingerprint(tokenizer),
        "sequence_length": LENGTH,
        "noise_rate": 0.15,
        "shards": dict(zip(names, SHARDS, strict=True)),
        "bytes": {name: (folder / "blocks" / name).stat().st_size for name in names},
    }
    (folder / "blocks" / "index.json").write_text(json.dumps(index))
    return PreparedCorpus(str(folder))


@pytest.fixture(scope="module")
def make(tokenizer, characters, words):
    def make(noise_rate=0.0, mask_rate=0.0, **options):
        options = {"sequence_length": LENGTH, **options}
        return charbert_tf.PretrainerPreprocessor(
            tokenizer, characters, words, noise_rate, mask_rate, **options
        )

    return make


@pytest.fixture(autouse=True)
def small_windows(monkeypatch):
    monkeypatch.setattr(pretraining_datasets, "_WINDOW", 32)


class TextsAsTheyAre:
    """In a preprocessor's place where only the order matters: it traces in no time."""

    sequence_length, noise_rate = LENGTH, 0.0

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def noise_subwords(self, texts, example_ids, seed):
        return texts

    def make_examples(self, subwords, example_ids, seed):
        return subwords

    def without_padding(self, subwords):
        return subwords


class TextsAndPlaces(TextsAsTheyAre):
    """Tells what a block's noise and masks depend on, too."""

    def make_examples(self, subwords, example_ids, seed):
        return tf.strings.join([subwords, tf.strings.as_string(example_ids)], " at ")


@pytest.fixture
def read(corpus, tokenizer):
    """The numbers of so many blocks of a dataset."""

    def read(count, seed=0, batch_size=1):
        dataset = prepared_pretraining_dataset(
            corpus, TextsAsTheyAre(tokenizer), batch_size, seed
        )
        texts = dataset.unbatch().take(count).as_numpy_iterator()
        return [int(text.removeprefix(b"a ")) for text in texts]

    return read


def test_an_epoch_has_every_block_once_in_an_order_of_its_own(read):
    stream = read(3 * TOTAL, seed=3, batch_size=BATCH_SIZE)
    epochs = [stream[start : start + TOTAL] for start in (0, TOTAL, 2 * TOTAL)]
    for epoch in epochs:
        assert sorted(epoch) == list(range(TOTAL))
        assert np.mean(np.diff(epoch) == 1) < 0.1
    for one, other in itertools.combinations(epochs, 2):
        assert np.mean(np.equal(one, other)) < 0.1
    assert read(TOTAL, seed=3) == epochs[0] != read(TOTAL, seed=4)


def test_a_restart_continues_the_same_stream(corpus, tokenizer, tmp_path):
    def batches():
        texts = TextsAsTheyAre(tokenizer)
        return iter(prepared_pretraining_dataset(corpus, texts, BATCH_SIZE, seed=0))

    begun = batches()
    for _ in range(TOTAL // BATCH_SIZE + 2):
        next(begun)
    saved = tf.train.Checkpoint(batches=begun).save(str(tmp_path / "checkpoint"))
    expected = [next(begun).numpy().tolist() for _ in range(2 * TOTAL // BATCH_SIZE)]
    again = batches()
    tf.train.Checkpoint(batches=again).restore(saved).assert_consumed()
    assert [next(again).numpy().tolist() for _ in expected] == expected


def test_workers_have_the_rows_of_a_batch_between_them(corpus, tokenizer):
    """Each its own alone, of the batches from any one on; another epoch begins."""

    def batches(count, *start):
        texts = TextsAndPlaces(tokenizer)
        dataset = prepared_pretraining_dataset(corpus, texts, BATCH_SIZE, 0, *start)
        return [batch.tolist() for batch in dataset.take(count).as_numpy_iterator()]

    first, count = TOTAL // BATCH_SIZE - 2, 5
    expected = batches(first + count)[first:]
    shares = [
        batches(count, first, tf.distribute.InputContext(3, worker))
        for worker in range(3)
    ]
    for number, batch in enumerate(expected):
        assert len(set(batch)) == BATCH_SIZE
        assert [batch[worker::3] for worker in range(3)] == [
            share[number] for share in shares
        ]
    with pytest.raises(UserError, match=r"^--batch_size=8: has no row for each "):
        batches(1, 0, tf.distribute.InputContext(9, 0))


def test_every_epoch_has_noise_of_its_own(corpus, make):
    preprocessor = make(0.15, 0.0)
    dataset = prepared_pretraining_dataset(corpus, preprocessor, TOTAL, seed=0)
    noised = set()
    for _, _, weights in dataset.take(4).as_numpy_iterator():
        noised.add(tuple(weights["nlm_logits"].sum(1)))
    assert len(noised) == 4


def test_blocks_that_do_not_suit(corpus, make, tokenizer, word_pieces):
    import keras_nlp

    corpus.check(make(0.15))
    corpus.check(make(0.1, sequence_length=LENGTH + 1))
    other = charbert_tf.PretrainerPreprocessor(
        keras_nlp.models.BertTokenizer(word_pieces[:-1], lowercase=False),
        noise_rate=0.0,
        sequence_length=LENGTH,
    )
    for preprocessor, message in (
        (make(0.2), r"has blocks with room for --noise_rate=0.15, which 0.2 "),
        (make(sequence_length=LENGTH - 1), "has blocks for --sequence_length=12, "),
        (other, "was cut into blocks for another tokenizer: "),
    ):
        with pytest.raises(UserError, match=f"^{corpus.folder}: {message}"):
            prepared_pretraining_dataset(corpus, preprocessor, BATCH_SIZE, 0)


def test_folders_that_are_damaged(corpus, tmp_path):
    with pytest.raises(UserError, match=r"index.json: cannot be read "):
        PreparedCorpus(str(tmp_path))
    index = {"sequence_length": 8, "noise_rate": 0, "tokenizer": "", "shards": {"a": 1}}
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "index.json").write_text(json.dumps(index))
    with pytest.raises(UserError, match="blocks/a: is missing: "):
        PreparedCorpus(str(tmp_path))
    (tmp_path / "blocks" / "a").write_bytes(b"1234")
    # Older indexes do not know the sizes.
    before = PreparedCorpus(str(tmp_path)).description
    index["bytes"] = {"a": 5}
    (tmp_path / "blocks" / "index.json").write_text(json.dumps(index))
    with pytest.raises(UserError, match="blocks/a: is damaged, it has 4 bytes of 5: "):
        PreparedCorpus(str(tmp_path))
    (tmp_path / "blocks" / "a").write_bytes(b"12345")
    assert PreparedCorpus(str(tmp_path)).description != before
