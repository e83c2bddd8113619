"""The attacks that write words in small letters, in capitals or in title case."""

import dataclasses
import functools

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit_rule import Recasing
from charbert_tf.files.errors import UserError

LETTER_CASES = ("small_letters", "capitals", "title_case", "inverted_case")
"""The styles that a word can be written in."""

_RANDOM = "random_case"


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
