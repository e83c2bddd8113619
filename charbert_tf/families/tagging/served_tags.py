"""tags_of_words: the tags of words that an exported tagger has parted further."""

import itertools
import unicodedata
from collections.abc import Sequence

_OUTSIDE = "O"
# What WordSplitter takes for white space.
_BLANK = ("Zs", "Zl", "Zp", "Cc", "Cf")


def tags_of_words(
    words: Sequence[str], pieces: Sequence[str], tags: Sequence[str]
) -> list[str]:
    """Finds the tag of each word: that of the piece which begins where the word does.

    Args:
        words: the words of a sentence.
        pieces: the words that the exported model has made of them, joined by spaces;
            `""` is padding.
        tags: the tag of each piece; `""` for padding.

    Returns:
        A tag for each word; `O` if there is none.

    Example:
        >>> tags_of_words(["the", "U.S."], ["the", "U", ".", "S", "."], "ABCDE")
        ['A', 'B']
    """
    # Counted in characters that are no white space, the joined words and the joined
    # pieces are the same string.
    piece_starts = itertools.accumulate(map(len, pieces), initial=0)
    tag_at = {
        start: tag
        for start, piece, tag in zip(piece_starts, pieces, tags, strict=False)
        if piece
    }
    word_starts = itertools.accumulate(map(_length, words), initial=0)
    return [
        (tag_at.get(start) if _length(word) else None) or _OUTSIDE
        for start, word in zip(word_starts, words, strict=False)
    ]


def _length(word: str) -> int:
    return sum(
        not character.isspace() and unicodedata.category(character) not in _BLANK
        for character in word
    )
