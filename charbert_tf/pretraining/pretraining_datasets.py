"""Datasets to pretrain on: text, raw or prepared, as noised and masked batches."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.corpus.blocks import decode_blocks
from charbert_tf.corpus.prepared_corpus import PreparedCorpus, Shard
from charbert_tf.files.errors import UserError
from charbert_tf.models.pretrainer_preprocessor import (
    NoisedSubwords,
    PretrainerPreprocessor,
)
from charbert_tf.text.text_lines import numbered_lines

# Examples whose features are made together. For few of them TensorFlow takes longer to
# start its operations than to compute them.
_EXAMPLES_AT_ONCE = 128
# Lines that are noised and cut into blocks together; only the last of their blocks is
# not full.
_LINES_OF_A_CHUNK = 256
_SHUFFLED_BLOCKS = 4096
# Blocks that are shuffled together; they already lie in the files in random order.
_WINDOW = 4096


def pretraining_batches(
    examples: tf.data.Dataset,
    make: Callable,
    preprocessor: PretrainerPreprocessor,
    batch_size: int,
) -> tf.data.Dataset:
    """Makes batches of features, labels and weights.

    Args:
        examples: One example at a time, without an end.
        make: Called in the graph with a batch of the examples, ragged where they are;
            gives features, labels and weights, as the preprocessor's `make_examples`
            does. A row must not depend on the others.
        preprocessor: Takes the padding off that the other batches needed.
        batch_size: int. Examples of a batch.

    Returns:
        What `make` would give for each batch alone.

    Example:

    ```python
    batches = pretraining_batches(
        subwords.enumerate(),
        lambda ids, subwords: preprocessor.make_examples(subwords, ids, (0, 0)),
        preprocessor,
        batch_size=8,
    )
    ```
    """
    make, without_padding = map(
        tf.autograph.experimental.do_not_convert, (make, preprocessor.without_padding)
    )
    batches_at_once = max(_EXAMPLES_AT_ONCE // batch_size, 1)
    return (
        examples.ragged_batch(batch_size * batches_at_once, drop_remainder=True)
        .map(make, num_parallel_calls=tf.data.AUTOTUNE)
        .rebatch(batch_size, drop_remainder=True)
        .map(without_padding, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )


def pretraining_dataset(
    paths: Sequence[str],
    preprocessor: PretrainerPreprocessor,
    batch_size: int,
    seed: int,
) -> tf.data.Dataset:
    """Reads text for ever, with fresh noise and masks in each epoch.

    Lines are joined and cut into blocks of the preprocessor's `sequence_length`; the
    blocks are shuffled within a bounded buffer.

    Args:
        paths: Text files, a paragraph a line; those that end in .gz are gzipped.
        preprocessor: Makes the features.
        batch_size: int. Blocks of a batch.
        seed: int. The same seed and files give the same batches.

    Returns:
        A dataset of `(features, labels, weights)`, see
        `PretrainerPreprocessor.make_examples`.

    Example:

    ```python
    dataset = pretraining_dataset(["text.txt"], preprocessor, batch_size=8, seed=0)
    ```
    """
    epochs = tf.data.Dataset.range(tf.int64.max)
    chunks = numbered_lines(paths).batch(_LINES_OF_A_CHUNK)
    blocks = epochs.flat_map(lambda epoch: _blocks(chunks, preprocessor, seed, epoch))
    return pretraining_batches(
        blocks.enumerate().shuffle(_SHUFFLED_BLOCKS, seed=seed),
        lambda numbers, subwords: preprocessor.make_examples(
            NoisedSubwords(*subwords), numbers, (seed, 0)
        ),
        preprocessor,
        batch_size,
    )


def _blocks(chunks, preprocessor, seed: int, epoch: tf.Tensor) -> tf.data.Dataset:
    room = preprocessor.sequence_length - 2

    @tf.autograph.experimental.do_not_convert
    def cut(numbers, texts):
        noise_seed = tf.stack([tf.constant(seed, tf.int64), epoch])
        subwords = preprocessor.noise_subwords(texts, numbers, noise_seed)
        return tuple(_cut(values.values, room) for values in subwords)

    return chunks.map(cut, num_parallel_calls=tf.data.AUTOTUNE).unbatch()


def _cut(values: tf.Tensor, room: int) -> tf.RaggedTensor:
    size = tf.size(values, tf.int64)
    limits = tf.concat([tf.range(0, size, room, tf.int64), [size]], axis=0)
    return tf.RaggedTensor.from_row_splits(values, limits)


def prepared_pretraining_dataset(
    corpus: PreparedCorpus,
    preprocessor: PretrainerPreprocessor,
    batch_size: int,
    seed: int,
    first_batch: int = 0,
    input_context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Reads prepared blocks for ever, with fresh noise and masks in each epoch.

    The order is a function of `seed` and the epoch `e` alone: in epoch `e` the shards
    come in an order drawn from `(seed, e)`, and the stream of their blocks is cut into
    windows of 4,096, each shuffled by `(seed, e, window)`; an epoch has each block
    once. Epochs follow each other without a gap, and batch `b` has the stream's blocks
    `b * batch_size` and following. A block's noise and masks depend on `seed` and its
    place in the stream.

    So a worker makes the features of its own rows alone: it reads all records, which
    costs little, and leaves out those of the others. And a restart begins at any batch:
    it reads over the records of one epoch at most.

    A block is one example. It has room for the noise that it was prepared for; of the
    few that have less luck, what is too long is cut off in this epoch.

    Args:
        corpus: The blocks.
        preprocessor: Makes the features.
        batch_size: int. Blocks of a batch.
        seed: int. The same seed and blocks give the same batches.
        first_batch: int. The batch to begin with.
        input_context: Which worker reads, and of how many: of n workers, worker w gets
            the rows w, w + n, ... of each batch. By default all.

    Returns:
        A dataset of `(features, labels, weights)`, see
        `PretrainerPreprocessor.make_examples`.

    Raises:
        UserError: If the blocks do not suit the preprocessor, or if there are more
            workers than rows.

    Example:

    ```python
    dataset = prepared_pretraining_dataset(
        PreparedCorpus("prepared"), preprocessor, batch_size=8, seed=0
    )
    ```
    """
    corpus.check(preprocessor)
    rows = own_rows(batch_size, input_context or tf.distribute.InputContext())

    def is_own(place, record):
        return place % batch_size % rows.step == rows.start

    def make(places, records):
        subwords = preprocessor.noise_subwords(
            decode_blocks(records)["text"], places, (seed, 0)
        )
        return preprocessor.make_examples(subwords, places, (seed, 0))

    return pretraining_batches(
        _records(corpus.shards, seed, first_batch * batch_size).filter(is_own),
        make,
        preprocessor,
        len(rows),
    )


def own_rows(batch_size: int, input_context: tf.distribute.InputContext) -> range:
    """Divides the rows of a batch among workers.

    Args:
        batch_size: int. Rows of a batch, of all workers together.
        input_context: Which worker asks, and of how many.

    Returns:
        Its rows: of n workers, worker w has w, w + n, ...

    Raises:
        UserError: If there are more workers than rows.

    Example:

    ```python
    own_rows(8, tf.distribute.InputContext(3, 2))  # range(2, 8, 3)
    ```
    """
    workers = input_context.num_input_pipelines
    if batch_size < workers:
        raise UserError(
            f"--batch_size={batch_size}: has no row for each of the {workers} workers: "
            "give more, or start fewer"
        )
    return range(input_context.input_pipeline_id, batch_size, workers)


def _records(shards: list[Shard], seed: int, first: int) -> tf.data.Dataset:
    """The stream from a place on: places and records."""
    paths = np.array([shard.path for shard in shards])
    epoch, skipped = divmod(first, sum(shard.blocks for shard in shards))

    def read(epoch):
        return _epoch(paths, tf.stack([tf.constant(seed, tf.int64), epoch]))

    epochs = tf.data.Dataset.range(epoch, tf.int64.max)
    return epochs.flat_map(read).skip(skipped).enumerate(first)


def _epoch(paths: np.ndarray, seed: tf.Tensor) -> tf.data.Dataset:
    order = _permutation(len(paths), seed)

    def shuffle(window, records):
        window_seed = tf.random.fold_in(seed, window, alg="philox")
        order = _permutation(tf.size(records), window_seed)
        return tf.gather(records, order)

    return (
        tf.data.Dataset.from_tensor_slices(tf.gather(paths, order))
        .flat_map(tf.data.TFRecordDataset)
        .batch(_WINDOW)
        .enumerate()
        .map(shuffle)
        .unbatch()
    )


def _permutation(size, seed: tf.Tensor) -> tf.Tensor:
    return tf.random.experimental.stateless_shuffle(tf.range(size), seed)
