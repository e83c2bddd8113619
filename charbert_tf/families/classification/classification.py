"""LabelledText: a text, or a pair of texts, and its class."""

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from charbert_tf.families.example import Edited, Example, RunningText, TextName
from charbert_tf.files.errors import UserError

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MOST_NUMBERS = 10


@dataclasses.dataclass(frozen=True)
class LabelledText(Example):
    """A text, or a pair of texts, and its class.

    Args:
        text: the text, or the first of a pair.
        text_pair: the second of a pair, else None.
        label: the name of the class; None in a file that has no labels.
        line: the line of the file that it comes from, from 1.
        index: the row of the file, from 0: GLUE's index. Blank lines and the header
            do not count, rows that are left out do. None if it is not known.
    """

    text: str
    text_pair: str | None
    label: str | None
    line: int
    index: int | None = None

    def texts(self) -> Mapping[TextName, RunningText]:
        """Returns one or two texts; see the base class."""
        texts = {"text": RunningText(self.text, step=2)}
        if self.text_pair is not None:
            texts["text_pair"] = RunningText(
                self.text_pair, title="second text", first=1, step=2
            )
        return texts

    def with_texts(self, edited: Mapping[TextName, Edited]) -> Self:
        """Gives texts other characters; see the base class."""
        texts = {name: text.text for name, text in edited.items()}
        return dataclasses.replace(self, **texts)

    def marked(self, prediction: str | None) -> list[tuple[str, str]]:
        """Returns the label; see the base class."""
        return [(self.label if prediction is None else prediction, "")]


def label_names(examples: Iterable[LabelledText]) -> list[str]:
    """Gives the labels of a training file: what a model learns to predict.

    Args:
        examples: the rows of the file.

    Returns:
        The labels, sorted.

    Example:
        >>> label_names([LabelledText("good", None, "1", 2)])
        ['1']
    """
    return sorted({example.label for example in examples})


def refuse_numbers(
    examples: Sequence[LabelledText], path: str | os.PathLike[str]
) -> None:
    """Refuses labels that are measurements, not classes.

    Args:
        examples: the rows of a training file.
        path: the file, for the error.

    Raises:
        UserError: if the labels are numbers of which most differ, or many fractions.

    Example:
        >>> refuse_numbers([LabelledText("good", None, "1", 2)], "train.tsv")
    """
    labels = {example.label for example in examples}
    if len(labels) <= _MOST_NUMBERS or not all(map(_NUMBER.fullmatch, labels)):
        return
    has_fractions = any(not float(label).is_integer() for label in labels)
    if has_fractions or len(labels) > len(examples) / 2:
        raise UserError(
            f"the labels are {len(labels)} different numbers in {len(examples)} rows, "
            "as of a measurement, which no task here predicts: name another label "
            "column, or make classes of the numbers, such as low and high",
            path,
        )


def check_labels(
    examples: Iterable[LabelledText],
    labels: Sequence[str],
    path: str | os.PathLike[str],
    are_the_data_sets: bool = False,
) -> None:
    """Checks that a file has labels that are known, and no others.

    Args:
        examples: the rows of the file. What has no label is predicted, not scored.
        labels: the labels of the model, from `label_names`, or of the data set.
        path: the file, for the error.
        are_the_data_sets: whether these are all labels of the data set, not those that
            a model has happened to learn.

    Raises:
        UserError: if a label of the file is not among the labels.

    Example:
        >>> check_labels([LabelledText("good", None, "1", 2)], ["0", "1"], "dev.tsv")
    """
    known = frozenset(labels)
    for example in examples:
        if example.label is None or example.label in known:
            continue
        owner, remedy = (
            ("this data set", "take the task 'classification', which has any labels")
            if are_the_data_sets
            else ("the training data", "train with it")
        )
        raise UserError(
            f"the label {example.label!r} is not in {owner}, which has "
            f"{', '.join(labels)}: correct it, or {remedy}",
            path,
            example.line,
        )


def texts_by_input(examples: Sequence[LabelledText]) -> dict[str, list[str]]:
    """Returns the texts by the names of an exported model's inputs.

    Args:
        examples: texts, or pairs of them.

    Example:
        >>> texts_by_input([LabelledText("a fine film", None, "good", 1)])
        {'text': ['a fine film']}
    """
    texts = {"text": [example.text for example in examples]}
    if examples and examples[0].text_pair is not None:
        texts["text_pair"] = [example.text_pair for example in examples]
    return texts
