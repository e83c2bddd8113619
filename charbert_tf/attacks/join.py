"""The attack that joins two words."""

from collections.abc import Sequence

import numpy as np

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit


class Join(Attack):
    """Loses the space between a word and the next one.

    The next word may be of any length, but not a number, a punctuation mark or a
    protected word. A word is joined once at most, so some words in the middle stay
    alone: of three words that are all to be joined, two are. All characters stay.

    It takes two words, so a word alone has no possible edit of this kind.

    Example:
        >>> Join().attack_text("They saw 3 films, all in Rome", seed=0, example=0)
        'Theysaw 3 films, all in Rome'
    """

    kind = "join"
    joins_words = True

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives nothing; see the base class."""
        return []

    def edit_at(
        self,
        words: Sequence[str],
        index: int,
        random: np.random.Generator,
        is_joinable: bool,
    ) -> Edit | None:
        """Makes one word of two; see the base class."""
        if not is_joinable:
            return None
        pair = (words[index], words[index + 1])
        return Edit(index, pair, ("".join(pair),), self.kind)
