"""Pretraining data: prepared blocks to batches that are noised and masked."""

import numpy as np
import tensorflow as tf

from charbert_tf.corpus.block_record import decode_blocks
from charbert_tf.corpus.prepared_corpus import PreparedCorpus, Shard
from charbert_tf.preprocessing.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.tasks.pretraining_batches import pretraining_batches

# Blocks that are shuffled together; they already lie in the files in random order.
_WINDOW = 4096


def prepared_pretraining_dataset(
    corpus: PreparedCorpus,
    preprocessor: PretrainerPreprocessor,
    batch_size: int,
    seed: int,
) -> tf.data.Dataset:
    """Reads prepared blocks for ever, with fresh noise and masks in each epoch.

    The order is a function of `seed` and the epoch `e` alone: in epoch `e` the shards
    come in an order drawn from `(seed, e)`, and the stream of their blocks is cut into
    windows of 4,096, each shuffled by `(seed, e, window)`; an epoch has each block
    once. Epochs follow each other without a gap, and batch `b` has the stream's blocks
    `b * batch_size` and following. A block's noise and masks depend on `seed` and its
    place in the stream.

    A block is one example. It has room for the noise that it was prepared for; of the
    few that have less luck, what is too long is cut off in this epoch.

    Args:
        corpus: The blocks.
        preprocessor: Makes the features.
        batch_size: int. Blocks of a batch.
        seed: int. The same seed and blocks give the same batches.

    Returns:
        A dataset of `(features, labels, weights)`, see
        `PretrainerPreprocessor.make_examples`.

    Raises:
        UserError: If the blocks do not suit the preprocessor.

    Example:

    ```python
    dataset = prepared_pretraining_dataset(
        PreparedCorpus("prepared"), preprocessor, batch_size=8, seed=0
    )
    ```
    """
    corpus.check(preprocessor)

    def make(places, records):
        subwords = preprocessor.noise_subwords(
            decode_blocks(records)["text"], places, (seed, 0)
        )
        return preprocessor.make_examples(subwords, places, (seed, 0))

    return pretraining_batches(
        _records(corpus.shards, seed).enumerate(),
        make,
        preprocessor,
        batch_size,
    )


def _records(shards: list[Shard], seed: int) -> tf.data.Dataset:
    """The stream of records."""
    paths = np.array([shard.path for shard in shards])

    def read(epoch):
        return _epoch(paths, tf.stack([tf.constant(seed, tf.int64), epoch]))

    return tf.data.Dataset.range(tf.int64.max).flat_map(read)


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
