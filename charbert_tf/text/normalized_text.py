"""Normalised texts and words, and the characters that they were made of."""

import functools
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from charbert_tf.text.character_properties import (
    IDEOGRAPHS,
    category,
    combining_class,
    decomposed,
    is_ideograph,
    is_punctuation,
    is_white_space,
    lower_case,
)
from charbert_tf.text.rows import row_numbers

# What a code point becomes. All before SPACE are kept, all after it are dropped: marks,
# of which a starter does not change places with others, and what clean-up takes away.
LETTER, ALONE, MARK, SEVERAL, SEVERAL_MARKED = range(5)
SPACE, DROPPED_MARK, DROPPED_STARTER, UNCLEAN = range(5, 9)
KIND_BITS = 4
PAGE_BITS = 8

_CODE_POINTS = 0x110000
_SURROGATES = range(0xD800, 0xE000)
_SYLLABLES = range(0xAC00, 0xD7A4)
_UNUSED = range(0x40000, 0xE0000)
_PRIVATE = 0xF0000
# The last two of each plane are no characters.
_PLANE, _NO_CHARACTERS = 0x10000, 2
_PLAIN = ("Cn", "Lm", "Lo", "Ll", "Lu", "Nd", "Nl", "No", "Sc", "Sk", "Sm")
_KEPT_CONTROLS = "\t\n\r"
_REPLACEMENT = "\ufffd"


class Normalization(NamedTuple):
    """How BERT's tokenizer changes text before it looks words up.

    Attributes:
        lowercase: bool. Whether letters are lower-cased, each by itself.
        strip_accents: bool. Whether characters are decomposed and marks dropped.
        clean_text: bool. Whether control and format characters are dropped.
        tokenize_chinese_chars: bool. Whether an ideograph is a word by itself.
    """

    lowercase: bool
    strip_accents: bool
    clean_text: bool = True
    tokenize_chinese_chars: bool = True


class NormalizationTable(NamedTuple):
    """The code points' meanings, in pages of which most are alike.

    Attributes:
        page_of: int32 array: the page of each 256 code points.
        entries: int32 array, page after page. The lowest four bits are the kind; the
            others are what to add to the code point, or the number of the list in
            `parts`.
        part_splits: int32 array: where each list begins in `parts`.
        parts: int32 array: the code points that one becomes.
        marks: int32 array, sorted: the code points of marks, if accents are stripped.
        mark_classes: int32 array: the combining class of each.
    """

    page_of: np.ndarray
    entries: np.ndarray
    part_splits: np.ndarray
    parts: np.ndarray
    marks: np.ndarray
    mark_classes: np.ndarray


@functools.lru_cache(maxsize=16)
def normalization_table(normalization: Normalization) -> NormalizationTable:
    """Makes the table.

    Args:
        normalization: The settings.

    Returns:
        The table, of NumPy's arrays.

    Example:

    ```python
    table = normalization_table(Normalization(lowercase=True, strip_accents=True))
    ```
    """
    entries = np.full(_CODE_POINTS, LETTER, np.int32)
    if normalization.tokenize_chinese_chars:
        for first, last in IDEOGRAPHS:
            entries[first : last + 1] = ALONE
    lists, classes = [], {}
    for character in _not_plain():
        code_point = ord(character)
        kind, parts = _meaning(character, normalization)
        value = ord(parts) - code_point if len(parts) == 1 else 0
        if kind in (SEVERAL, SEVERAL_MARKED):
            value = len(lists)
            lists.append(parts)
        if kind in (MARK, DROPPED_MARK):
            # The first part's: the library's offsets know of no other.
            classes[code_point] = combining_class(decomposed(character)[0])
        entries[code_point] = (value << KIND_BITS) | kind
    if normalization.clean_text:
        planes = entries[_PRIVATE:].reshape(-1, _PLANE)
        planes[:, :-_NO_CHARACTERS] = UNCLEAN
    pages, page_of = np.unique(
        entries.reshape(-1, 1 << PAGE_BITS), axis=0, return_inverse=True
    )
    marks = np.array([item for item in sorted(classes.items()) if item[1]], np.int32)
    return NormalizationTable(
        page_of.ravel().astype(np.int32),
        pages.ravel(),
        np.cumsum([0, *map(len, lists)], dtype=np.int32),
        np.array([ord(part) for part in "".join(lists)], np.int32),
        *marks.reshape(-1, 2).T,
    )


def _not_plain() -> Iterator[str]:
    """The characters that may be anything else than letters, or become others."""
    for code_point in (*range(_UNUSED.start), *range(_UNUSED.stop, _PRIVATE)):
        if code_point in _SURROGATES:
            continue
        character = chr(code_point)
        is_plain = (
            unicodedata.category(character) in _PLAIN
            and not unicodedata.decomposition(character)
            and code_point not in _SYLLABLES
            and lower_case(character) == character
        )
        if not is_plain or character.isascii() or character == _REPLACEMENT:
            yield character


def _meaning(character: str, normalization: Normalization) -> tuple[int, str]:
    """The kind of a character, and what it becomes."""
    if normalization.clean_text:
        if _is_unclean(character):
            return UNCLEAN, ""
        if is_white_space(character):
            return SPACE, ""
    is_alone = normalization.tokenize_chinese_chars and is_ideograph(character)
    parts = character
    if normalization.strip_accents:
        decomposition = decomposed(character)
        parts = "".join(c for c in decomposition if category(c) != "Mn")
        if not parts:
            has_starter = any(combining_class(c) == 0 for c in decomposition)
            return (DROPPED_STARTER if has_starter else DROPPED_MARK), ""
    if normalization.lowercase:
        parts = "".join(map(lower_case, parts))
    if all(map(is_white_space, parts)):
        return SPACE, ""
    if len(parts) > 1:
        # Whole words are cut from the text by character, never inside of one.
        assert not any(is_white_space(c) or is_punctuation(c) for c in parts)
        is_marked = normalization.strip_accents and any(map(combining_class, parts))
        return (SEVERAL_MARKED if is_marked else SEVERAL), parts
    if is_alone or is_punctuation(parts):
        return ALONE, parts
    if normalization.strip_accents and combining_class(parts):
        return MARK, parts
    return LETTER, parts


def _is_unclean(character: str) -> bool:
    if character in _KEPT_CONTROLS:
        return False
    return character == _REPLACEMENT or category(character) in ("Cc", "Cf", "Co")


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
