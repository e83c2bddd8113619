"""SequencePacker: segments of subwords to one padded sequence."""

from collections.abc import Sequence

import tensorflow as tf


class SequencePacker:
    """Packs `[CLS] first [SEP]` or `[CLS] first [SEP] second [SEP]`.

    A pair that is too long loses from its longer segment first. What is packed can be
    any value a subword has, ids and surfaces alike.

    Args:
        sequence_length: int. The most tokens of a sequence, special ones included.
        static_shapes: bool. Whether to pad every batch to `sequence_length` tokens
            instead of its own longest sequence.

    Example:

    ```python
    packer = SequencePacker(sequence_length=8)
    packer.pack([tf.ragged.constant([[7, 8]])], start=2, ends=[3], padding=0)
    # [[2, 7, 8, 3]]
    ```
    """

    def __init__(self, sequence_length: int, static_shapes: bool = False):
        self.sequence_length = sequence_length
        self.static_shapes = static_shapes

    def truncate(self, segments: list[tf.RaggedTensor]) -> list[tf.RaggedTensor]:
        """Cuts segments so that they fit with their special tokens.

        Args:
            segments: One or two ragged tensors `(B, subwords)`.

        Returns:
            The segments, shortened at their ends.
        """
        room = tf.constant(self.sequence_length - 1 - len(segments), tf.int64)
        if len(segments) == 1:
            return [segments[0][:, :room]]
        first, second = (segment.row_lengths() for segment in segments)
        first = tf.minimum(first, tf.maximum(room - second, (room + 1) // 2))
        second = tf.minimum(second, room - first)
        return [
            _keep(segment, length)
            for segment, length in zip(segments, (first, second), strict=True)
        ]

    def pack(
        self,
        segments: list[tf.RaggedTensor],
        start: int | str,
        ends: Sequence[int | str],
        padding: int | str,
    ) -> tf.Tensor:
        """Truncates, joins and pads one kind of value.

        Args:
            segments: One or two ragged tensors `(B, subwords)` of one dtype.
            start: Value at the sequence's first position.
            ends: Value after each segment, one for each.
            padding: Value after the sequence.

        Returns:
            tensor `(B, T)`.
        """
        rows, dtype = segments[0].nrows(), segments[0].dtype
        parts = [tf.fill([rows, 1], tf.constant(start, dtype))]
        for segment, end in zip(self.truncate(segments), ends, strict=True):
            parts += [segment, tf.fill([rows, 1], tf.constant(end, dtype))]
        width = self.sequence_length if self.static_shapes else None
        return tf.concat(parts, axis=1).to_tensor(padding, shape=[None, width])

    def segment_ids(self, segments: list[tf.RaggedTensor]) -> tf.Tensor:
        """Which segment a token is of.

        Args:
            segments: One or two ragged tensors `(B, subwords)`.

        Returns:
            int32 tensor `(B, T)`: 0 in the first segment and its special tokens and in
            the padding, 1 in the second.
        """
        numbers = range(len(segments))
        numbered = [
            segment.with_values(tf.fill(tf.shape(segment.values), number))
            for segment, number in zip(segments, numbers, strict=True)
        ]
        return self.pack(numbered, start=0, ends=numbers, padding=0)


def _keep(segment: tf.RaggedTensor, lengths: tf.Tensor) -> tf.RaggedTensor:
    """The first `lengths` values of each row."""
    position = tf.ragged.range(segment.row_lengths())
    return tf.ragged.boolean_mask(segment, position < lengths[:, None])
