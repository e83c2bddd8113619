"""The attacks that take other forms of the same letters."""

import dataclasses
import functools
import string
import unicodedata

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit_rule import Recasing, Substitution
from charbert_tf.files.errors import UserError

# Grave, acute, circumflex, tilde, diaeresis, ring, caron, cedilla, ogonek, macron.
_MARKS = "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327\u0328\u0304"
# What European keyboards have: Latin-1 Supplement and Latin Extended-A.
_LAST = "\u017f"

LETTER_CASES = ("small_letters", "capitals", "title_case", "inverted_case")
"""The styles that a word can be written in."""

_RANDOM = "random_case"


class Case(Attack):
    """Makes one letter of a word a capital, or a capital small.

    Any letter may be hit, the first and the last too. Letters without case, and those
    that become two in capitals, such as "ß", stay. The subwords of an uncased
    vocabulary do not show these edits.

    Example:
        >>> Case().possible_edits("Rome")
        ['rome', 'ROme', 'RoMe', 'RomE']
    """

    kind = "case"

    @property
    def rule(self) -> Substitution:
        """See the base class."""
        return Substitution(typos=_flipped_letters())

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        return [
            [word[:i] + flipped + word[i + 1 :]]
            for i, letter in enumerate(word)
            for flipped in _flipped(letter)
        ]


def _flipped(letter: str) -> list[str]:
    flipped = letter.swapcase()
    return [flipped] if len(flipped) == 1 and flipped != letter else []


@functools.cache
def _flipped_letters() -> dict[str, list[str]]:
    # No script outside of Unicode's first two planes has capitals.
    letters = {letter: _flipped(letter) for letter in map(chr, range(0x20000))}
    return {letter: flipped for letter, flipped in letters.items() if flipped}


class Diacritics(Attack):
    """Adds a diacritic to one letter of a word, or strips a letter of its own.

    Which letters have which is what Unicode's canonical decompositions tell: "e"
    becomes any letter of the blocks Latin-1 Supplement and Latin Extended-A that
    decomposes to "e" and a mark. A letter with a mark loses it, and a combining mark of
    a decomposed letter is lost. Any letter may be hit, the first and the last too. A
    tokenizer that strips accents does not see these edits.

    Example:
        >>> Diacritics().possible_edits("öde")
        ['ode', 'öďe', 'ödè', 'ödé', 'ödê', 'ödë', 'ödě', 'ödę', 'ödē']
    """

    kind = "diacritics"

    @property
    def rule(self) -> Substitution:
        """See the base class."""
        return Substitution(typos=_all_variants(), spares_marked=True)

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives all typos of this kind; see the base class."""
        places = [
            [word[:i] + letter + word[i + 1 :] for letter in _variants(word, i)]
            for i in range(len(word))
        ]
        return [typos for typos in places if typos]


def _variants(word: str, index: int) -> list[str]:
    character, following = word[index], word[index + 1 : index + 2]
    if unicodedata.combining(character):
        return [""]
    if following and unicodedata.combining(following):
        return []
    decomposed = unicodedata.normalize("NFD", character)
    has_mark = len(decomposed) > 1 and unicodedata.combining(decomposed[1])
    return [decomposed[0]] if has_mark else _ACCENTED.get(character, [])


def _accented(letter: str) -> list[str]:
    composed = [unicodedata.normalize("NFC", letter + mark) for mark in _MARKS]
    return [
        accented for accented in composed if len(accented) == 1 and accented <= _LAST
    ]


_ACCENTED = {letter: _accented(letter) for letter in string.ascii_letters}


@functools.cache
def _all_variants() -> dict[str, list[str]]:
    # What is outside of Unicode's first two planes has no marks of its own.
    variants = {chr(number): _variants(chr(number), 0) for number in range(0x20000)}
    return {character: typos for character, typos in variants.items() if typos}


@dataclasses.dataclass(frozen=True)
class LetterCase(Attack):
    """Writes words in another case, as people do in a chat or in a headline.

    Every word with a letter is hit, also one shorter than `minimum_length`: what is
    typed in small letters is so from its first word to its last.

    Args:
        style: "small_letters" ("rome"), "capitals" ("ROME"), "title_case" ("Rome"),
            "inverted_case" ("rOME"), or "random_case": each word in one of these that
            it is not written in.

    Raises:
        UserError: if there is no such style.

    Example:
        >>> LetterCase(style="capitals").attack_text("In Rome, 1996", 0, example=0)
        'IN ROME, 1996'
        >>> LetterCase(style="random_case").possible_edits("Rome")
        ['rome', 'ROME', 'rOME']
    """

    style: str = "small_letters"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.style not in (*LETTER_CASES, _RANDOM):
            raise UserError(
                f"no letter case {self.style!r}: choose one of "
                f"{', '.join((*LETTER_CASES, _RANDOM))}"
            )

    @property
    def kind(self) -> str:
        """See the base class."""
        return self.style

    @property
    def shortest(self) -> int:
        """Every word; see the base class."""
        return 1

    @property
    def rule(self) -> Recasing:
        """See the base class."""
        return Recasing(styles=self._styles)

    def edits_by_place(self, word: str) -> list[list[str]]:
        """Gives the word in other cases, all at one place; see the base class."""
        written = dict.fromkeys(_written(word, style) for style in self._styles)
        others = [other for other in written if other != word]
        return [others] if others else []

    @property
    def _styles(self) -> tuple[str, ...]:
        return LETTER_CASES if self.style == _RANDOM else (self.style,)


def _written(word: str, style: str) -> str:
    if style == "small_letters":
        return word.lower()
    if style == "capitals":
        return word.upper()
    # Not `str.title`, which makes "Don'T" of "don't".
    if style == "title_case":
        return word[:1].upper() + word[1:].lower()
    return word[:1].lower() + word[1:].upper()


SMALL_LETTERS = functools.partial(LetterCase, style="small_letters")
CAPITALS = functools.partial(LetterCase, style="capitals")
TITLE_CASE = functools.partial(LetterCase, style="title_case")
INVERTED_CASE = functools.partial(LetterCase, style="inverted_case")
RANDOM_CASE = functools.partial(LetterCase, style=_RANDOM)
