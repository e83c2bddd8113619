"""SequencePacker: segments of subwords to one padded sequence."""

from collections.abc import Sequence

import tensorflow as tf

_START, _END, _PADDING, _NUM_SPECIAL = 0, 1, 2, 3


class SequenceLayout:
    """The places of `[CLS] first [SEP]` or `[CLS] first [SEP] second [SEP]`.

    They are found once; then every kind of value that a subword has, ids and surfaces
    alike, takes its place with a single look-up.

    Args:
        segments: One or two ragged tensors `(B, subwords)`.
        lengths: int32 tensors `(B,)`: how many of each row's first subwords are
            placed, one for each segment.
        num_ends: How many end tokens follow each segment.
        width: int. Tokens of a sequence; `None` for those of the longest.

    Attributes:
        padding_mask: int32 tensor `(B, T)`: 1 at the tokens, 0 after them.
        segment_ids: int32 tensor `(B, T)`: 1 in the second segment and at its end
            tokens, 0 elsewhere.

    Example:

    ```python
    subwords = tf.ragged.constant([[7, 8], [9]])
    layout = SequenceLayout([subwords], [tf.constant([2, 1])], num_ends=[1])
    layout.pack([subwords], start=2, end=3, padding=0)  # [[2, 7, 8, 3], [2, 9, 3, 0]]
    ```
    """

    def __init__(
        self,
        segments: Sequence[tf.RaggedTensor],
        lengths: Sequence[tf.Tensor],
        num_ends: Sequence[int],
        width: int | None = None,
    ):
        total = (1 + sum(num_ends) + sum(lengths))[:, None]
        if width is None:
            width = tf.maximum(tf.reduce_max(total), 0)
        position = tf.range(width)[None, :]
        is_token = position < total
        index = tf.where(is_token, _END, _PADDING)
        index = tf.where(position == 0, _START, index)
        begin = tf.ones_like(total)
        values_before = _NUM_SPECIAL
        for segment, length, ends in zip(segments, lengths, num_ends, strict=True):
            row_start = tf.cast(segment.row_starts(), tf.int32)[:, None]
            is_inside = (position >= begin) & (position < begin + length[:, None])
            place = values_before + row_start + position - begin
            index = tf.where(is_inside, place, index)
            last_begin = begin
            begin += length[:, None] + ends
            values_before += tf.size(segment.values)
        self._index = index
        self.padding_mask = tf.cast(is_token, tf.int32)
        self.segment_ids = tf.zeros_like(self.padding_mask)
        if len(segments) == 2:
            self.segment_ids = tf.cast(is_token & (position >= last_begin), tf.int32)

    def pack(
        self,
        segments: Sequence[tf.RaggedTensor],
        start: int | str,
        end: int | str,
        padding: int | str,
    ) -> tf.Tensor:
        """Puts one kind of value in its places.

        Args:
            segments: Ragged tensors `(B, subwords)` with the rows of the constructor's.
            start: Value of the start token.
            end: Value of the end tokens.
            padding: Value after the sequence.

        Returns:
            tensor `(B, T)` of the segments' dtype.
        """
        special = tf.constant([start, end, padding], segments[0].dtype)
        values = tf.concat([special, *(segment.values for segment in segments)], axis=0)
        return tf.gather(values, self._index)


class SequencePacker:
    """Packs `[CLS] first [SEP]` or `[CLS] first [SEP] second [SEP]`.

    RoBERTa has two separators between a pair, `<s> first </s></s> second </s>`; so
    each segment is followed by as many end tokens as are asked for. A pair that is too
    long loses from its longer segment first.

    Args:
        sequence_length: int. The most tokens of a sequence, special ones included.
        static_shapes: bool. Whether to pad every batch to `sequence_length` tokens
            instead of its own longest sequence.

    Example:

    ```python
    packer = SequencePacker(sequence_length=8)
    subwords = tf.ragged.constant([[7, 8]])
    layout = packer.layout([subwords], num_ends=[1])
    layout.pack([subwords], start=2, end=3, padding=0)  # [[2, 7, 8, 3]]
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

    def layout(
        self, segments: Sequence[tf.RaggedTensor], num_ends: Sequence[int]
    ) -> SequenceLayout:
        """Places the subwords of each row, as many as there is room for.

        Args:
            segments: One or two ragged tensors `(B, subwords)`.
            num_ends: How many end tokens follow each segment.

        Returns:
            Their places.
        """
        lengths = [tf.cast(rows.row_lengths(), tf.int32) for rows in segments]
        width = self.sequence_length if self.static_shapes else None
        lengths = self.kept_lengths(lengths, num_ends)
        return SequenceLayout(segments, lengths, num_ends, width)

    def kept_lengths(
        self, lengths: Sequence[tf.Tensor], num_ends: Sequence[int]
    ) -> list[tf.Tensor]:
        """Says how many of its first subwords each segment keeps.

        Args:
            lengths: int32 tensors `(B,)`: the subwords of the one or two segments.
            num_ends: How many end tokens follow each segment.

        Returns:
            int32 tensors `(B,)`.
        """
        room = self.room(sum(num_ends))
        if len(lengths) == 1:
            return [tf.minimum(lengths[0], room)]
        first, second = lengths
        first = tf.minimum(first, tf.maximum(room - second, (room + 1) // 2))
        return [first, tf.minimum(second, room - first)]
