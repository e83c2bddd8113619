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


def row_positions(rows: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Tells which row each value of a ragged tensor is of, and where in it.

    Args:
        rows: ragged tensor `(N, values)`, of which only the shape matters.

    Returns:
        int32 tensors `(values,)`: the row's number, and the place in the row from 0.

    Example:

    ```python
    row_positions(tf.ragged.constant([["a", "b"], [], ["c"]]))  # [0, 0, 2], [0, 1, 0]
    ```
    """
    row = row_numbers(tf.cast(rows.row_lengths(), tf.int32))
    starts = tf.cast(rows.row_starts(), tf.int32)
    return row, tf.range(tf.size(row)) - tf.gather(starts, row)
