"""SequencePacker: segments of subwords to one padded sequence."""

from collections.abc import Sequence

import tensorflow as tf


class SequencePacker:
    """Packs `[CLS] first [SEP]` or `[CLS] first [SEP] second [SEP]`.

    RoBERTa has two separators between a pair, `<s> first </s></s> second </s>`; so
    each segment is followed by as many end values as are given. A pair that is too
    long loses from its longer segment first. What is packed can be any value a subword
    has, ids and surfaces alike.

    Args:
        sequence_length: int. The most tokens of a sequence, special ones included.
        static_shapes: bool. Whether to pad every batch to `sequence_length` tokens
            instead of its own longest sequence.

    Example:

    ```python
    packer = SequencePacker(sequence_length=8)
    packer.pack([tf.ragged.constant([[7, 8]])], start=2, ends=[[3]], padding=0)
    # [[2, 7, 8, 3]]
    ```
    """

    def __init__(self, sequence_length: int, static_shapes: bool = False):
        self.sequence_length = sequence_length
        self.static_shapes = static_shapes

    def room(self, num_ends: int) -> int:
        """How many subwords a sequence has room for.

        Args:
            num_ends: int. Its end tokens.

        Returns:
            `sequence_length` without them and the start token; 0 if that is less.
        """
        return max(self.sequence_length - 1 - num_ends, 0)

    def truncate(
        self, segments: list[tf.RaggedTensor], num_ends: int
    ) -> list[tf.RaggedTensor]:
        """Cuts segments so that they fit with their special tokens.

        Args:
            segments: One or two ragged tensors `(B, subwords)`.
            num_ends: int. The end tokens of the whole sequence.

        Returns:
            The segments, shortened at their ends.
        """
        room = tf.constant(self.room(num_ends), tf.int64)
        if len(segments) == 1:
            return [segments[0][:, :room]]
        first, second = (segment.row_lengths() for segment in segments)
        first = tf.minimum(first, tf.maximum(room - second, (room + 1) // 2))
        second = tf.minimum(second, room - first)
        return [
            keep_first(segment, length)
            for segment, length in zip(segments, (first, second), strict=True)
        ]

    def pack(
        self,
        segments: list[tf.RaggedTensor],
        start: int | str,
        ends: Sequence[Sequence[int | str]],
        padding: int | str,
    ) -> tf.Tensor:
        """Truncates, joins and pads one kind of value.

        Args:
            segments: One or two ragged tensors `(B, subwords)` of one dtype.
            start: Value at the sequence's first position.
            ends: Values after each segment.
            padding: Value after the sequence.

        Returns:
            tensor `(B, T)`.
        """
        rows, dtype = segments[0].nrows(), segments[0].dtype

        def column(values):
            return tf.tile(tf.constant([values], dtype), [rows, 1])

        parts = [column([start])]
        segments = self.truncate(segments, sum(map(len, ends)))
        for segment, values in zip(segments, ends, strict=True):
            parts += [segment, column(list(values))]
        width = self.sequence_length if self.static_shapes else None
        return tf.concat(parts, axis=1).to_tensor(padding, shape=[None, width])

    def segment_ids(
        self, segments: list[tf.RaggedTensor], num_ends: Sequence[int]
    ) -> tf.Tensor:
        """Which segment a token is of.

        Args:
            segments: One or two ragged tensors `(B, subwords)`.
            num_ends: The end tokens after each segment.

        Returns:
            int32 tensor `(B, T)`: 0 in the first segment and its special tokens and in
            the padding, 1 in the second.
        """
        numbered = [
            segment.with_values(tf.fill(tf.shape(segment.values), number))
            for number, segment in enumerate(segments)
        ]
        ends = [[number] * count for number, count in enumerate(num_ends)]
        return self.pack(numbered, start=0, ends=ends, padding=0)


def keep_first(rows: tf.RaggedTensor, lengths: tf.Tensor) -> tf.RaggedTensor:
    """Shortens rows.

    Args:
        rows: ragged tensor `(B, values)`.
        lengths: int64 tensor `(B,)`: how many values of each row are kept.

    Returns:
        The first values of each row.
    """
    return keep_between([rows], tf.zeros_like(lengths), lengths)[0]


def keep_between(
    columns: Sequence[tf.RaggedTensor], starts: tf.Tensor, ends: tf.Tensor
) -> list[tf.RaggedTensor]:
    """Cuts the same piece out of the rows of several ragged tensors.

    Args:
        columns: ragged tensors `(B, values)`, all with the same row lengths.
        starts: int64 tensor `(B,)`: the first value of each row that is kept.
        ends: int64 tensor `(B,)`: the value after the last.

    Returns:
        What there is of each row between the two.
    """
    # Not `tf.ragged.boolean_mask`, which takes a second to trace.
    row, row_starts = columns[0].value_rowids(), columns[0].row_starts()
    position = tf.range(tf.size(row, tf.int64)) - tf.gather(row_starts, row)
    is_kept = (position >= tf.gather(starts, row)) & (position < tf.gather(ends, row))
    kept = tf.where(is_kept)[:, 0]
    lengths = tf.maximum(tf.minimum(ends, columns[0].row_lengths()) - starts, 0)
    return [
        tf.RaggedTensor.from_row_lengths(
            tf.gather(rows.values, kept), lengths, validate=False
        )
        for rows in columns
    ]
