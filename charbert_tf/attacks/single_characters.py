"""The attacks that add, drop or swap characters inside a word."""

import itertools
import string

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit_rule import Insertion, Removal, Transposition
from charbert_tf.attacks.running_text import written_characters


class Add(Attack):
    """Adds one letter of the English alphabet inside a word. Every edit changes it.

    The letter takes the case of the character it is put before, as when a second key is
    hit: capital words stay capital.

    Example:
        >>> import numpy as np
        >>> Add().edit("word", np.random.default_rng(0))
        'worqd'
    """

    kind = "add"
    rule = Insertion(
        first=1,
        takes_marks=True,
        characters=string.ascii_lowercase,
        capitals=string.ascii_uppercase,
    )

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        characters = written_characters(word)
        return [
            [
                "".join([*characters[:i], letter, *characters[i:]])
                for letter in _alphabet_like(characters[i])
            ]
            for i in range(1, len(characters))
        ]


def _alphabet_like(character: str) -> str:
    return string.ascii_uppercase if character.isupper() else string.ascii_lowercase


class Drop(Attack):
    """Drops one inner character of a word. Every edit changes the word.

    Example:
        >>> import numpy as np
        >>> Drop().edit("word", np.random.default_rng(0))
        'wod'
    """

    kind = "drop"
    rule = Removal(first=1, spared=1, takes_marks=True)

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        characters = written_characters(word)
        return [
            ["".join(characters[:i] + characters[i + 1 :])]
            for i in range(1, len(characters) - 1)
        ]


class Swap(Attack):
    """Swaps two different neighbouring inner characters of a word.

    A word that has no two such characters, such as "been", stays as it is.

    Example:
        >>> import numpy as np
        >>> Swap().edit("word", np.random.default_rng(0))
        'wrod'
    """

    kind = "swap"
    rule = Transposition(first=1, spared=2, takes_marks=True)

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        characters = written_characters(word)
        return [
            ["".join([*characters[:i], second, first, *characters[i + 2 :]])]
            for i, (first, second) in enumerate(itertools.pairwise(characters))
            if 0 < i < len(characters) - 2 and first != second
        ]
