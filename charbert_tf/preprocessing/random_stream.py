"""Random numbers that depend on the example, not on what it is batched with."""

from collections.abc import Sequence

import tensorflow as tf


def uniform(
    rows: tf.RaggedTensor,
    example_ids: tf.Tensor,
    seed: Sequence[int] | tf.Tensor,
    draws: int,
) -> tf.Tensor:
    """Draws numbers in [0, 1) for every value of a ragged tensor.

    Args:
        rows: ragged tensor `(B, values)`, of which only the shape matters.
        example_ids: int tensor `(B,)`.
        seed: Two ints, or an int tensor `(2,)`.
        draws: int. Numbers for each value.

    Returns:
        float32 tensor `(total values, draws)`. A row's numbers are a function of the
        seed and its example id alone.

    Example:

    ```python
    rows = tf.ragged.constant([[1, 2, 3], [4]])
    numbers = uniform(rows, tf.constant([7, 8]), seed=(1, 2), draws=2)  # (4, 2)
    ```
    """
    lengths = rows.row_lengths()
    width = tf.reduce_max(tf.concat([lengths, [1]], axis=0))
    seed = tf.cast(seed, tf.int32)

    def of_example(example_id):
        # Philox numbers its outputs: a longer row begins with a shorter one's.
        return tf.random.stateless_uniform(
            [width, draws],
            tf.random.fold_in(seed, example_id, alg="philox"),
            alg="philox",
        )

    numbers = tf.map_fn(
        of_example, tf.cast(example_ids, tf.int64), fn_output_signature=tf.float32
    )
    return tf.boolean_mask(numbers, tf.sequence_mask(lengths, width))


def index_below(draws: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Makes indices of numbers in [0, 1), each as likely as the others.

    Args:
        draws: float32 tensor, as `uniform` draws them.
        count: int tensor of the same shape, or a scalar.

    Returns:
        int32 tensor of indices from 0 to `count - 1`; 0 where `count` is 0.

    Example:

    ```python
    index_below(tf.constant([0.0, 0.5, 0.99]), tf.constant(2))  # [0, 1, 1]
    ```
    """
    count = tf.cast(tf.maximum(count, 1), tf.float32)
    return tf.cast(tf.minimum(draws * count, count - 1), tf.int32)
