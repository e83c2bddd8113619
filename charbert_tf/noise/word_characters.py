"""WordCharacters: words as their characters, each of which can be replaced."""

from typing import NamedTuple

import tensorflow as tf

from charbert_tf.attacks.running_text import COMBINING_MARK_RANGES
from charbert_tf.text.rows import row_positions

_FIRSTS, _LASTS = zip(*COMBINING_MARK_RANGES, strict=True)


class WordCharacters(NamedTuple):
    """The characters of words, in one list.

    Attributes:
        words: string tensor `(N,)`.
        characters: string ragged tensor `(N, characters)`.
        word: int32 tensor `(all characters,)`: which word each is of.
        place: int32 tensor `(all characters,)`: where in it.
        from_end: int32 tensor `(all characters,)`: how many come after it.
    """

    words: tf.Tensor
    characters: tf.RaggedTensor
    word: tf.Tensor
    place: tf.Tensor
    from_end: tf.Tensor

    @classmethod
    def of(cls, words: tf.Tensor, takes_marks: bool) -> "WordCharacters":
        """Parts words.

        Args:
            words: string tensor `(N,)`, valid UTF-8.
            takes_marks: Whether combining marks go with the letter before them, as in
                `written_characters`.

        Returns:
            Their characters.
        """
        characters = tf.strings.unicode_split(words, "UTF-8")
        if takes_marks:
            characters = _with_marks(characters)
        word, place = row_positions(characters)
        lengths = tf.cast(characters.row_lengths(), tf.int32)
        return cls(words, characters, word, place, tf.gather(lengths, word) - 1 - place)

    def at(self, offset: int) -> tf.Tensor:
        """Returns the character so many behind each, `""` where there is none.

        Args:
            offset: int. Negative for those before it.
        """
        values = self.characters.values
        flat = tf.range(tf.size(values)) + offset
        is_inside = (self.place + offset >= 0) & (self.from_end - offset >= 0)
        # One more, so that there is something to give if there is no character.
        values = tf.concat([values, [""]], axis=0)
        return tf.gather(values, tf.where(is_inside, flat, tf.size(values) - 1))

    def replaced(self, index: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
        """Puts other strings in the place of some characters.

        Args:
            index: int tensor `(K,)`: which of all characters, none of them twice.
            new: string tensor `(K,)`.

        Returns:
            string tensor `(N,)`: the words.
        """
        values = tf.tensor_scatter_nd_update(
            self.characters.values, index[:, None], new
        )
        return tf.strings.reduce_join(self.characters.with_values(values), axis=-1)


def lone_code_points(characters: tf.Tensor) -> tf.Tensor:
    """Gives the code points of strings of one.

    Args:
        characters: string tensor `(N,)`, valid UTF-8.

    Returns:
        int32 tensor `(N,)`: -1 of a string of none or of several.

    Example:

    ```python
    lone_code_points(tf.constant(["a", "", "ab"]))  # [97, -1, -1]
    ```
    """
    code_points = tf.strings.unicode_decode(characters, "UTF-8")
    first = code_points.to_tensor(default_value=-1, shape=[None, 1])[:, 0]
    return tf.where(code_points.row_lengths() == 1, first, -1)


def is_mark(characters: tf.Tensor) -> tf.Tensor:
    r"""Tells which characters are combining marks.

    Args:
        characters: string tensor `(N,)`.

    Returns:
        bool tensor `(N,)`.

    Example:

    ```python
    is_mark(tf.constant(["a", "\u0301"]))  # [False, True]
    ```
    """
    code_points = lone_code_points(characters)
    # The range that begins last before it is the only one that may have it.
    index = tf.searchsorted(_FIRSTS, code_points, side="right") - 1
    return (index >= 0) & (code_points <= tf.gather(_LASTS, tf.maximum(index, 0)))


def _with_marks(characters: tf.RaggedTensor) -> tf.RaggedTensor:
    row, place = row_positions(characters)
    begins = ~is_mark(characters.values) | (place == 0)
    number = tf.cumsum(tf.cast(begins, tf.int32)) - 1
    joined = tf.strings.unsorted_segment_join(
        characters.values, number, tf.reduce_sum(tf.cast(begins, tf.int32))
    )
    return tf.RaggedTensor.from_value_rowids(
        joined,
        tf.boolean_mask(tf.cast(row, tf.int64), begins),
        nrows=characters.nrows(),
        validate=False,
    )
