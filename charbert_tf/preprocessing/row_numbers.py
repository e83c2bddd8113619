"""row_numbers: which row each value of a ragged tensor is of, at any lengths."""

import tensorflow as tf


def row_numbers(lengths: tf.Tensor) -> tf.Tensor:
    """Repeats each row's number as often as the row is long.

    `tf.repeat` and `RaggedTensor.value_rowids` do the same, but make a rectangle as
    wide as the longest row first: too large if there are many rows and one is long.

    Args:
        lengths: int32 tensor `(N,)`.

    Returns:
        int32 tensor `(sum of lengths,)`.

    Example:

    ```python
    row_numbers(tf.constant([2, 0, 1]))  # [0, 0, 2]
    ```
    """
    ends = tf.cumsum(lengths)
    total = tf.reduce_sum(lengths)
    return tf.searchsorted(ends, tf.range(total), side="right")
