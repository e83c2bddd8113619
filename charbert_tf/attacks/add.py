"""The attack that adds a character."""

import string

import numpy as np

from charbert_tf.attacks.attack import Attack


class Add(Attack):
    """Adds one letter of the English alphabet inside a word. Every edit changes it.

    The letter takes the case of the character it is put before, as when a second key is
    hit: capital words stay capital.

    Example:
        >>> Add().edit("word", np.random.default_rng(0))
        'worqd'
    """

    def edit(self, word: str, random: np.random.Generator) -> str:
        """Makes one typo; see `Attack.edit`."""
        index = random.integers(1, len(word))
        letter = string.ascii_lowercase[random.integers(26)]
        if word[index].isupper():
            letter = letter.upper()
        return word[:index] + letter + word[index:]
