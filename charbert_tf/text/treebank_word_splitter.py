"""TreebankWordSplitter: running text to the words of the Penn Treebank."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.rows import row_positions
from charbert_tf.text.word_splitter import valid_utf8

# Control characters mark what has been found out: a word ends here, it does and a
# quotation opens, this apostrophe or period belongs to its word.
_END, _OPENING, _KEPT = "\x01", "\x02", "\x03"
_WHITE_SPACE = r"\x09-\x20\x7f-\x{9f}\p{Z}"
_SPACE = rf"\x01\x02{_WHITE_SPACE}"
# But for "m", "t", "s" and "d", which an apostrophe may join to the word before.
_NO_CLITIC = r"a-ce-ln-ru-zA-CE-LN-RU-Z\p{N}_\x{80}-\x{10FFFF}"
_CLOSING = rf"[\])}}>\"'»”’{_SPACE}]*"

_APART = rf"{_END}\1{_END}"
_END_AFTER_FIRST = rf"\1{_END}\2"
# The rules of NLTK in their order, without lookahead and lookbehind, which RE2 lacks.
_BEFORE_PERIODS = (
    (r"([«“‘„]|`+)", _APART),
    (r'^"', rf'{_OPENING}"{_END}'),
    (rf"([{_SPACE}(\[{{<])(\"|'')", rf"\1{_OPENING}\2{_END}"),
    (rf"'([{_NO_CLITIC}])([^\p{{L}}\p{{N}}_]|$)", rf"'{_END}\1\2"),
    (rf"([^.])\.({_CLOSING})$", rf"\1{_END}.{_END}\2"),
)
_AFTER_PERIODS = (
    (r"([:,])([^\d])", rf"{_APART}\2"),
    (r"([:,])$", _APART),
    (r"(\.\.+|[;@#$%&\x{2012}-\x{2015}?!])", _APART),
    (rf"([^'])'([{_SPACE}])", rf"\1{_END}'{_END}\2"),
    (r"([*\]\[(){}<>]|--)", _APART),
    (r"([»”’\"]|'')", _APART),
    (rf"([^'{_SPACE}])('[sSmMdD]?)([{_SPACE}]|$)", rf"{_END_AFTER_FIRST}{_END}\3"),
    (
        rf"([^'{_SPACE}])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T)([{_SPACE}]|$)",
        rf"{_END_AFTER_FIRST}{_END}\3",
    ),
    (r"(?i)\b(can)(not)\b", _END_AFTER_FIRST),
    (r"(?i)\b(d)('ye)\b", _END_AFTER_FIRST),
    (r"(?i)\b(gim|lem)(me)\b", _END_AFTER_FIRST),
    (r"(?i)\b(gon)(na)\b", _END_AFTER_FIRST),
    (r"(?i)\b(got)(ta)\b", _END_AFTER_FIRST),
    (r"(?i)\b(more)('n)\b", _END_AFTER_FIRST),
    (rf"(?i)\b(wan)(na)([{_SPACE}])", rf"{_END_AFTER_FIRST}\3"),
    (rf"(?i)(^|[{_SPACE}])('t)(is|was)\b", rf"\1\2{_END}\3"),
)


class TreebankWords(NamedTuple):
    """The words of texts.

    Attributes:
        words: string ragged tensor `(B, words)`, as they stand in the text.
        entries: string ragged tensor `(B, words)`: what a vocabulary lists for each.
            It is the word, but for double quotation marks: two grave accents where
            they open, two apostrophes where they close.
        starts: int32 ragged tensor `(B, words)`: each one's first byte in the text.
        ends: int32 ragged tensor `(B, words)`: the byte after it.
    """

    words: tf.RaggedTensor
    entries: tf.RaggedTensor
    starts: tf.RaggedTensor
    ends: tf.RaggedTensor


class TreebankWordSplitter:
    """Splits as NLTK's `word_tokenize` does, with which the authors counted words.

    So "n't" and "'s" are words, and "well-known", "1,000" and "U.S." are one each. The
    rules are those of `NLTKWordTokenizer` (https://www.nltk.org). Where a sentence
    ends, so that its last period is a word, `word_tokenize` asks a trained model; here
    a period belongs to its word if the two are a listed abbreviation and the text goes
    on.

    Args:
        vocabulary: Words; those that end in a period are the abbreviations.

    Example:

    ```python
    split = TreebankWordSplitter(["mr.", "n't", "<unk>"])
    split(tf.constant(["Mr. Fox won't go."])).words
    # [["Mr.", "Fox", "wo", "n't", "go", "."]]
    ```
    """

    def __init__(self, vocabulary: Sequence[str]):
        self._rules = [
            *_BEFORE_PERIODS,
            *_abbreviation_rules(vocabulary),
            (rf"([^.{_SPACE}])\.({_CLOSING}[{_SPACE}])", rf"\1{_END}.{_END}\2"),
            (_KEPT, "."),
            *_AFTER_PERIODS,
        ]

    def __call__(self, texts: tf.Tensor) -> TreebankWords:
        """Splits texts.

        Args:
            texts: string tensor `(B,)`, UTF-8.

        Returns:
            The words, and where they are in the text.
        """
        marked = tf.strings.regex_replace(valid_utf8(texts), r"[\x00-\x08]", " ")
        for pattern, rewrite in self._rules:
            marked = tf.strings.regex_replace(marked, pattern, rewrite)
        return _words_between_marks(marked)


def list_abbreviations(vocabulary: Iterable[str]) -> list[str]:
    """Lists the words that end in a period.

    Args:
        vocabulary: Words.

    Returns:
        The abbreviations among them.

    Example:
        >>> list_abbreviations([".", "the", "mr.", "u.s."])
        ['mr.', 'u.s.']
    """
    return [word for word in vocabulary if re.fullmatch(r".*\w\.", word)]


def _abbreviation_rules(vocabulary: Iterable[str]) -> list[tuple[str, str]]:
    """Keeps the periods of abbreviations."""
    # RE2 takes the first that matches: "u.s.a" must stand before "u.s".
    listed = sorted(list_abbreviations(vocabulary), key=lambda word: (-len(word), word))
    if not listed:
        return []
    stems = "|".join(re.escape(word[:-1]) for word in listed)
    return [(rf"(?i)(^|[(\[\"“{_SPACE}])({stems})\.", rf"\1\2{_KEPT}")]


def _words_between_marks(marked: tf.Tensor) -> TreebankWords:
    white_space = f"[{_WHITE_SPACE}]+"
    pieces = tf_text.regex_split(
        marked, f"{_END}|{_OPENING}|{white_space}", f"{_OPENING}|{white_space}"
    )
    values = pieces.values
    is_opening = values == _OPENING
    # But for the marks, the pieces together are the text.
    lengths = tf.where(is_opening, 0, tf.strings.length(values))
    before = tf.cumsum(lengths, exclusive=True)
    row, _ = row_positions(pieces)
    text_starts = tf.gather(
        tf.concat([before, [0]], axis=0), tf.cast(pieces.row_starts(), tf.int32)
    )
    starts = before - tf.gather(text_starts, row)
    opens = tf.concat([[False], is_opening], axis=0)[: tf.size(values)]
    entries = tf.where(
        (values == '"') | (opens & (values == "''")),
        tf.where(opens, "``", "''"),
        values,
    )
    is_word = ~is_opening & ~tf.strings.regex_full_match(values, white_space)
    return TreebankWords(
        *(
            tf.ragged.boolean_mask(pieces.with_values(v), pieces.with_values(is_word))
            for v in (values, entries, starts, starts + lengths)
        )
    )
