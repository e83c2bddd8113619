"""The attack that misreads characters as a scanner does."""

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit_rule import Substitution

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


_PAIRS = _TESSERACT_AMBIGUITIES + _LETTERS_LIKE_DIGITS
_CONFUSIONS = (*_PAIRS, *((second, first) for first, second in _PAIRS))
