"""The attack that hits a neighbouring key, and which keys are neighbours."""

import dataclasses
import functools
import itertools
from collections.abc import Mapping, Sequence

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit_rule import Substitution
from charbert_tf.attacks.running_text import written_characters
from charbert_tf.files.errors import UserError

# All whose small letter is a letter of a layout: the last is the sign of kelvin.
_CASED = [chr(code_point) for code_point in range(0x212B)]


def neighbouring_keys(rows: Sequence[str]) -> dict[str, str]:
    """Finds the neighbours of keys, up to eight of each.

    They are the keys beside a key, above and below it, and beside these, where the rows
    are taken to begin at one line, as in the attack of Pruthi et al., 2019
    (https://arxiv.org/abs/1905.11268, section 2): on a QWERTY keyboard 138 pairs.

    Args:
        rows: the keys of the three rows of letters, from the left, with a space for
            each key that is no letter.

    Returns:
        For each letter the letters of its key's neighbours.

    Example:
        >>> neighbouring_keys(["qwertyuiop", "asdfghjkl", "zxcvbnm"])["a"]
        'qwszx'
    """
    places = [
        (letter, row, column)
        for row, letters in enumerate(rows)
        for column, letter in enumerate(letters)
        if letter != " "
    ]
    neighbours = {letter: "" for letter, _, _ in places}
    for (letter, row, column), (
        other,
        other_row,
        other_column,
    ) in itertools.permutations(places, 2):
        if abs(row - other_row) <= 1 and abs(column - other_column) <= 1:
            neighbours[letter] += other
    return neighbours


QWERTY_NEIGHBOURS = neighbouring_keys(["qwertyuiop", "asdfghjkl", "zxcvbnm"])
"""The neighbours of each letter's key on a QWERTY keyboard."""

KEYBOARD_LAYOUTS: Mapping[str, Mapping[str, str]] = {
    "qwerty": QWERTY_NEIGHBOURS,
    # German, of DIN 2137.
    "qwertz": neighbouring_keys(["qwertzuiopü", "asdfghjklöä", "yxcvbnm"]),
    # French, as it was before NF Z71-300.
    "azerty": neighbouring_keys(["azertyuiop", "qsdfghjklmù", "wxcvbn"]),
    # English, of INCITS 207.
    "dvorak": neighbouring_keys(["   pyfgcrl", "aoeuidhtns", " qjkxbmwvz"]),
}
"""For each layout the neighbours of each letter's key."""


@dataclasses.dataclass(frozen=True)
class Keyboard(Attack):
    """Replaces one inner letter of a word by a neighbour on the keyboard.

    A capital becomes a small letter, as in the authors' attacked file. Characters that
    are not letters of the layout have no neighbour: a word with no such letter inside
    stays as it is.

    Args:
        layout: "qwerty", "qwertz", "azerty" or "dvorak".

    Raises:
        UserError: if there is no such layout.

    Example:
        >>> import numpy as np
        >>> Keyboard().edit("WORD", np.random.default_rng(0))
        'WOfD'
        >>> Keyboard(layout="dvorak").possible_edits("bad")
        ['bod', 'bqd']
    """

    layout: str = "qwerty"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layout not in KEYBOARD_LAYOUTS:
            raise UserError(
                f"no keyboard layout {self.layout!r}: choose one of "
                f"{', '.join(KEYBOARD_LAYOUTS)}"
            )

    @property
    def kind(self) -> str:
        """See the base class."""
        return "keyboard" if self.layout == "qwerty" else f"keyboard_{self.layout}"

    @property
    def rule(self) -> Substitution:
        """See the base class."""
        typos = {
            character: self._neighbours(character)
            for character in _CASED
            if self._neighbours(character)
        }
        return Substitution(first=1, spared=1, takes_marks=True, typos=typos)

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        characters = written_characters(word)
        places = [
            [
                "".join([*characters[:i], letter, *characters[i + 1 :]])
                for letter in self._neighbours(characters[i])
            ]
            for i in range(1, len(characters) - 1)
        ]
        return [typos for typos in places if typos]

    def _neighbours(self, character: str) -> str:
        return KEYBOARD_LAYOUTS[self.layout].get(character.lower(), "")


KEYBOARD_QWERTZ = functools.partial(Keyboard, layout="qwertz")
KEYBOARD_AZERTY = functools.partial(Keyboard, layout="azerty")
KEYBOARD_DVORAK = functools.partial(Keyboard, layout="dvorak")
