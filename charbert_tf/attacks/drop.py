"""The attack that drops a character."""

import numpy as np

from charbert_tf.attacks.attack import Attack


class Drop(Attack):
    """Drops one inner character of a word. Every edit changes the word.

    Example:
        >>> Drop().edit("word", np.random.default_rng(0))
        'wod'
    """

    def edit(self, word: str, random: np.random.Generator) -> str:
        """Makes one typo; see `Attack.edit`."""
        index = random.integers(1, len(word) - 1)
        return word[:index] + word[index + 1 :]
