"""Edit: one change that an attack makes to the words of a sentence."""

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np


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
