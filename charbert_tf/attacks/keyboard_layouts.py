"""Which letters' keys are neighbours, on keyboards of several layouts."""

import itertools
from collections.abc import Mapping, Sequence


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
