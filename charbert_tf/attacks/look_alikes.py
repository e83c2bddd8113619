"""The attacks that take characters for others that look like them."""

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
# Zero width space, non-joiner and joiner, and word joiner.
_INVISIBLE = "\u200b\u200c\u200d\u2060"
# From tesseract-ocr/langdata, eng/eng.unicharambigs (Apache License 2.0), those of bare
# letters and digits that English text has.
_TESSERACT_AMBIGUITIES = (
    *(("m", "rn"), ("m", "in"), ("m", "ni"), ("d", "cl"), ("nn", "rm"), ("n", "ri")),
    *(("n", "rr"), ("n", "ii"), ("h", "li"), ("u", "ii"), ("H", "ll"), ("w", "vv")),
    *(("W", "VV"), ("t", "f"), ("a", "o"), ("e", "c"), ("o", "0")),
)
# The rule for these: letters and digits whose shapes differ by a serif, a slope or a
# corner in print without serifs.
_LETTERS_LIKE_DIGITS = (
    *(("l", "1"), ("l", "I"), ("I", "1"), ("O", "0")),
    *(("S", "5"), ("B", "8"), ("Z", "2"), ("G", "6")),
)
_PAIRS = _TESSERACT_AMBIGUITIES + _LETTERS_LIKE_DIGITS
_CONFUSIONS = (*_PAIRS, *((second, first) for first, second in _PAIRS))


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


class Ocr(Attack):
    """Takes one or two characters for others that look like them in print.

    The pairs are those that the text recogniser Tesseract knows to be mixed up (its
    file `eng.unicharambigs`), such as "m" and "rn" or "d" and "cl", and letters that
    look like digits or like each other: "l", "1" and "I", "O" and "0", "S" and "5",
    "B" and "8", "Z" and "2", "G" and "6". Each is taken for the other, in either
    direction, anywhere in the word, its first and last characters not excepted.

    Example:
        >>> Ocr().possible_edits("burn")
        ['biirn', 'bum', 'burri', 'burrr', 'burii']
    """

    kind = "ocr"

    @property
    def rule(self) -> Substitution:
        """See the base class."""
        typos: dict[str, list[str]] = {}
        for seen, look_alike in _CONFUSIONS:
            typos.setdefault(seen, []).append(look_alike)
        return Substitution(typos=typos)

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        places = [
            [
                word[:i] + look_alike + word[i + len(seen) :]
                for seen, look_alike in _CONFUSIONS
                if word.startswith(seen, i)
            ]
            for i in range(len(word))
        ]
        return [typos for typos in places if typos]
