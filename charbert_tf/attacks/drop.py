"""The attack that drops a character."""

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.written_characters import written_characters


class Drop(Attack):
    """Drops one inner character of a word. Every edit changes the word.

    Example:
        >>> import numpy as np
        >>> Drop().edit("word", np.random.default_rng(0))
        'wod'
    """

    kind = "drop"

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        characters = written_characters(word)
        return [
            ["".join(characters[:i] + characters[i + 1 :])]
            for i in range(1, len(characters) - 1)
        ]
