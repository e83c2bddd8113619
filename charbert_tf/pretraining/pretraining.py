"""Pretraining data: text files to batches of noised and masked blocks."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.models.pretrainer_preprocessor import (
    NoisedSubwords,
    PretrainerPreprocessor,
)
from charbert_tf.pretraining.pretraining_batches import pretraining_batches
from charbert_tf.text.text_lines import numbered_lines

# Lines that are noised and cut into blocks together; only the last of their blocks is
# not full.
_LINES_OF_A_CHUNK = 256
_SHUFFLED_BLOCKS = 4096


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
