"""The attack that hits a neighbouring key."""

from charbert_tf.attacks.attack import Attack

QWERTY_NEIGHBOURS = {
    "q": "wa",
    "w": "qesa",
    "e": "wrds",
    "r": "etfd",
    "t": "rygf",
    "y": "tuhg",
    "u": "yijh",
    "i": "uokj",
    "o": "iplk",
    "p": "ol",
    "a": "qwsz",
    "s": "wedxza",
    "d": "erfcxs",
    "f": "rtgvcd",
    "g": "tyhbvf",
    "h": "yujnbg",
    "j": "uikmnh",
    "k": "iolmj",
    "l": "opk",
    "z": "asx",
    "x": "sdcz",
    "c": "dfvx",
    "v": "fgbc",
    "b": "ghnv",
    "n": "hjmb",
    "m": "jkn",
}
"""The letters whose keys touch a letter's key on a QWERTY keyboard."""


class Keyboard(Attack):
    """Replaces one inner letter of a word by a neighbour on a QWERTY keyboard.

    The case is kept. Characters that are not English letters have no neighbour: a word
    with no English letter inside stays as it is.

    Example:
        >>> import numpy as np
        >>> Keyboard().edit("WORD", np.random.default_rng(0))
        'WOFD'
    """

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        places = [
            [word[:i] + letter + word[i + 1 :] for letter in _neighbours(word[i])]
            for i in range(1, len(word) - 1)
        ]
        return [typos for typos in places if typos]


def _neighbours(character: str) -> str:
    letters = QWERTY_NEIGHBOURS.get(character.lower(), "")
    return letters.upper() if character.isupper() else letters
