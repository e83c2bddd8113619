"""Edits: what an attack changed in words, and in running text."""

import dataclasses
import functools
from collections.abc import Iterable, Sequence

import numpy as np

from charbert_tf.attacks.running_text import word_spans


@dataclasses.dataclass(frozen=True)
class Edit:
    """Some words and what stands in their place.

    Args:
        first: the index of the first word that is replaced, from 0.
        old: the words that are replaced: one, or two that are joined.
        new: what replaces them: one word, or two if a word is split.
        kind: the kind of attack that did it, such as "drop".

    Example:
        >>> edited_words(["in", "Rome"], [Edit(1, ("Rome",), ("Roem",), "swap")])
        ['in', 'Roem']
    """

    first: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    kind: str

    @property
    def indices(self) -> range:
        """The indices of the words that are replaced."""
        return range(self.first, self.first + len(self.old))

    def record(self) -> dict[str, str | int]:
        """Returns what JSON takes: the word's index, the kind, the old and new text."""
        return {
            "word": self.first,
            "kind": self.kind,
            "old": " ".join(self.old),
            "new": " ".join(self.new),
        }


def edited_share(num_words: int, edits: Iterable[Edit]) -> float:
    """Tells how much of a text is edited.

    Args:
        num_words: how many words it has.
        edits: its edits.

    Returns:
        The share of its words that are replaced, in [0, 1]; both of two that are
        joined. 0 of a text without words.

    Example:
        >>> edited_share(4, [Edit(1, ("Rome",), ("Roem",), "swap")])
        0.25
    """
    return sum(len(edit.old) for edit in edits) / max(1, num_words)


def edited_words(words: Sequence[str], edits: Iterable[Edit]) -> list[str]:
    """Makes edits.

    Args:
        words: the words of a sentence.
        edits: edits of these, in order; no word is in two of them.

    Returns:
        The words of the attacked sentence.

    Example:
        >>> edited_words(["in", "the", "sun"], [Edit(0, ("in", "the"), ("inthe",), "")])
        ['inthe', 'sun']
    """
    edited, done = [], 0
    for edit in edits:
        edited += [*words[done : edit.first], *edit.new]
        done = edit.indices.stop
    return [*edited, *words[done:]]


def drawn_typo(
    places: Sequence[Sequence[str]], word: str, random: np.random.Generator
) -> str:
    """Chooses a typo: each place of the word is as likely, and each typo there.

    Args:
        places: the typos at each place where there are any.
        word: the word.
        random: where the choice comes from.

    Returns:
        A typo; the word itself, if there is none.

    Example:
        >>> drawn_typo([["sep"], ["slp", "sle"]], "slep", np.random.default_rng(0))
        'sle'
    """
    if not places:
        return word
    typos = places[random.integers(len(places))]
    return typos[random.integers(len(typos))]


@dataclasses.dataclass(frozen=True)
class EditedWords:
    """A sentence of words, and what an attack changed in it.

    Args:
        original: the words before the attack.
        edits: what was changed, in order.

    Example:
        >>> rome = Edit(1, ("Rome",), ("Rme",), "drop")
        >>> EditedWords(("In", "Rome"), (rome,)).words
        ['In', 'Rme']
    """

    original: tuple[str, ...]
    edits: tuple[Edit, ...] = ()

    @property
    def words(self) -> list[str]:
        """The words after the attack."""
        return edited_words(self.original, self.edits)

    @property
    def num_words(self) -> int:
        """How many words there were before."""
        return len(self.original)

    def records(self) -> list[dict[str, str | int]]:
        """Returns a record of each edit."""
        return [edit.record() for edit in self.edits]


@dataclasses.dataclass(frozen=True)
class EditedText:
    """Running text, what an attack changed in it, and where the rest has moved to.

    Args:
        original: the text before the attack.
        edits: what was changed, in order.
        spans: for each edit the characters that it replaced, `(start, end)`.

    Example:
        >>> rome = Edit(1, ("Rome",), ("Rme",), "drop")
        >>> edited = EditedText("In Rome, now", (rome,), ((3, 7),))
        >>> edited.text, edited.moved(9, 12)
        ('In Rme, now', (8, 11))
    """

    original: str
    edits: tuple[Edit, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    @functools.cached_property
    def text(self) -> str:
        """The text after the attack."""
        parts, done = [], 0
        for start, end, new in self.replacements():
            parts += [self.original[done:start], new]
            done = end
        return "".join([*parts, self.original[done:]])

    def replacements(self) -> list[tuple[int, int, str]]:
        """Gives the start and end of each edit in the original, and the new text.

        Returns:
            A triple for each edit, in the order of the text; start and end in
            characters.
        """
        return [
            (start, end, " ".join(edit.new))
            for edit, (start, end) in zip(self.edits, self.spans, strict=True)
        ]

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """Tells where characters of the original stand in the attacked text.

        Args:
            start: where the first of them stands in the original.
            end: where the last one ends.

        Returns:
            Their start and end in `text`. Where they begin or end amid an edit, all of
            what it put there is taken in.
        """
        return self._moved(start, takes_in=False), self._moved(end, takes_in=True)

    def _moved(self, offset: int, takes_in: bool) -> int:
        shift = 0
        for start, end, new in self.replacements():
            if start >= offset:
                break
            if end > offset:
                return start + shift + (len(new) if takes_in else 0)
            shift += len(new) - (end - start)
        return offset + shift

    @property
    def num_words(self) -> int:
        """How many words there were before."""
        return len(word_spans(self.original))

    def records(self) -> list[dict[str, str | int]]:
        """Returns a record of each edit; `start` is its first character before."""
        return [
            {"start": start} | edit.record()
            for edit, (start, _) in zip(self.edits, self.spans, strict=True)
        ]
