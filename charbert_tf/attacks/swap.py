"""The attack that swaps two characters."""

import numpy as np

from charbert_tf.attacks.attack import Attack


class Swap(Attack):
    """Swaps two different neighbouring inner characters of a word.

    A word that has no two such characters, such as "been", stays as it is.

    Example:
        >>> Swap().edit("word", np.random.default_rng(0))
        'wrod'
    """

    def edit(self, word: str, random: np.random.Generator) -> str:
        """Makes one typo; see `Attack.edit`."""
        places = [i for i in range(1, len(word) - 2) if word[i] != word[i + 1]]
        if not places:
            return word
        index = places[random.integers(len(places))]
        return word[:index] + word[index + 1] + word[index] + word[index + 2 :]
