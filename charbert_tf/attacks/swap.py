"""The attack that swaps two characters."""

import itertools

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.written_characters import written_characters


class Swap(Attack):
    """Swaps two different neighbouring inner characters of a word.

    A word that has no two such characters, such as "been", stays as it is.

    Example:
        >>> import numpy as np
        >>> Swap().edit("word", np.random.default_rng(0))
        'wrod'
    """

    kind = "swap"

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        characters = written_characters(word)
        return [
            ["".join([*characters[:i], second, first, *characters[i + 2 :]])]
            for i, (first, second) in enumerate(itertools.pairwise(characters))
            if 0 < i < len(characters) - 2 and first != second
        ]
