"""The attacks that a reader does not see."""

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit_rule import Insertion, Substitution

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
    rule = Substitution(typos=_LOOK_ALIKES)

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        return [
            [word[:i] + other + word[i + 1 :] for other in _LOOK_ALIKES[letter]]
            for i, letter in enumerate(word)
            if letter in _LOOK_ALIKES
        ]


# Zero width space, non-joiner and joiner, and word joiner.
_INVISIBLE = "\u200b\u200c\u200d\u2060"


class ZeroWidth(Attack):
    r"""Inserts a character without width between two characters of a word.

    It is one of U+200B, U+200C, U+200D and U+2060. First and last characters stay. What
    becomes of it is for a tokenizer to say: that of keras-nlp's BERT takes it for a
    space.

    Example:
        >>> ZeroWidth().possible_edits("is")
        ['i\u200bs', 'i\u200cs', 'i\u200ds', 'i\u2060s']
    """

    kind = "zero_width"
    rule = Insertion(first=1, characters=_INVISIBLE, capitals=_INVISIBLE)
    # For those who read it, it is one word still.
    parts_words = True

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        return [
            [word[:i] + character + word[i:] for character in _INVISIBLE]
            for i in range(1, len(word))
        ]
