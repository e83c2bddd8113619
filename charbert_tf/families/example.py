"""Example: what the examples of every family have in common, texts that are edited."""

import abc
import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import ClassVar, Self

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit, EditedText, EditedWords
from charbert_tf.attacks.running_text import WORD, overlapping, word_spans

# As TypedWordSplitter has it, which the recogniser's training text is split by.
_WORD_OR_MARK = re.compile(rf"{WORD.pattern}|\S")
_CORRECTION = "correction"

TextName = str | None
"""Which of an example's texts: None where the words of a sentence are all there is."""

Label = str | tuple[str, ...] | float
"""What is told of a text: a label, all of its labels, or a score."""

Edited = EditedText | EditedWords
"""A text of an example, and what was changed in it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExampleText(abc.ABC):
    """One of the texts of an example.

    Args:
        title: what it is called where people read it.
        first: with `step`, which random numbers an attack has for it: those of the text
            of index `first + step * n`, where the example is the n-th.
        step: see `first`.
        is_attacked: whether an attack is of it unless another text is named.
        is_shared: whether examples that have the same characters here have one text
            together, which is edited once.
        is_corrected: whether somebody has typed it, so that a recogniser corrects it.
    """

    title: str = "text"
    first: int = 0
    step: int = 1
    is_attacked: bool = True
    is_shared: bool = False
    is_corrected: bool = True

    def index(self, example: int) -> int:
        """Returns the index by which an attack draws its random numbers.

        Args:
            example: which example it is of, from 0.
        """
        return self.first + self.step * example

    @property
    @abc.abstractmethod
    def words(self) -> list[str]:
        """The words, to be read."""

    @abc.abstractmethod
    def tokens(self) -> list[str]:
        """Returns the words and marks that a word recogniser is asked about."""

    @abc.abstractmethod
    def attacked(self, attack: Attack, seed: int, index: int) -> Edited:
        """Attacks the text.

        Args:
            attack: what to do to its words.
            seed: the same seed gives the same edits.
            index: as `index` gives it.

        Returns:
            The text with its edits.
        """

    @abc.abstractmethod
    def possible_edits(self, attack: Attack) -> list[list[Edit]]:
        """Lists the edits of single words.

        Args:
            attack: which words may be edited and what the edits are.

        Returns:
            For each word that may be edited, in order, its edits.
        """

    @abc.abstractmethod
    def edited(self, edits: Sequence[Edit]) -> Edited:
        """Makes some of the `possible_edits`.

        Args:
            edits: the edits, in order, one a word.

        Returns:
            The text with them.
        """

    @abc.abstractmethod
    def corrected(self, tokens: Sequence[str]) -> Edited:
        """Puts others in the place of `tokens`.

        Args:
            tokens: as many.

        Returns:
            The text with those of them that differ as its edits.
        """


@dataclasses.dataclass(frozen=True)
class RunningText(ExampleText):
    """Running text, such as a question.

    Args:
        text: its characters.
        kept: the start and end of characters that stay, such as those of an answer.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> RunningText("In Rome, Paris", kept=((9, 11),)).attacked(Drop(), 0, 0).text
        'In Rme, Paris'
    """

    text: str
    kept: tuple[tuple[int, int], ...] = ()

    @property
    def words(self) -> list[str]:
        """What white space parts; see the base class."""
        return self.text.split()

    def tokens(self) -> list[str]:
        """Returns words and marks; see the base class."""
        return _WORD_OR_MARK.findall(self.text)

    def attacked(self, attack: Attack, seed: int, index: int) -> EditedText:
        """Attacks all but the words that have kept characters; see the base class."""
        return attack.edited_text(self.text, seed, index, self.kept)

    def possible_edits(self, attack: Attack) -> list[list[Edit]]:
        """Lists those of all other words; see the base class."""
        spans = word_spans(self.text)
        protected = [*self.kept, *attack.protected_spans(self.text)]
        words = [self.text[start:end] for start, end in spans]
        return _possible_edits(words, overlapping(spans, protected), attack)

    def edited(self, edits: Sequence[Edit]) -> EditedText:
        """Makes the edits in the text; see the base class."""
        if not edits:
            return EditedText(self.text)
        spans = word_spans(self.text)
        places = tuple(spans[edit.first] for edit in edits)
        return EditedText(self.text, tuple(edits), places)

    def corrected(self, tokens: Sequence[str]) -> EditedText:
        """Leaves all that stands between the words as it is; see the base class."""
        matches = list(_WORD_OR_MARK.finditer(self.text))
        edits = _corrections([match[0] for match in matches], tokens)
        places = tuple(matches[edit.first].span() for edit in edits)
        return EditedText(self.text, edits, places)


@dataclasses.dataclass(frozen=True)
class SentenceOfWords(ExampleText):
    """A sentence that comes as words.

    Args:
        sentence: the words.
        joinable: the indices of those that an attack may join with the next one.

    Example:
        >>> from charbert_tf.attacks import Drop
        >>> SentenceOfWords(("in", "Rome")).attacked(Drop(), seed=0, index=0).words
        ['in', 'Rme']
    """

    sentence: tuple[str, ...]
    joinable: Collection[int] = ()

    @property
    def words(self) -> list[str]:
        """The words; see the base class."""
        return list(self.sentence)

    def tokens(self) -> list[str]:
        """Returns the words; see the base class."""
        return list(self.sentence)

    def attacked(self, attack: Attack, seed: int, index: int) -> EditedWords:
        """Attacks the words; see the base class."""
        edits = attack.edits(self.sentence, seed, index, self.joinable)
        return self.edited(edits)

    def possible_edits(self, attack: Attack) -> list[list[Edit]]:
        """Lists those of the words that are not protected; see the base class."""
        spared = attack.protected_indices(self.sentence)
        return _possible_edits(self.sentence, spared, attack)

    def edited(self, edits: Sequence[Edit]) -> EditedWords:
        """Makes the edits in the words; see the base class."""
        return EditedWords(self.sentence, tuple(edits))

    def corrected(self, tokens: Sequence[str]) -> EditedWords:
        """Puts words in the place of words; see the base class."""
        return EditedWords(self.sentence, _corrections(self.sentence, tokens))


class Example(abc.ABC):
    """An example of a family: its texts, and itself with other texts.

    All that is done to texts follows from these two: attacks on examples and files, the
    share of what they edit, the corrections of a word recogniser, an adversary's edits.

    Attributes:
        place_fields: the fields that tell where it comes from, not what it is.
    """

    place_fields: ClassVar[tuple[str, ...]] = ()

    def content(self) -> Self:
        """Returns it without its place, the same for all that are alike."""
        return dataclasses.replace(self, **dict.fromkeys(self.place_fields))

    @abc.abstractmethod
    def texts(self) -> Mapping[TextName, ExampleText]:
        """Returns the texts by their names, in the order in which they are read."""

    @abc.abstractmethod
    def with_texts(self, edited: Mapping[TextName, Edited]) -> Self:
        """Puts edited texts in the place of some.

        Args:
            edited: the texts, by their names; the others stay.

        Returns:
            The example with them. Its label stays, tags follow their words and answers
            stand where they have moved to.
        """

    @abc.abstractmethod
    def marked(self, prediction: object) -> list[tuple[str, str]]:
        """Returns a prediction, or the truth, to be read by people.

        Args:
            prediction: a prediction for it, or None for what is true of it.

        Returns:
            Pieces of text with a mark each, `""` for none.
        """

    @classmethod
    def check_parting(cls, examples: Iterable[Self], path: str) -> None:
        """Refuses examples whose labels cannot follow words that are split or joined.

        Args:
            examples: the examples.
            path: the file that they come from, for the error.

        Raises:
            UserError: if there are some.
        """
        return


def _possible_edits(
    words: Iterable[str], spared: Collection[int], attack: Attack
) -> list[list[Edit]]:
    edits = [
        attack.edits_of_word(word, index)
        for index, word in enumerate(words)
        if index not in spared and attack.is_eligible(word)
    ]
    return [of_word for of_word in edits if of_word]


def _corrections(old: Sequence[str], new: Sequence[str]) -> tuple[Edit, ...]:
    return tuple(
        Edit(index, (before,), (after,), _CORRECTION)
        for index, (before, after) in enumerate(zip(old, new, strict=True))
        if before != after
    )
