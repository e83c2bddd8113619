"""editable_words: the words of an example, and the example with some of them edited."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

from charbert_tf.attacks.attack import overlapping, word_spans
from charbert_tf.attacks.edit import Edit
from charbert_tf.attacks.edited_text import EditedText
from charbert_tf.tasks.attacked_questions import answer_spans, asked_about
from charbert_tf.tasks.classification import LabelledText
from charbert_tf.tasks.question_answering import Question
from charbert_tf.tasks.tagging import TaggedSentence


class EditableWord(NamedTuple):
    """A word of an example.

    Attributes:
        part: str. What it is a word of: the example's field, `"text"`, `"text_pair"`,
            `"words"` or `"context"`.
        index: int. Which of the part's words, from 0.
        word: str. The word.
    """

    part: str
    index: int
    word: str


@functools.singledispatch
def editable_words(example: Any, attacked_text: str = "question") -> list[EditableWord]:
    """Lists the words of an example that may be edited without breaking its label.

    Args:
        example: A `LabelledText`, a `TaggedSentence` or a `Question`.
        attacked_text: Of a question: `"question"`, `"context"` or `"both"`. Words of
            the context that have some of an answer are never edited.

    Returns:
        The words, in order.

    Raises:
        TypeError: If the example is of another kind.

    Example:
        >>> example = LabelledText("a fine film", None, "1", line=2)
        >>> editable_words(example)[1]
        EditableWord(part='text', index=1, word='fine')
    """
    raise TypeError(f"No words of a {type(example).__name__} are known.")


@functools.singledispatch
def with_edits(example: Any, edits: Mapping[EditableWord, str]) -> Any:
    """Edits words of an example; its label, tags or answers stay.

    Args:
        example: As `editable_words` takes it.
        edits: What replaces words that `editable_words` listed.

    Returns:
        An example of the same kind.

    Raises:
        TypeError: If the example is of another kind.

    Example:
        >>> example = LabelledText("a fine film", None, "1", line=2)
        >>> with_edits(example, {EditableWord("text", 1, "fine"): "fnie"}).text
        'a fnie film'
    """
    raise TypeError(f"No words of a {type(example).__name__} are known.")


@editable_words.register
def _(example: LabelledText, attacked_text: str = "question") -> list[EditableWord]:
    return _words_of_text("text", example.text) + _words_of_text(
        "text_pair", example.text_pair or ""
    )


@editable_words.register
def _(example: TaggedSentence, attacked_text: str = "question") -> list[EditableWord]:
    return [
        EditableWord("words", index, word) for index, word in enumerate(example.words)
    ]


@editable_words.register
def _(example: Question, attacked_text: str = "question") -> list[EditableWord]:
    words = []
    if attacked_text != "context":
        words += _words_of_text("text", example.text)
    if attacked_text != "question":
        answered = overlapping(word_spans(example.context), answer_spans(example))
        words += [
            word
            for word in _words_of_text("context", example.context)
            if word.index not in answered
        ]
    return words


@with_edits.register
def _(example: LabelledText, edits: Mapping[EditableWord, str]) -> LabelledText:
    pair = example.text_pair
    return dataclasses.replace(
        example,
        text=_edited("text", example.text, edits).text,
        text_pair=None if pair is None else _edited("text_pair", pair, edits).text,
    )


@with_edits.register
def _(example: TaggedSentence, edits: Mapping[EditableWord, str]) -> TaggedSentence:
    words = list(example.words)
    for place, new in edits.items():
        words[place.index] = new
    return dataclasses.replace(example, words=tuple(words))


@with_edits.register
def _(example: Question, edits: Mapping[EditableWord, str]) -> Question:
    return asked_about(
        example,
        _edited("text", example.text, edits).text,
        _edited("context", example.context, edits),
    )


def _words_of_text(part: str, text: str) -> list[EditableWord]:
    return [
        EditableWord(part, index, text[start:end])
        for index, (start, end) in enumerate(word_spans(text))
    ]


def _edited(part: str, text: str, edits: Mapping[EditableWord, str]) -> EditedText:
    of_part = sorted(item for item in edits.items() if item[0].part == part)
    if not of_part:
        return EditedText(text)
    spans = word_spans(text)
    return EditedText(
        text,
        tuple(Edit(place.index, (place.word,), (new,), "") for place, new in of_part),
        tuple(spans[place.index] for place, _ in of_part),
    )
