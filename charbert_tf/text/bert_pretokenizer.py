"""BertPretokenizer: text to the words that WordPiece looks up, in the graph."""

from typing import NamedTuple

import tensorflow as tf

from charbert_tf.text.normalized_text import (
    ALONE,
    DROPPED_STARTER,
    KIND_BITS,
    MARK,
    PAGE_BITS,
    SEVERAL,
    SEVERAL_MARKED,
    SPACE,
    UNCLEAN,
    BertWords,
    Normalization,
    NormalizedText,
    cut_characters,
    normalization_table,
    utf8_lengths,
)
from charbert_tf.text.rows import row_numbers

_LARGEST_CLASS = 256


class _Text(NamedTuple):
    """Texts as characters, numbered through all of them, and their meanings.

    Attributes:
        code_points: int32 tensor `(C,)`.
        first_bytes: int32 tensor `(C,)`: where in its own text each begins.
        entries: int32 tensor `(C,)`: of the table.
        kinds: int32 tensor `(C,)`.
        rows: int32 tensor `(C,)`: the text that each is of.
        gaps: int32 tensor `(C,)`: differs for two characters if white space or a
            text's end is between them.
        ends: int32 tensor `(N,)`: the number of the character after each text.
    """

    code_points: tf.Tensor
    first_bytes: tf.Tensor
    entries: tf.Tensor
    kinds: tf.Tensor
    rows: tf.Tensor
    gaps: tf.Tensor
    ends: tf.Tensor


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
        self.normalization = normalization
        self._table = normalization_table(normalization)

    def __call__(self, texts: tf.Tensor) -> BertWords:
        """Normalises and cuts.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The words.
        """
        text = self._read(texts)
        parts = self._parts(text)
        splits = _word_splits(text, parts.origins)
        words = tf.RaggedTensor.from_row_splits(
            parts.code_points, splits, validate=False
        )
        return BertWords(
            _by_text(
                text, parts.origins, splits, tf.strings.unicode_encode(words, "UTF-8")
            ),
            splits[1:] - splits[:-1],
            parts.sources,
            _ends(text, parts.sources),
            text.code_points,
            text.first_bytes,
        )

    def split(
        self, texts: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Cuts, and normalises nothing.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The words as they are written, string ragged tensor `(N, words)`, each with
            the dropped characters inside and the accents behind it; and the first byte
            of each and the byte after it, int32 ragged tensors of the same shape.
        """
        text = self._read(texts)
        kept = tf.cast(tf.where(text.kinds < SPACE)[:, 0], tf.int32)
        splits = _word_splits(text, kept)
        first = tf.gather(kept, splits[:-1])
        after = _ends(text, tf.gather(kept, splits[1:] - 1))
        words = _by_text(
            text, kept, splits, cut_characters(text.code_points, first, after)
        )
        starts = tf.gather(text.first_bytes, first)
        return (
            words,
            words.with_values(starts),
            words.with_values(starts + tf.strings.length(words.values)),
        )

    def normalize(self, texts: tf.Tensor) -> NormalizedText:
        """Normalises, and cuts nothing.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The normalised texts.
        """
        text = self._read(texts)
        expand = self._expand if len(self._table.parts) else self._look_up_single
        parts = expand(text, text.kinds <= SPACE)
        is_space = tf.gather(text.kinds, parts.origins) == SPACE
        code_points = tf.where(is_space, ord(" "), parts.code_points)
        lengths = utf8_lengths(code_points)
        counts = tf.math.bincount(
            tf.gather(text.rows, parts.origins), minlength=tf.size(texts)
        )
        rows = tf.RaggedTensor.from_row_lengths(code_points, counts, validate=False)
        starts = tf.gather(text.first_bytes, parts.origins)
        sizes = utf8_lengths(tf.gather(text.code_points, parts.origins))
        return NormalizedText(
            tf.strings.unicode_encode(rows, "UTF-8"),
            tf.cumsum(lengths, exclusive=True),
            starts,
            starts + sizes,
        )

    def _read(self, texts) -> _Text:
        decoded, first_bytes = tf.strings.unicode_decode_with_offsets(texts, "UTF-8")
        lengths = tf.cast(decoded.row_lengths(), tf.int32)
        rows = row_numbers(lengths)
        entries = self._look_up(decoded.values)
        kinds = tf.bitwise.bitwise_and(entries, (1 << KIND_BITS) - 1)
        return _Text(
            decoded.values,
            tf.cast(first_bytes.values, tf.int32),
            entries,
            kinds,
            rows,
            rows + tf.cumsum(tf.cast(kinds == SPACE, tf.int32)),
            tf.cumsum(lengths),
        )

    def _look_up(self, code_points):
        page = tf.gather(
            self._table.page_of, tf.bitwise.right_shift(code_points, PAGE_BITS)
        )
        in_page = tf.bitwise.bitwise_and(code_points, (1 << PAGE_BITS) - 1)
        place = tf.bitwise.left_shift(page, PAGE_BITS) + in_page
        return tf.gather(self._table.entries, place)

    def _parts(self, text: _Text) -> _Parts:
        is_kept = text.kinds < SPACE
        if not len(self._table.parts):
            return self._look_up_single(text, is_kept)
        is_odd = (text.kinds >= MARK) & is_kept
        return tf.cond(
            tf.reduce_any(is_odd),
            lambda: self._odd_parts(text, is_kept),
            lambda: self._look_up_single(text, is_kept),
        )

    def _odd_parts(self, text, is_kept) -> _Parts:
        """The parts where some characters become several, or marks are among them."""
        if not len(self._table.marks):
            return self._expand(text, is_kept)
        is_mark = self._mark_class(text.code_points) > 0
        return self._sort_marks(text, self._expand(text, is_kept | is_mark))

    def _look_up_single(self, text, is_part) -> _Parts:
        """Looks up what characters become, none of them several."""
        origins = _places(is_part)
        value = tf.bitwise.right_shift(tf.gather(text.entries, origins), KIND_BITS)
        return _Parts(tf.gather(text.code_points, origins) + value, origins, origins)

    def _expand(self, text, is_part) -> _Parts:
        """Looks up what characters become, some of them several."""
        origins = _places(is_part)
        value = tf.bitwise.right_shift(tf.gather(text.entries, origins), KIND_BITS)
        kind = tf.gather(text.kinds, origins)
        is_several = (kind == SEVERAL) | (kind == SEVERAL_MARKED)
        single = tf.gather(text.code_points, origins) + tf.where(is_several, 0, value)
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

    def _mark_class(self, code_points):
        marks, classes = self._table.marks, self._table.mark_classes
        where = tf.minimum(tf.searchsorted(marks, code_points), len(marks) - 1)
        is_mark = tf.gather(marks, where) == code_points
        return tf.where(is_mark, tf.gather(classes, where), 0)

    def _sort_marks(self, text, parts) -> _Parts:
        """Puts marks, kept ones among dropped ones, into canonical order.

        The offsets are the library's, which do not go with the marks: a character is
        where as many characters of the text are that stand before it now.
        """
        mark_class = self._mark_class(parts.code_points)
        starters = tf.cast(text.kinds == DROPPED_STARTER, tf.int32)
        gap = text.gaps + tf.cumsum(starters)
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
        kept = tf.where(tf.gather(text.kinds, origins) < SPACE)[:, 0]
        return _Parts(
            tf.gather(tf.gather(parts.code_points, order), kept),
            tf.gather(origins, kept),
            tf.gather(firsts, tf.gather(count, kept) - 1),
        )


def _word_splits(text, origins):
    """Where words begin among kept characters, and the end."""
    gap = tf.gather(text.gaps, origins)
    is_alone = tf.gather(text.kinds, origins) == ALONE
    begins = (gap[1:] != gap[:-1]) | is_alone[1:] | is_alone[:-1]
    size = tf.size(origins)
    starts = tf.where(tf.concat([[True], begins], axis=0)[:size])[:, 0]
    return tf.concat([tf.cast(starts, tf.int32), [size]], axis=0)


def _by_text(text, origins, splits, words) -> tf.RaggedTensor:
    """Gives words to the texts that they are of."""
    rows = tf.gather(text.rows, tf.gather(origins, splits[:-1]))
    counts = tf.math.bincount(rows, minlength=tf.size(text.ends))
    return tf.RaggedTensor.from_row_lengths(
        words, tf.cast(counts, tf.int64), validate=False
    )


def _ends(text, characters):
    """The character after each kept one and the dropped ones behind it.

    Of those behind a word only marks are its own, which are accents.
    """
    is_there = text.kinds <= SPACE
    there = _places(is_there)
    there = tf.concat([there, [tf.size(is_there)]], axis=0)
    following = tf.gather(tf.cumsum(tf.cast(is_there, tf.int32)), characters)
    text_end = tf.gather(text.ends, tf.gather(text.rows, characters))
    ends = tf.minimum(tf.gather(there, following), text_end)
    next_kind = tf.gather(tf.concat([text.kinds, [SPACE]], axis=0), ends)
    parts_words = (next_kind == SPACE) | (next_kind == ALONE) | (ends == text_end)
    ends_word = parts_words | (tf.gather(text.kinds, characters) == ALONE)
    is_written = (text.kinds != SPACE) & (text.kinds != UNCLEAN)
    last = tf.gather(tf.cumsum(tf.cast(is_written, tf.int32)), ends - 1) - 1
    return tf.where(ends_word, tf.gather(_places(is_written), last) + 1, ends)


def _places(is_there):
    return tf.cast(tf.where(is_there)[:, 0], tf.int32)
