"""LabelledText: a text, or a pair of texts, and its label, labels or score."""

import dataclasses
import os
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from charbert_tf.families.example import (
    Edited,
    Example,
    Label,
    RunningText,
    TextName,
)
from charbert_tf.files.errors import UserError, warn_once

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MEASURED = re.compile(rf"{_NUMBER.pattern}|[+-]?\d+,\d+")
# So many different numbers may be classes: whole ones, and fractions.
_MOST_NUMBERS, _MOST_FRACTIONS = 10, 2
# Some files say that there is none.
_SHARE_OF_NUMBERS = 0.9
# So many different texts may be classes: in all, and of the rows.
_MOST_TEXTS, _SHARE_OF_TEXTS = 20, 0.9
# Names of classes are seldom longer: bytes, for not all scripts have spaces.
_MOST_WORDS, _MOST_BYTES = 3, 40
_COMMA = ","
_NO_LABEL = "(no label)"


@dataclasses.dataclass(frozen=True)
class LabelledText(Example):
    """A text, or a pair of texts, and its label, labels or score.

    Args:
        text: the text, or the first of a pair.
        text_pair: the second of a pair, else None.
        label: the name of the class, the names of several, or a number; None in a file
            that has no labels.
        line: the line of the file that it comes from, from 1.
        index: the row of the file, from 0: GLUE's index. Blank lines and the header
            do not count, rows that are left out do. None if it is not known.
    """

    text: str
    text_pair: str | None
    label: Label | None
    line: int
    index: int | None = None

    place_fields = ("line", "index")

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

    def marked(self, prediction: Label | None) -> list[tuple[str, str]]:
        """Returns the label, the labels or the score; see the base class."""
        label = self.label if prediction is None else prediction
        return [(label_text(label) or _NO_LABEL, "")]


def label_text(label: Label) -> str:
    """Writes a label as files have it.

    Args:
        label: A label, several labels or a number.

    Returns:
        What `read_single_label`, `read_labels` or `read_score` reads.

    Example:
        >>> label_text("good"), label_text(("fear", "joy")), label_text(4.25)
        ('good', 'fear,joy', '4.25')
    """
    if isinstance(label, str):
        return label
    return f"{label:.6g}" if isinstance(label, float) else _COMMA.join(label)


def read_single_label(cell: str) -> str:
    """Reads the cell of a label.

    Args:
        cell: what stands there.

    Returns:
        The label.

    Raises:
        ValueError: if it is empty.

    Example:
        >>> read_single_label(" good")
        'good'
    """
    label = cell.strip()
    if not label:
        raise ValueError("the label is empty: fill it in or remove the row")
    return label


def read_labels(cell: str) -> tuple[str, ...]:
    """Reads the cell of any number of labels, with commas between.

    Args:
        cell: what stands there; nothing for a text without a label.

    Returns:
        The labels, each once.

    Example:
        >>> read_labels("fear, joy"), read_labels("")
        (('fear', 'joy'), ())
    """
    names = [name.strip() for name in cell.split(_COMMA)]
    return tuple(dict.fromkeys(filter(None, names)))


def read_score(cell: str) -> float:
    """Reads the cell of a number.

    Args:
        cell: what stands there.

    Returns:
        The number.

    Raises:
        ValueError: if it is none.

    Example:
        >>> read_score("4.25")
        4.25
    """
    if not _NUMBER.fullmatch(cell.strip()):
        raise ValueError(
            f"the label {cell.strip()!r} is no number, which regression learns: "
            "correct it, name another label column, or take --task=classification"
        )
    return float(cell)


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
    return sorted({name for example in examples for name in _names(example.label)})


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
    names = [_names(example.label) for example in examples]
    labels = {name for of in names for name in of}
    numbers = [
        label.replace(",", ".") for label in labels if _MEASURED.fullmatch(label)
    ]
    if len(numbers) < _SHARE_OF_NUMBERS * len(labels) or any(len(n) > 1 for n in names):
        return
    has_fractions = any(not float(number).is_integer() for number in numbers)
    is_each_anew = len(numbers) > len(examples) / 2
    if len(numbers) > _MOST_NUMBERS:
        is_measurement = has_fractions or is_each_anew
    else:
        is_measurement = (
            has_fractions and is_each_anew and len(numbers) > _MOST_FRACTIONS
        )
    if is_measurement:
        raise UserError(
            f"the labels are {len(numbers)} different numbers in {len(examples)} rows, "
            "as of a measurement: take --task=regression, which learns numbers; or "
            "name another label column, or make classes of the numbers, such as low "
            "and high",
            path,
        )


def refuse_texts(
    examples: Sequence[LabelledText], path: str | os.PathLike[str]
) -> None:
    """Refuses labels of which nearly each row has one of its own, as of a wrong column.

    Those that look like names of classes, and neither like texts nor like numbers of
    rows, are as of a file with an example of each: they are taken, and a warning told.

    Args:
        examples: the rows of a training file.
        path: the file, for the error.

    Raises:
        UserError: if they are that many, and most of them no names.

    Example:
        >>> refuse_texts([LabelledText("good", None, "1", 2)], "train.tsv")
    """
    labels = {example.label for example in examples}
    if len(labels) <= max(_MOST_TEXTS, _SHARE_OF_TEXTS * len(examples)):
        return
    first = textwrap.shorten(str(examples[0].label), 40, placeholder="...")
    told = (
        f"has {len(labels)} different labels in {len(examples)} rows, the first is "
        f"{first!r}"
    )
    if sum(_is_like_a_name(str(label)) for label in labels) > len(labels) / 2:
        warn_once(
            f"{told}: if they are none, name the column with --label_column", path
        )
        return
    raise UserError(
        f"{told}: name the column of the labels with --label_column, or, if they are "
        "labels, list them in a task of your own (labels=[...])",
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
        unknown = [name for name in _names(example.label) if name not in known]
        if not unknown:
            continue
        owner, remedy = (
            ("this data set", "take --task=classification, which has any labels")
            if are_the_data_sets
            else ("the training data", "train with it")
        )
        raise UserError(
            f"the label {unknown[0]!r} is not in {owner}, which has "
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


def _is_like_a_name(label: str) -> bool:
    is_short = len(label.split()) <= _MOST_WORDS and len(label.encode()) <= _MOST_BYTES
    return is_short and not any(map(str.isdigit, label))


def _names(label: Label | None) -> tuple[str, ...]:
    if label is None:
        return ()
    return (label,) if isinstance(label, str) else label
