"""BertPretokenizer: text to the words that WordPiece looks up, in the graph."""

from typing import NamedTuple

import tensorflow as tf

from charbert_tf.text.normalization_table import (
    ALONE,
    DROPPED,
    DROPPED_STARTER,
    KIND_BITS,
    MARK,
    PAGE_BITS,
    SEVERAL,
    SEVERAL_MARKED,
    SPACE,
    Normalization,
    normalization_table,
)
from charbert_tf.text.row_numbers import row_numbers

_LARGEST_CLASS = 256


class BertWords(NamedTuple):
    """The normalised words of texts, and the characters that they were made of.

    Characters are numbered through all texts. There are `K` characters in all words
    together, and `C` in the texts.

    Attributes:
        words: string ragged tensor `(N, words)`.
        lengths: int32 tensor `(total words,)`: how many characters each word has.
        sources: int32 tensor `(K,)`: which character of the texts each came from.
        source_ends: int32 tensor `(K,)`: the character after it, or, where dropped
            ones follow, the one after those.
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
        code_points = tf.gather(self.code_points, characters)
        lengths = 1 + tf.add_n(
            [tf.cast(code_points >= low, tf.int32) for low in (0x80, 0x800, 0x10000)]
        )
        return tf.gather(self.first_bytes, characters) + lengths

    def surfaces(self, starts: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
        """Cuts what the user wrote out of the texts.

        Args:
            starts: int32 tensor `(P,)`: the first of each piece's characters, counted
                through the words.
            ends: int32 tensor `(P,)`: the one after its last.

        Returns:
            string tensor `(P,)`, with the dropped characters inside and behind.
        """
        first = tf.gather(self.sources, starts)
        lengths = tf.gather(self.source_ends, ends - 1) - first
        piece = row_numbers(lengths)
        place = tf.range(tf.size(piece)) - tf.gather(
            tf.cumsum(lengths, exclusive=True), piece
        )
        characters = tf.gather(self.code_points, tf.gather(first, piece) + place)
        pieces = tf.RaggedTensor.from_row_lengths(characters, lengths)
        return tf.strings.unicode_encode(pieces, "UTF-8")


class _Parts(NamedTuple):
    """The normalised characters.

    Attributes:
        code_points: int32 tensor `(K,)`.
        origins: int32 tensor `(K,)`: which character of the texts each came from.
        sources: int32 tensor `(K,)`: which one its offsets are of.
    """

    code_points: tf.Tensor
    origins: tf.Tensor
    sources: tf.Tensor


class BertPretokenizer:
    """Normalises text and cuts it into words, as Hugging Face's BERT does.

    The result is that of the `tokenizers` library's `BertNormalizer` followed by its
    `BertPreTokenizer`, with the offsets that they give: a table tells of each code
    point what it becomes (dropped, white space, itself, a word by itself, another
    letter or several), so that the graph only looks up, and only core TensorFlow
    operations are needed.

    Args:
        normalization: The settings.

    Example:

    ```python
    uncased = Normalization(lowercase=True, strip_accents=True)
    BertPretokenizer(uncased)(tf.constant(["Don't."])).words  # [["don", "'", "t", "."]]
    ```
    """

    def __init__(self, normalization: Normalization):
        self._table = normalization_table(normalization)

    def __call__(self, texts: tf.Tensor) -> BertWords:
        """Normalises and cuts.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The words.
        """
        decoded, first_bytes = tf.strings.unicode_decode_with_offsets(texts, "UTF-8")
        lengths = tf.cast(decoded.row_lengths(), tf.int32)
        row = row_numbers(lengths)
        entries = self._look_up(decoded.values)
        kinds = tf.bitwise.bitwise_and(entries, (1 << KIND_BITS) - 1)
        # Differs for two characters if white space or a text's end is between them.
        gaps = row + tf.cumsum(tf.cast(kinds == SPACE, tf.int32))
        parts = self._parts(decoded.values, entries, kinds, gaps)
        starts = _word_starts(parts.origins, kinds, gaps)
        splits = tf.concat([starts, [tf.size(parts.code_points)]], axis=0)
        words = tf.strings.unicode_encode(
            tf.RaggedTensor.from_row_splits(parts.code_points, splits, validate=False),
            "UTF-8",
        )
        word_row = tf.gather(row, tf.gather(parts.origins, starts))
        rows = tf.math.bincount(word_row, minlength=tf.size(lengths))
        return BertWords(
            tf.RaggedTensor.from_row_lengths(words, rows, validate=False),
            splits[1:] - splits[:-1],
            parts.sources,
            _source_ends(parts.sources, kinds, row, tf.cumsum(lengths)),
            decoded.values,
            tf.cast(first_bytes.values, tf.int32),
        )

    def _look_up(self, code_points):
        page = tf.gather(
            self._table.page_of, tf.bitwise.right_shift(code_points, PAGE_BITS)
        )
        in_page = tf.bitwise.bitwise_and(code_points, (1 << PAGE_BITS) - 1)
        place = tf.bitwise.left_shift(page, PAGE_BITS) + in_page
        return tf.gather(self._table.entries, place)

    def _parts(self, code_points, entries, kinds, gaps) -> _Parts:
        def expanded(is_part):
            origins = tf.cast(tf.where(is_part)[:, 0], tf.int32)
            return self._expand(code_points, entries, kinds, origins)

        is_kept = kinds < SPACE
        if not len(self._table.marks):
            return expanded(is_kept)
        has_marks = tf.reduce_any((kinds == MARK) | (kinds == SEVERAL_MARKED))
        return tf.cond(
            has_marks,
            lambda: self._sort_marks(
                expanded(is_kept | (self._mark_class(code_points) > 0)), kinds, gaps
            ),
            lambda: expanded(is_kept),
        )

    def _expand(self, code_points, entries, kinds, origins) -> _Parts:
        """Looks up what characters become, which may be several."""
        value = tf.bitwise.right_shift(tf.gather(entries, origins), KIND_BITS)
        kind = tf.gather(kinds, origins)
        is_several = (kind == SEVERAL) | (kind == SEVERAL_MARKED)
        single = tf.gather(code_points, origins) + tf.where(is_several, 0, value)
        if not len(self._table.parts):
            return _Parts(single, origins, origins)

        def several():
            which_list = tf.where(is_several, value, 0)
            first = tf.gather(self._table.part_splits, which_list)
            after = tf.gather(self._table.part_splits, which_list + 1)
            lengths = tf.where(is_several, after - first, 1)
            item = row_numbers(lengths)
            place = tf.range(tf.size(item)) - tf.gather(
                tf.cumsum(lengths, exclusive=True), item
            )
            is_part = tf.gather(is_several, item)
            part = tf.where(is_part, tf.gather(first, item) + place, 0)
            part = tf.gather(self._table.parts, part)
            repeated = tf.gather(origins, item)
            return _Parts(
                tf.where(is_part, part, tf.gather(single, item)), repeated, repeated
            )

        return tf.cond(
            tf.reduce_any(is_several),
            several,
            lambda: _Parts(single, origins, origins),
        )

    def _mark_class(self, code_points):
        marks, classes = self._table.marks, self._table.mark_classes
        where = tf.minimum(tf.searchsorted(marks, code_points), len(marks) - 1)
        is_mark = tf.gather(marks, where) == code_points
        return tf.where(is_mark, tf.gather(classes, where), 0)

    def _sort_marks(self, parts, kinds, gaps) -> _Parts:
        """Puts marks, kept ones among dropped ones, into canonical order.

        The offsets are the library's, which do not go with the marks: a character is
        where as many characters of the text are that stand before it now.
        """
        mark_class = self._mark_class(parts.code_points)
        gap = gaps + tf.cumsum(tf.cast(kinds == DROPPED_STARTER, tf.int32))
        gap = tf.gather(gap, parts.origins)
        is_apart = tf.concat([[True], gap[1:] != gap[:-1]], axis=0)
        is_apart = is_apart[: tf.size(gap)] | (mark_class == 0)
        run = tf.cumsum(tf.cast(is_apart, tf.int32))
        order = tf.argsort(run * _LARGEST_CLASS + mark_class, stable=True)
        is_first = parts.origins[1:] != parts.origins[:-1]
        is_first = tf.concat([[True], is_first], axis=0)[: tf.size(gap)]
        firsts = tf.boolean_mask(parts.origins, is_first)
        origins = tf.gather(parts.origins, order)
        count = tf.cumsum(tf.cast(tf.gather(is_first, order), tf.int32))
        kept = tf.where(tf.gather(kinds, origins) < SPACE)[:, 0]
        return _Parts(
            tf.gather(tf.gather(parts.code_points, order), kept),
            tf.gather(origins, kept),
            tf.gather(firsts, tf.gather(count, kept) - 1),
        )


def _word_starts(origins, kinds, gaps):
    """The first part of each word."""
    gap, is_alone = tf.gather(gaps, origins), tf.gather(kinds, origins) == ALONE
    begins = (gap[1:] != gap[:-1]) | is_alone[1:] | is_alone[:-1]
    begins = tf.concat([[True], begins], axis=0)[: tf.size(origins)]
    return tf.cast(tf.where(begins)[:, 0], tf.int32)


def _source_ends(sources, kinds, row, text_ends):
    """The character after each source and the dropped ones behind it."""
    is_there = kinds < DROPPED
    there = tf.cast(tf.where(is_there)[:, 0], tf.int32)
    there = tf.concat([there, [tf.size(kinds)]], axis=0)
    following = tf.gather(tf.cumsum(tf.cast(is_there, tf.int32)), sources)
    return tf.minimum(
        tf.gather(there, following), tf.gather(text_ends, tf.gather(row, sources))
    )
