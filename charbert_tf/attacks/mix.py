"""The attack that mixes the four kinds of typo."""

import numpy as np

from charbert_tf.attacks.add import Add
from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.drop import Drop
from charbert_tf.attacks.keyboard import Keyboard
from charbert_tf.attacks.swap import Swap

KINDS: tuple[Attack, ...] = (Drop(), Add(), Swap(), Keyboard())
"""The kinds of edit that are mixed."""


class Mix(Attack):
    """Drops, adds, swaps or hits a neighbouring key, each kind equally often.

    This is the attack of the CharBERT paper's robustness tables. In the CoNLL-2003 test
    file it changes 90 % of the tokens of four characters and 95 % of the longer ones
    (nearly all the others are numbers); the authors' own attacked file differs in 84 %
    and 94 to 97 %.

    Example:
        >>> Mix().edit("word", np.random.default_rng(0))
        'wofd'
    """

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives the typos of all kinds; see the base class."""
        return [typos for kind in KINDS for typos in kind.edits_by_place(word)]

    def edit(self, word: str, random: np.random.Generator) -> str:
        """Makes a typo of a kind that is drawn first; see the base class."""
        return KINDS[random.integers(len(KINDS))].edit(word, random)
