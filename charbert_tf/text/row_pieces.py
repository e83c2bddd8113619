"""row_pieces: pieces of the rows of ragged tensors."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.text.row_numbers import row_numbers


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
