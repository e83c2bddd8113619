"""The attack that hits a neighbouring key."""

import numpy as np

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
        >>> Keyboard().edit("WORD", np.random.default_rng(0))
        'WOFD'
    """

    def edit(self, word: str, random: np.random.Generator) -> str:
        """Makes one typo; see `Attack.edit`."""
        places = [
            i for i in range(1, len(word) - 1) if word[i].lower() in QWERTY_NEIGHBOURS
        ]
        if not places:
            return word
        index = places[random.integers(len(places))]
        neighbours = QWERTY_NEIGHBOURS[word[index].lower()]
        letter = neighbours[random.integers(len(neighbours))]
        if word[index].isupper():
            letter = letter.upper()
        return word[:index] + letter + word[index + 1 :]
