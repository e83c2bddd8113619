"""ExampleEdit: the edits that an example may get, and the example with some of them."""

import dataclasses
import functools
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edit import Edit, edited_words
from charbert_tf.attacks.edited_text import EditedText
from charbert_tf.attacks.running_text import overlapping, word_spans
from charbert_tf.families.classification.classification import LabelledText
from charbert_tf.families.question_answering.attacked_questions import (
    answer_spans,
    asked_about,
)
from charbert_tf.families.question_answering.questions import Question
from charbert_tf.families.tagging.tag_alignment import aligned_tags
from charbert_tf.families.tagging.tagging import TaggedSentence


class ExampleEdit(NamedTuple):
    """An edit of one of an example's texts.

    Attributes:
        text: str. Which of them: `"text"` or `"text_pair"`, of a question `"question"`
            or `"context"`. None of a tagged sentence, which has one only.
        edit: `Edit`. What is done to which of its words.
    """

    text: str | None
    edit: Edit


@functools.singledispatch
def possible_edits(
    example: Any, attack: Attack, attacked_text: str = "question"
) -> list[list[ExampleEdit]]:
    """Lists the edits that an example may get without breaking its label.

    Args:
        example: A `LabelledText`, a `TaggedSentence` or a `Question`.
        attack: Which words may be edited and what the edits are.
        attacked_text: Of a question: `"question"`, `"context"` or `"both"`. Words of
            the context that have some of an answer are never edited.

    Returns:
        For each word that may be edited, in order, its edits.

    Raises:
        TypeError: If the example is of another kind.

    Example:
        >>> from charbert_tf.attacks import Swap
        >>> example = LabelledText("a fine film", None, "1", line=2)
        >>> possible_edits(example, Swap())[0][0].edit
        Edit(first=1, old=('fine',), new=('fnie',), kind='swap')
    """
    raise TypeError(f"No words of a {type(example).__name__} are known.")


@functools.singledispatch
def with_edits(example: Any, edits: Iterable[ExampleEdit]) -> Any:
    """Edits words of an example; its label and answers stay, tags follow their words.

    Args:
        example: As `possible_edits` takes it.
        edits: Some of those that `possible_edits` listed, in order, one a word.

    Returns:
        An example of the same kind.

    Raises:
        TypeError: If the example is of another kind.

    Example:
        >>> example = LabelledText("a fine film", None, "1", line=2)
        >>> edit = Edit(1, ("fine",), ("fnie",), "swap")
        >>> with_edits(example, [ExampleEdit("text", edit)]).text
        'a fnie film'
    """
    raise TypeError(f"No words of a {type(example).__name__} are known.")


@possible_edits.register
def _(
    example: LabelledText, attack: Attack, attacked_text: str = "question"
) -> list[list[ExampleEdit]]:
    return [
        *_edits_of_text("text", example.text, attack),
        *_edits_of_text("text_pair", example.text_pair or "", attack),
    ]


@possible_edits.register
def _(
    example: TaggedSentence, attack: Attack, attacked_text: str = "question"
) -> list[list[ExampleEdit]]:
    spared = attack.protected_indices(example.words)
    words = [item for item in enumerate(example.words) if item[0] not in spared]
    return _edits_of_words(None, words, attack)


@possible_edits.register
def _(
    example: Question, attack: Attack, attacked_text: str = "question"
) -> list[list[ExampleEdit]]:
    edits = []
    if attacked_text != "context":
        edits += _edits_of_text("question", example.text, attack)
    if attacked_text != "question":
        answers = answer_spans(example)
        edits += _edits_of_text("context", example.context, attack, answers)
    return edits


@with_edits.register
def _(example: LabelledText, edits: Iterable[ExampleEdit]) -> LabelledText:
    pair = example.text_pair
    return dataclasses.replace(
        example,
        text=_edited("text", example.text, edits).text,
        text_pair=None if pair is None else _edited("text_pair", pair, edits).text,
    )


@with_edits.register
def _(example: TaggedSentence, edits: Iterable[ExampleEdit]) -> TaggedSentence:
    of_words = [edit for _, edit in edits]
    return dataclasses.replace(
        example,
        words=tuple(edited_words(example.words, of_words)),
        tags=tuple(aligned_tags(example.tags, of_words)),
    )


@with_edits.register
def _(example: Question, edits: Iterable[ExampleEdit]) -> Question:
    return asked_about(
        example,
        _edited("question", example.text, edits).text,
        _edited("context", example.context, edits),
    )


def _edits_of_text(
    name: str,
    text: str,
    attack: Attack,
    protected_spans: Collection[tuple[int, int]] = (),
) -> list[list[ExampleEdit]]:
    spans = word_spans(text)
    spared = overlapping(spans, [*protected_spans, *attack.protected_spans(text)])
    words = [
        (index, text[start:end])
        for index, (start, end) in enumerate(spans)
        if index not in spared
    ]
    return _edits_of_words(name, words, attack)


def _edits_of_words(
    name: str | None, words: Iterable[tuple[int, str]], attack: Attack
) -> list[list[ExampleEdit]]:
    edits = [
        [ExampleEdit(name, edit) for edit in attack.edits_of_word(word, index)]
        for index, word in words
        if attack.is_eligible(word)
    ]
    return [of_word for of_word in edits if of_word]


def _edited(name: str, text: str, edits: Iterable[ExampleEdit]) -> EditedText:
    of_text = tuple(edit for of, edit in edits if of == name)
    if not of_text:
        return EditedText(text)
    spans = word_spans(text)
    return EditedText(text, of_text, tuple(spans[edit.first] for edit in of_text))
