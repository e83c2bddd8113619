"""EditRule: what an attack does to a word, for those who do it in a graph."""

import dataclasses
from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class EditRule:
    """Where in a word an attack makes its edits.

    A subclass says what they are. `Attack.edits_by_place` gives the same edits, word by
    word; a rule is for those who edit many words at once, such as
    `charbert_tf.noise`.

    Args:
        first: the first place, from 0.
        spared: how many characters at the word's end are no places.
        takes_marks: whether combining marks go with their letter, see
            `written_characters`, or are characters of their own.
        is_of_whole_texts: whether noise makes these edits in all words of a text or in
            none.
    """

    first: int = 0
    spared: int = 0
    takes_marks: bool = False
    is_of_whole_texts: bool = False


@dataclasses.dataclass(frozen=True)
class Removal(EditRule):
    """A character is left out."""


@dataclasses.dataclass(frozen=True)
class Transposition(EditRule):
    """A character changes places with the next one, if that is another."""


@dataclasses.dataclass(frozen=True)
class Insertion(EditRule):
    """A character is put before one.

    Args:
        characters: what may be put there.
        capitals: what may be put there before a capital.
    """

    characters: str = ""
    capitals: str = ""


@dataclasses.dataclass(frozen=True)
class Substitution(EditRule):
    """One or two characters are replaced.

    Args:
        typos: what may stand in the place of which characters.
        spares_marked: whether a letter with a combining mark behind it stays.
    """

    typos: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    spares_marked: bool = False


@dataclasses.dataclass(frozen=True)
class Recasing(EditRule):
    """All letters of the word are written in another case.

    Args:
        styles: the styles, of `LETTER_CASES`, one of which the word is written in.
    """

    styles: Sequence[str] = ()
    is_of_whole_texts: bool = True
