"""What all attacks have in common: which words get an edit, and the random numbers."""

import abc
import dataclasses
import itertools
import re
from collections.abc import Sequence

import numpy as np

from charbert_tf.errors import UserError

WORD = re.compile(r"[^\W_]+(?:(?:['’]|[\u0300-\u036f]+)[^\W_]+)*")
"""A word of running text: "don't", "O’Neil", with combining accents too."""

_SHORTEST_EDITABLE = 3


@dataclasses.dataclass(frozen=True)
class Attack(abc.ABC):
    """Typos in running text: one edit in every word that is long enough.

    A subclass says what one edit is. The attacks follow the robustness evaluation of
    the CharBERT paper (arXiv 2011.01513), which follows Pruthi et al. (2019, arXiv
    1905.11268): every word of at least four characters that is not a number gets one
    edit, its first and its last character stay.

    The random numbers of a word depend on the seed, the example and the word's place
    in it alone. So the result is the same in whatever order or batches the examples
    come, and the words attacked at a low rate are among those of a higher rate, with
    the same edit.

    Args:
        rate: the share of the words that get an edit, in [0, 1].
        minimum_length: shorter words stay, in characters; at least 3, so that there
            is a character between the first and the last.

    Raises:
        UserError: if the rate or the length is out of range.
    """

    rate: float = 1.0
    minimum_length: int = 4

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise UserError(f"attack rate {self.rate}: give a number from 0 to 1")
        if self.minimum_length < _SHORTEST_EDITABLE:
            raise UserError(
                f"minimum length {self.minimum_length}: a word needs at least "
                f"{_SHORTEST_EDITABLE} characters to have one between its ends"
            )

    @abc.abstractmethod
    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind in one word.

        Args:
            word: a word of at least 3 characters.

        Returns:
            For each place in the word where there are any, the typos there; none of
            them is the word itself.
        """

    def possible_edits(self, word: str) -> list[str]:
        """Gives every typo that `edit` may make, such as to search for the worst.

        Args:
            word: a word of at least 3 characters.

        Returns:
            The different words that one edit can give, from the word's beginning to
            its end; none if this kind of edit cannot change the word.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().possible_edits("sleep")
            ['seep', 'slep']
        """
        typos = itertools.chain.from_iterable(self.edits_by_place(word))
        return list(dict.fromkeys(typos))

    def edit(self, word: str, random: np.random.Generator) -> str:
        """Makes one typo: each place is as likely, and each typo there.

        Args:
            word: a word of at least 3 characters.
            random: where the choice comes from.

        Returns:
            The word with one edit, or the word itself where this kind of edit cannot
            change it.

        Example:
            >>> from charbert_tf.attacks import Swap
            >>> Swap().edit("been", np.random.default_rng(0))
            'been'
        """
        places = self.edits_by_place(word)
        if not places:
            return word
        typos = places[random.integers(len(places))]
        return typos[random.integers(len(typos))]

    def attack_words(self, words: Sequence[str], seed: int, example: int) -> list[str]:
        """Attacks a sentence that is split into words, such as one with tags.

        Args:
            words: the words.
            seed: the seed of the whole attack, not negative.
            example: the index of the sentence in its data set, from 0.

        Returns:
            As many words, in the same order.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().attack_words(["In", "Aug", "of", "1996", "Rome"], 0, example=0)
            ['In', 'Aug', 'of', '1996', 'Roe']
        """
        return [
            self._attack_word(word, seed, example, index)
            for index, word in enumerate(words)
        ]

    def attack_text(self, text: str, seed: int, example: int) -> str:
        """Attacks running text; all that stands between its words stays as it is.

        Args:
            text: the text. Its words are the runs of letters and digits, with
                apostrophes inside.
            seed: the seed of the whole attack, not negative.
            example: the index of the text in its data set, from 0.

        Returns:
            The text with its words attacked.

        Example:
            >>> from charbert_tf.attacks import Drop
            >>> Drop().attack_text("  It isn't  (Rome), 1996!", seed=0, example=0)
            "  It in't  (Rme), 1996!"
        """
        indices = itertools.count()
        return WORD.sub(
            lambda match: self._attack_word(match[0], seed, example, next(indices)),
            text,
        )

    def _attack_word(self, word: str, seed: int, example: int, index: int) -> str:
        if not self._is_eligible(word):
            return word
        random = np.random.default_rng((seed, example, index))
        # Drawn at every rate, so that the edit is the same at every rate.
        if random.random() >= self.rate:
            return word
        return self.edit(word, random)

    def _is_eligible(self, word: str) -> bool:
        # Numbers, dates, sums and rules have no letter: "1996-08-22", "$1,000", "----".
        return len(word) >= self.minimum_length and any(map(str.isalpha, word))
