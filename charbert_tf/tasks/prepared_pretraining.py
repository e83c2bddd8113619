"""Pretraining data: prepared blocks to batches that are noised and masked."""

import numpy as np
import tensorflow as tf

from charbert_tf.corpus.block_record import decode_blocks
from charbert_tf.corpus.prepared_corpus import PreparedCorpus, Shard
from charbert_tf.errors import UserError
from charbert_tf.preprocessing.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.tasks.pretraining_batches import pretraining_batches

# Blocks that are shuffled together; they already lie in the files in random order.
_WINDOW = 4096


def prepared_pretraining_dataset(
    corpus: PreparedCorpus,
    preprocessor: PretrainerPreprocessor,
    batch_size: int,
    seed: int,
    input_context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Reads prepared blocks for ever, with fresh noise and masks in each epoch.

    The order is a function of `seed` and the epoch `e` alone. A worker has every n-th
    shard. In epoch `e` it reads them in an order drawn from `(seed, e)`, cuts the
    stream of their blocks into windows of 4,096, and shuffles each window by `(seed,
    e, window)`; an epoch has each block once. Epochs follow each other without a gap,
    and batch `b` has the stream's blocks `b * batch_size` and following. A block's
    noise and masks depend on `seed` and its place in the stream.

    A block is one example. It has room for the noise that it was prepared for; of the
    few that have less luck, what is too long is cut off in this epoch.

    Args:
        corpus: The blocks.
        preprocessor: Makes the features.
        batch_size: int. Blocks of a batch of this worker.
        seed: int. The same seed and blocks give the same batches.
        input_context: Which of how many workers this is, as
            `tf.distribute.Strategy.distribute_datasets_from_function` gives it; `None`
            if it is the only one.

    Returns:
        A dataset of `(features, labels, weights)`, see
        `PretrainerPreprocessor.make_examples`.

    Raises:
        UserError: If the blocks do not suit the preprocessor, or there are fewer shards
            than workers.

    Example:

    ```python
    dataset = prepared_pretraining_dataset(
        PreparedCorpus("prepared"), preprocessor, batch_size=8, seed=0
    )
    ```
    """
    corpus.check(preprocessor)
    workers, worker = 1, 0
    if input_context is not None:
        workers = input_context.num_input_pipelines
        worker = input_context.input_pipeline_id
    shards = _shards_of(corpus, workers, worker)
    places = tf.data.Dataset.range(tf.int64.max)

    def make(places, records):
        # No two workers give a place the same number.
        example_ids = places * workers + worker
        subwords = preprocessor.noise_subwords(
            decode_blocks(records)["text"], example_ids, (seed, 0)
        )
        return preprocessor.make_examples(subwords, example_ids, (seed, 0))

    return pretraining_batches(
        tf.data.Dataset.zip(places, _records(shards, seed)),
        make,
        preprocessor,
        batch_size,
    )


def _shards_of(corpus: PreparedCorpus, workers: int, worker: int) -> list[Shard]:
    if len(corpus.shards) < workers:
        raise UserError(
            f"has {len(corpus.shards)} files of blocks for {workers} workers: prepare "
            "it with more --shards",
            corpus.folder,
        )
    return corpus.shards[worker::workers]


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
