"""The attack that takes a letter of another alphabet."""

from charbert_tf.attacks.attack import Attack

# From Unicode's confusables.txt (UTS #39, Unicode License): the letters of Cyrillic and
# then of Greek whose skeleton is this letter, without historic ones.
_LOOK_ALIKES = {
    **{"a": "аα", "c": "сϲ", "d": "ԁ", "e": "е", "h": "һ", "i": "іι", "j": "јϳ"},
    **{"o": "оο", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "u": "υ", "v": "ν"},
    **{"w": "ԝ", "x": "х", "y": "уγ"},
    **{"A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "G": "Ԍ", "H": "НΗ", "J": "Ј"},
    **{"K": "КΚ", "M": "МΜ", "N": "Ν", "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ"},
    **{"W": "Ԝ", "X": "ХΧ", "Y": "УΥ", "Z": "Ζ"},
}


class Homoglyph(Attack):
    """Replaces a Latin letter by one of Cyrillic or Greek that looks the same.

    Which look the same is told by Unicode's list of confusable characters
    (https://www.unicode.org/reports/tr39, `confusables.txt`). Any letter may be hit,
    the first and the last too, for a reader sees no difference.

    Example:
        >>> Homoglyph().possible_edits("tea") == ["t\u0435a", "te\u0430", "te\u03b1"]
        True
    """

    kind = "homoglyph"

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        return [
            [word[:i] + other + word[i + 1 :] for other in _LOOK_ALIKES[letter]]
            for i, letter in enumerate(word)
            if letter in _LOOK_ALIKES
        ]
