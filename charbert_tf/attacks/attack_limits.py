"""What an attack leaves alone: check_limits and ProtectedWords."""

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from charbert_tf.attacks.running_text import WORD, whole_spans
from charbert_tf.files.errors import UserError

_SHORTEST_EDITABLE = 3


def check_limits(
    rate: float, minimum_length: int, protected_words: Collection[str]
) -> None:
    """Refuses what an attack cannot do.

    Args:
        rate: the share of the words that are to get an edit.
        minimum_length: the least characters of a word that gets one.
        protected_words: words that are to stay.

    Raises:
        UserError: if the rate or the length is out of range, or the words are a string.

    Example:
        >>> check_limits(0.5, 4, ["Rome"])
    """
    if not 0 <= rate <= 1:
        raise UserError(f"attack rate {rate}: give a number from 0 to 1")
    if minimum_length < _SHORTEST_EDITABLE:
        raise UserError(
            f"minimum length {minimum_length}: a word needs at least "
            f"{_SHORTEST_EDITABLE} characters to have one between its ends"
        )
    if isinstance(protected_words, str):
        raise UserError(f"protected words {protected_words!r}: give a list")


class ProtectedWords:
    """Finds protected words and phrases, in capitals or not.

    An apostrophe stands for both of its kinds, an accented letter for both of its ways
    to be written (one character, or a letter and a combining mark), and a space for any
    white space.

    Args:
        entries: words, with marks in them or not, and phrases of several words.

    Example:
        >>> protected = ProtectedWords(["Rome", "New York"])
        >>> "ROME" in protected, "York" in protected
        (True, False)
    """

    def __init__(self, entries: Iterable[str]):
        self._entries = tuple(entries)
        self._words = frozenset(map(_folded, self._entries))
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for phrase in (tuple(word.split()) for word in self._words):
            if len(phrase) > 1:
                self._phrases.setdefault(phrase[0], []).append(phrase)

    def __contains__(self, word: str) -> bool:
        """Tells whether a word is one of the entries."""
        return _folded(word) in self._words

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Finds the entries in running text that are more than a word of it.

        Args:
            text: the text.

        Returns:
            The start and end of the characters of each that stands whole.

        Example:
            >>> ProtectedWords(["new york"]).spans("In New York")
            [(3, 11)]
        """
        return whole_spans(text, self._patterns)

    def indices(self, words: Sequence[str]) -> set[int]:
        """Finds the phrases in a sentence that is split into words.

        Args:
            words: the words of the sentence.

        Returns:
            The indices of the words that are of a phrase.

        Example:
            >>> ProtectedWords(["new york"]).indices(["In", "New", "York"])
            {1, 2}
        """
        folded = tuple(map(_folded, words)) if self._phrases else ()
        return {
            index
            for first, word in enumerate(folded)
            for phrase in self._phrases.get(word, ())
            if folded[first : first + len(phrase)] == phrase
            for index in range(first, first + len(phrase))
        }

    @functools.cached_property
    def _patterns(self) -> list[re.Pattern]:
        return [
            re.compile(_pattern(entry), re.IGNORECASE)
            for entry in self._entries
            if not WORD.fullmatch(entry)
        ]


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word).replace("’", "'").casefold()


def _pattern(entry: str) -> str:
    """What finds an entry in text, however its letters, marks and spaces are coded."""
    forms = (unicodedata.normalize(form, entry) for form in ("NFC", "NFD"))
    return "|".join(
        re.sub("['’]", "['’]", r"\s+".join(map(re.escape, form.split())))
        for form in dict.fromkeys(forms)
    )
