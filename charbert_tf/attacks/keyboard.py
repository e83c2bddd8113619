"""The attack that hits a neighbouring key."""

import dataclasses
import functools

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.keyboard_layouts import KEYBOARD_LAYOUTS
from charbert_tf.attacks.written_characters import written_characters
from charbert_tf.files.errors import UserError


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
