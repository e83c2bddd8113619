"""The attack that swaps two characters."""

from charbert_tf.attacks.attack import Attack


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
        return [
            [word[:i] + word[i + 1] + word[i] + word[i + 2 :]]
            for i in range(1, len(word) - 2)
            if word[i] != word[i + 1]
        ]
