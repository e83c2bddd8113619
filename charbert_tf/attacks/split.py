"""The attack that breaks a word in two."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit
from charbert_tf.attacks.written_characters import written_characters


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
