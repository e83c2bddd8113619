"""Rows of ragged tensors: which a value is of, and pieces of them."""

from collections.abc import Sequence

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


def row_pieces(
    columns: Sequence[tf.RaggedTensor],
    rows: tf.Tensor,
    starts: tf.Tensor,
    lengths: tf.Tensor,
) -> list[tf.RaggedTensor]:
    """Cuts the same pieces out of the rows of several ragged tensors.

    The time is that of what is cut out, however long the rows are and however many
    pieces one row gives.

    Args:
        columns: ragged tensors `(B, values)`, all with the same row lengths.
        rows: int tensor `(N,)`: the row that each piece is of.
        starts: int tensor `(N,)`: the first value of the row that is in the piece.
        lengths: int tensor `(N,)`: the most values of the piece; it ends with its row.

    Returns:
        ragged tensors `(N, values)`.

    Example:

    ```python
    row_pieces([tf.ragged.constant([[1, 2, 3], [4]])], [0, 0, 1], [0, 1, 0], [2, 2, 2])
    # [[[1, 2], [2, 3], [4]]]
    ```
    """
    starts, lengths = (tf.cast(values, tf.int64) for values in (starts, lengths))
    row_lengths = tf.gather(tf.cast(columns[0].row_lengths(), tf.int64), rows)
    first = tf.gather(tf.cast(columns[0].row_starts(), tf.int64), rows) + starts
    lengths = tf.maximum(tf.minimum(lengths, row_lengths - starts), 0)
    shift = first - tf.cumsum(lengths, exclusive=True)
    index = tf.gather(shift, row_numbers(lengths)) + tf.range(tf.reduce_sum(lengths))
    return [
        tf.RaggedTensor.from_row_lengths(
            tf.gather(column.values, index), lengths, validate=False
        )
        for column in columns
    ]
