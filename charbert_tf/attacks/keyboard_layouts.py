"""Which letters' keys touch each other, on keyboards of several layouts."""

import itertools
from collections.abc import Mapping, Sequence

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

# How far each row of keys is to the right of the first, in widths of a key.
_STAGGER = (0.0, 0.25, 0.75)


def touching_keys(rows: Sequence[str]) -> dict[str, str]:
    """Finds the keys that touch each other on a keyboard whose rows are staggered.

    The second row is a quarter of a key to the right of the first and the third
    half a key more, as on the keyboards of ISO/IEC 9995. Keys touch if they stand side
    by side, or one above the other with some of their width.

    Args:
        rows: the keys of the three rows of letters, from the left, with a space for
            each key that is no letter.

    Returns:
        For each letter the letters that its key touches.

    Example:
        >>> touching_keys(["qwertyuiop", "asdfghjkl", "zxcvbnm"])["a"]
        'qwsz'
    """
    places = [
        (letter, row, _STAGGER[row] + column)
        for row, letters in enumerate(rows)
        for column, letter in enumerate(letters)
        if letter != " "
    ]
    touching = {letter: "" for letter, _, _ in places}
    for (letter, row, x), (other, other_row, other_x) in itertools.permutations(
        places, 2
    ):
        reach = 1.5 if row == other_row else 1.0
        if abs(row - other_row) < 2 and abs(x - other_x) < reach:
            touching[letter] += other
    return touching


KEYBOARD_LAYOUTS: Mapping[str, Mapping[str, str]] = {
    "qwerty": QWERTY_NEIGHBOURS,
    # German, of DIN 2137.
    "qwertz": touching_keys(["qwertzuiopü", "asdfghjklöä", "yxcvbnm"]),
    # French, as it was before NF Z71-300.
    "azerty": touching_keys(["azertyuiop", "qsdfghjklmù", "wxcvbn"]),
    # English, of INCITS 207.
    "dvorak": touching_keys(["   pyfgcrl", "aoeuidhtns", " qjkxbmwvz"]),
}
"""For each layout the letters whose keys touch a letter's key."""
