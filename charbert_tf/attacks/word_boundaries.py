"""The attacks that break a word in two, and make one of two."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit
from charbert_tf.attacks.running_text import written_characters


class Split(Attack):
    """Puts a space between two characters of a word, which makes it two words.

    A combining mark is not parted from its letter. First and last characters stay.

    Example:
        >>> Split().possible_edits("Rome")
        ['R ome', 'Ro me', 'Rom e']
        >>> Split().attack_words(["in", "Rome"], seed=0, example=0)
        ['in', 'R', 'ome']
    """

    kind = "split"
    parts_words = True
    splits_words = True

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        # A word of a file with tabs may have a space of its own.
        if " " in word:
            return []
        characters = written_characters(word)
        return [
            ["".join([*characters[:i], " ", *characters[i:]])]
            for i in range(1, len(characters))
        ]

    def edit_at(
        self,
        words: Sequence[str],
        index: int,
        random: np.random.Generator,
        is_joinable: bool,
    ) -> Edit | None:
        """Makes two words of one; see the base class."""
        edit = super().edit_at(words, index, random, is_joinable)
        return None if edit is None else _in_two(edit)

    def edits_of_word(self, word: str, index: int = 0) -> list[Edit]:
        """Gives all edits of this kind; see the base class."""
        return [_in_two(edit) for edit in super().edits_of_word(word, index)]


def _in_two(edit: Edit) -> Edit:
    return dataclasses.replace(edit, new=tuple(edit.new[0].split(" ")))


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
