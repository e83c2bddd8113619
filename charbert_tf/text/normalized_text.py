"""Normalised texts and words, and the characters that they were made of."""

from typing import NamedTuple

import tensorflow as tf

from charbert_tf.text.row_numbers import row_numbers


class BertWords(NamedTuple):
    """The normalised words of texts, and the characters that they were made of.

    Characters are numbered through all texts. There are `K` characters in all words
    together, and `C` in the texts.

    Attributes:
        words: string ragged tensor `(N, words)`.
        lengths: int32 tensor `(total words,)`: how many characters each word has.
        sources: int32 tensor `(K,)`: which character of the texts each came from.
        source_ends: int32 tensor `(K,)`: the character after it and after the
            dropped ones that follow it, see `surfaces`.
        code_points: int32 tensor `(C,)`: the characters of the texts.
        first_bytes: int32 tensor `(C,)`: where in its own text each begins.
    """

    words: tf.RaggedTensor
    lengths: tf.Tensor
    sources: tf.Tensor
    source_ends: tf.Tensor
    code_points: tf.Tensor
    first_bytes: tf.Tensor

    def byte_ends(self, characters: tf.Tensor) -> tf.Tensor:
        """Tells where characters end.

        Args:
            characters: int32 tensor of any shape: numbers of characters of the texts.

        Returns:
            int32 tensor of the same shape: the byte after each, in its own text.
        """
        lengths = utf8_lengths(tf.gather(self.code_points, characters))
        return tf.gather(self.first_bytes, characters) + lengths

    def surfaces(self, starts: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
        """Cuts what the user wrote out of the texts.

        Args:
            starts: int32 tensor `(P,)`: the first of each piece's characters, counted
                through the words.
            ends: int32 tensor `(P,)`: the one after its last.

        Returns:
            string tensor `(P,)`, with the dropped characters inside and behind, but
            of those behind a word only the accents.
        """
        return cut_characters(
            self.code_points,
            tf.gather(self.sources, starts),
            tf.gather(self.source_ends, ends - 1),
        )


class NormalizedText(NamedTuple):
    """Normalised texts, and where their characters come from.

    Attributes:
        texts: string tensor `(N,)`. White space is a blank each; none is added.
        bytes_before: int32 tensor `(K,)`: how many bytes of all texts together stand
            before each of their characters, which are `K`.
        starts: int32 tensor `(K,)`: the first byte of what each comes from, in the
            text that was normalised.
        ends: int32 tensor `(K,)`: the byte after it.
    """

    texts: tf.Tensor
    bytes_before: tf.Tensor
    starts: tf.Tensor
    ends: tf.Tensor

    def first_byte(self, places: tf.RaggedTensor) -> tf.Tensor:
        """Finds what characters come from.

        Args:
            places: int32 ragged tensor `(N, P)`: the first byte of characters.

        Returns:
            int32 tensor: of each the first byte of what it comes from.
        """
        return tf.gather(self.starts, self._characters(places))

    def byte_end(self, places: tf.RaggedTensor) -> tf.Tensor:
        """Finds what characters come from.

        Args:
            places: int32 ragged tensor `(N, P)`: the byte after characters.

        Returns:
            int32 tensor: of each the byte after what it comes from.
        """
        return tf.gather(self.ends, self._characters(places) - 1)

    def _characters(self, places):
        text_start = tf.cumsum(tf.strings.length(self.texts), exclusive=True)
        place = places.values + tf.gather(text_start, places.value_rowids())
        return tf.searchsorted(self.bytes_before, place)


def utf8_lengths(code_points: tf.Tensor) -> tf.Tensor:
    """Tells how many bytes characters have.

    Args:
        code_points: int32 tensor of any shape.

    Returns:
        int32 tensor of the same shape, from 1 to 4.

    Example:

    ```python
    utf8_lengths(tf.constant([ord("e"), ord("é")]))  # [1, 2]
    ```
    """
    longer = [tf.cast(code_points >= low, tf.int32) for low in (0x80, 0x800, 0x10000)]
    return 1 + tf.add_n(longer)


def cut_characters(
    code_points: tf.Tensor, starts: tf.Tensor, ends: tf.Tensor
) -> tf.Tensor:
    """Cuts many pieces out of one sequence of characters.

    Args:
        code_points: int32 tensor `(C,)`.
        starts: int32 tensor `(P,)`: the first character of each piece.
        ends: int32 tensor `(P,)`: the one after its last.

    Returns:
        string tensor `(P,)`.

    Example:

    ```python
    cut_characters(tf.constant([ord("h"), ord("i")]), [0, 1], [2, 2])  # ["hi", "i"]
    ```
    """
    lengths = ends - starts
    piece = row_numbers(lengths)
    place = tf.range(tf.size(piece)) - tf.gather(
        tf.cumsum(lengths, exclusive=True), piece
    )
    characters = tf.gather(code_points, tf.gather(starts, piece) + place)
    pieces = tf.RaggedTensor.from_row_lengths(characters, lengths, validate=False)
    return tf.strings.unicode_encode(pieces, "UTF-8")
