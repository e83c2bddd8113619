"""The words of running text, their characters, and where others stand in it."""

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

_LETTER = r"[^\W_]"


def _combining_marks() -> list[tuple[int, int]]:
    """The first and the last of each range of accents, vowel signs and the like."""
    # Where Unicode has them: planes 0 and 1, and the variation selectors.
    characters = map(chr, (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)))
    marks = [c for c in characters if unicodedata.category(c).startswith("M")]
    # Neighbours differ from their places in the list by the same number.
    runs = itertools.groupby(enumerate(marks), lambda item: ord(item[1]) - item[0])
    ranges = ([mark for _, mark in run] for _, run in runs)
    return [(ord(of_range[0]), ord(of_range[-1])) for of_range in ranges]


COMBINING_MARK_RANGES = _combining_marks()
"""The first and the last code point of each run of combining marks, in order."""

COMBINING_MARK = (
    "[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in COMBINING_MARK_RANGES) + "]"
)
"""A pattern for one accent, vowel sign or the like that follows its letter."""

_CHARACTER = re.compile(f".{COMBINING_MARK}*", re.DOTALL)


def written_characters(word: str) -> list[str]:
    r"""Parts a word into characters, each with its combining marks.

    An edit that took a letter from under its accent would put the accent on another.

    Args:
        word: the word.

    Returns:
        Its characters, in order; together they are the word.

    Example:
        >>> len("cafe\u0301"), len(written_characters("cafe\u0301"))
        (5, 4)
        >>> written_characters("किताब")
        ['कि', 'ता', 'ब']
    """
    return list(word) if word.isascii() else _CHARACTER.findall(word)


_LETTERS = rf"{_LETTER}(?:{_LETTER}|{COMBINING_MARK})*"

WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*")
"""A word of running text: "don't", "O’Neil", "किताब", each with its combining marks."""


def word_spans(text: str) -> list[tuple[int, int]]:
    """Finds the words of running text.

    Args:
        text: the text.

    Returns:
        The start and end of each word's characters.

    Example:
        >>> word_spans("It isn't")
        [(0, 2), (3, 8)]
    """
    return [match.span() for match in WORD.finditer(text)]


def whole_spans(text: str, phrases: Iterable[re.Pattern]) -> list[tuple[int, int]]:
    """Finds phrases in running text.

    Args:
        text: the text.
        phrases: what to look for.

    Returns:
        The start and end of each occurrence that neither begins nor ends inside a word.

    Example:
        >>> whole_spans("New York, New Yorkers", [re.compile("New York")])
        [(0, 8)]
    """
    found = [match.span() for phrase in phrases for match in phrase.finditer(text)]
    if not found:
        return []
    inside = {i for start, end in word_spans(text) for i in range(start + 1, end)}
    return [span for span in found if inside.isdisjoint(span)]


def overlapping(
    spans: Sequence[tuple[int, int]], protected: Collection[tuple[int, int]]
) -> set[int]:
    """Finds the spans that have some characters of others.

    Args:
        spans: starts and ends.
        protected: the starts and ends of the others.

    Returns:
        The indices of these spans.

    Example:
        >>> overlapping([(0, 2), (3, 8)], [(7, 9)])
        {1}
    """
    return {
        index
        for index, (start, end) in enumerate(spans)
        if any(start < last and first < end for first, last in protected)
    }
