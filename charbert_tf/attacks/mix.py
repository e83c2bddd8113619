"""The attack that mixes several kinds of typo."""

import dataclasses

import numpy as np

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit
from charbert_tf.attacks.keyboard import Keyboard
from charbert_tf.attacks.single_characters import Add, Drop, Swap


@dataclasses.dataclass(frozen=True)
class Mix(Attack):
    """Makes edits of several kinds, each kind equally often.

    With the four kinds that it has by default this is the attack of the CharBERT
    paper's robustness tables; docs/attacks.md compares it with the authors' own
    attacked file.

    Where the kind that is drawn cannot change a word, the word stays, as "been" when
    its inner characters are to be swapped.

    Args:
        kinds: the attacks that are mixed. Which words are attacked is for the mix to
            say: their own rates, lengths and protected words do not count.

    Example:
        >>> import numpy as np
        >>> Mix().edit("word", np.random.default_rng(0))
        'wodd'
        >>> Mix(kinds=(Drop(), Swap())).possible_edits("word")
        ['wrd', 'wod', 'wrod']
    """

    kinds: tuple[Attack, ...] = (Drop(), Add(), Swap(), Keyboard())

    kind = "mix"
    # Each of its kinds says for itself what it may do.
    parts_words = True

    @property
    def splits_words(self) -> bool:
        """Whether one of the kinds does."""
        return any(kind.splits_words for kind in self.kinds)

    @property
    def joins_words(self) -> bool:
        """Whether one of the kinds does."""
        return any(kind.joins_words for kind in self.kinds)

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives the typos that each kind allows; see the base class."""
        return [
            typos for kind in self.kinds for typos in kind.allowed_edits_by_place(word)
        ]

    def edits_of_word(self, word: str, index: int = 0) -> list[Edit]:
        """Gives the edits of all kinds; see the base class.

        A typo that several kinds make is of the first of them.
        """
        by_result: dict[tuple[str, ...], Edit] = {}
        for kind in self.kinds:
            for edit in kind.edits_of_word(word, index):
                by_result.setdefault(edit.new, edit)
        return list(by_result.values())

    def edit(self, word: str, random: np.random.Generator) -> str:
        """Makes a typo of a kind that is drawn first; see the base class."""
        return self.drawn_kind(random).edit(word, random)

    def drawn_kind(self, random: np.random.Generator) -> Attack:
        """Chooses one of the kinds; see the base class."""
        return self.kinds[random.integers(len(self.kinds))].drawn_kind(random)
