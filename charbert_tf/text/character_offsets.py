"""character_offsets: byte offsets of subwords to characters, without white space."""

import numpy as np
import tensorflow as tf

from charbert_tf.text.rows import row_positions

_WHITE_SPACE = [
    *range(0x09, 0x0E),
    *(0x20, 0x85, 0xA0, 0x1680),
    *range(0x2000, 0x200B),
    *(0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
]
_NOWHERE = -1


def character_offsets(
    texts: tf.Tensor, starts: tf.RaggedTensor, ends: tf.RaggedTensor
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Says which characters of the texts subwords stand for.

    A subword that begins or ends inside a character has all of it; white space at its
    ends is left out.

    Args:
        texts: string tensor `(N,)`, valid UTF-8.
        starts: int32 ragged tensor `(N, subwords)`, as `Subwords` has it.
        ends: int32 ragged tensor `(N, subwords)`.

    Returns:
        The index of each subword's first character and of the one after its last,
        int32 ragged tensors `(N, subwords)`; -1 both for a subword that has none.

    Example:

    ```python
    text, starts, ends = tf.constant(["Ça va"]), [[0, 3]], [[3, 6]]
    character_offsets(text, tf.ragged.constant(starts), tf.ragged.constant(ends))
    # [[0, 3]], [[2, 5]]
    ```
    """
    code_points, first_bytes, text_bytes = _numbered_through(texts)
    row = starts.value_rowids()
    offset = tf.gather(text_bytes, row)
    start = tf.searchsorted(first_bytes, starts.values + offset, side="right") - 1
    end = tf.searchsorted(first_bytes, ends.values + offset, side="left")
    is_shown = ~_is_white_space(code_points.values)
    shown = tf.cast(tf.where(is_shown)[:, 0], tf.int32)
    count_before = tf.concat([[0], tf.cumsum(tf.cast(is_shown, tf.int32))], axis=0)
    first = tf.gather(count_before, tf.maximum(start, 0))
    last = tf.gather(count_before, end) - 1
    has_any = (first <= last) & (starts.values < ends.values)
    text_start = tf.gather(tf.cast(code_points.row_starts(), tf.int32), row)

    def position(which, after):
        at = tf.gather(shown, tf.where(has_any, which, 0)) - text_start + after
        return starts.with_values(tf.where(has_any, at, _NOWHERE))

    # So that there is one to look up where there is none.
    shown = tf.concat([shown, [0]], axis=0)
    return position(first, 0), position(last, 1)


def characters_before(texts: tf.Tensor, offsets: tf.RaggedTensor) -> tf.RaggedTensor:
    """Counts the characters of the texts before some bytes.

    Args:
        texts: string tensor `(N,)`, valid UTF-8.
        offsets: int32 ragged tensor `(N, places)`: bytes with which a character begins,
            or the one after the text.

    Returns:
        int32 ragged tensor `(N, places)`.

    Example:

    ```python
    characters_before(tf.constant(["Ça va"]), tf.ragged.constant([[0, 3, 6]]))
    # [[0, 2, 5]]
    ```
    """
    code_points, first_bytes, text_bytes = _numbered_through(texts)
    row, _ = row_positions(offsets)
    count = tf.searchsorted(first_bytes, offsets.values + tf.gather(text_bytes, row))
    before_text = tf.gather(tf.cast(code_points.row_starts(), tf.int32), row)
    return offsets.with_values(count - before_text)


def _numbered_through(
    texts: tf.Tensor,
) -> tuple[tf.RaggedTensor, tf.Tensor, tf.Tensor]:
    """The characters, and the first bytes of characters and texts in all texts."""
    code_points, first_bytes = tf.strings.unicode_decode_with_offsets(texts, "UTF-8")
    text_bytes = tf.cumsum(tf.strings.length(texts), exclusive=True)
    first_bytes = tf.cast(first_bytes.values, tf.int32) + tf.gather(
        text_bytes, code_points.value_rowids()
    )
    return code_points, first_bytes, text_bytes


def _is_white_space(code_points: tf.Tensor) -> tf.Tensor:
    table = np.zeros(max(_WHITE_SPACE) + 2, bool)
    table[_WHITE_SPACE] = True
    return tf.gather(table, tf.minimum(code_points, len(table) - 1))
