"""SequencePacker: segments of subwords to one padded sequence."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.text.sequence_layout import SequenceLayout


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
