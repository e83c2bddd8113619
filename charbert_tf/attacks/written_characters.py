"""written_characters: the characters of a word as a writer counts them."""

import itertools
import re
import unicodedata


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
