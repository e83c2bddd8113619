"""The words of running text, and where others stand in it."""

import re
from collections.abc import Collection, Iterable, Sequence

from charbert_tf.attacks.written_characters import COMBINING_MARK

_LETTER = r"[^\W_]"
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
