"""Text classification, single texts and pairs: TSV files, labels and scores."""

import dataclasses
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sklearn import metrics

from charbert_tf.errors import UserError
from charbert_tf.preprocessing.text_files import read_lines

GLUE_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "cola": {"text_column": 3, "label_column": 1, "header": False},
    "sst2": {"text_column": "sentence", "label_column": "label"},
    "mrpc": {
        "text_column": "#1 String",
        "text_pair_column": "#2 String",
        "label_column": "Quality",
    },
    "qqp": {
        "text_column": "question1",
        "text_pair_column": "question2",
        "label_column": "is_duplicate",
        # GLUE's own file has some: github.com/nyu-mll/GLUE-baselines/issues/5.
        "skips_short_rows": True,
    },
    "qnli": {
        "text_column": "question",
        "text_pair_column": "sentence",
        "label_column": "label",
    },
    "rte": {
        "text_column": "sentence1",
        "text_pair_column": "sentence2",
        "label_column": "label",
    },
}
"""The columns of GLUE's files, by task: the arguments of `read_classification_file`."""


@dataclasses.dataclass(frozen=True)
class LabelledText:
    """A text, or a pair of texts, and its class.

    Args:
        text: the text, or the first of a pair.
        text_pair: the second of a pair, else None.
        label: the name of the class.
        line: the line of the file that it comes from, from 1.
    """

    text: str
    text_pair: str | None
    label: str
    line: int


def read_classification_file(
    path: str | os.PathLike[str],
    text_column: str | int,
    label_column: str | int,
    text_pair_column: str | int | None = None,
    header: bool = True,
    skips_short_rows: bool = False,
) -> list[LabelledText]:
    r"""Reads a TSV file with a text, or a pair of texts, and a label in each row.

    Quotes are ordinary characters, as in GLUE's files. Blank lines are passed over.

    Args:
        path: the file; compressed if its name ends in `.gz` or `.bz2`.
        text_column: the name of the text's column in the header, or its index from 0
            (as a number or as digits).
        label_column: the label's column, named likewise.
        text_pair_column: the column of the second text, if the task is about pairs.
        header: whether the first line names the columns. Without a header, columns
            have indices only.
        skips_short_rows: whether a row with fewer columns than the first line is left
            out. How many there are is told on standard error.

    Returns:
        The rows of the file.

    Raises:
        UserError: if the file cannot be read or has no row, if it lacks a column or
            has two of its name, if a row has more columns than the first line, or
            fewer that are not skipped, or if a label is empty.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "train.tsv")
        >>> _ = path.write_text('sentence\tlabel\nso "good"\t1\n')
        >>> read_classification_file(path, **GLUE_COLUMNS["sst2"])
        [LabelledText(text='so "good"', text_pair=None, label='1', line=2)]
    """
    rows = [(n, line.split("\t")) for n, line in read_lines(path) if line.strip(" ")]
    if skips_short_rows:
        rows = _without_short_rows(rows, path)
    if len(rows) <= header:
        raise UserError("no row in the file: put a text and its label on a line", path)
    first_line, first_row = rows[0]

    def index(column: str | int) -> int:
        return _column_index(column, first_row, header, path, first_line)

    text_index, label_index = index(text_column), index(label_column)
    pair_index = None if text_pair_column is None else index(text_pair_column)
    examples = []
    for line, row in rows[int(header) :]:
        _check_column_count(row, len(first_row), path, line)
        examples.append(
            LabelledText(
                text=row[text_index],
                text_pair=None if pair_index is None else row[pair_index],
                label=_label(row[label_index], path, line),
                line=line,
            )
        )
    return examples


def text_columns(
    path: str | os.PathLike[str],
    text_column: str | int,
    text_pair_column: str | int | None = None,
    header: bool = True,
) -> list[int]:
    r"""Finds the columns of a TSV file that have the texts.

    Args:
        path: the file; so are the others as for `read_classification_file`.
        text_column: the text's column.
        text_pair_column: the second text's, if the task is about pairs.
        header: whether the first line names the columns.

    Returns:
        Their indices from 0, one or two.

    Raises:
        UserError: if the file cannot be read, lacks a column or has two of its name.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "train.tsv")
        >>> _ = path.write_text("index\tsentence\tlabel\n0\tgood\t1\n")
        >>> text_columns(path, "sentence")
        [1]
    """
    line, first = next((n, line) for n, line in read_lines(path) if line.strip(" "))
    columns = [text_column, text_pair_column]
    return [
        _column_index(column, first.split("\t"), header, path, line)
        for column in columns
        if column is not None
    ]


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


def check_labels(
    examples: Iterable[LabelledText],
    labels: Sequence[str],
    path: str | os.PathLike[str],
) -> None:
    """Checks that a model that knows `labels` can be scored on a file.

    Args:
        examples: the rows of the file.
        labels: the labels of the model, from `label_names`.
        path: the file, for the error.

    Raises:
        UserError: if a label of the file is not among the labels.

    Example:
        >>> check_labels([LabelledText("good", None, "1", 2)], ["0", "1"], "dev.tsv")
    """
    _refuse_others(examples, labels, path, "the training data", "train with it")


def check_data_set_labels(
    examples: Iterable[LabelledText],
    labels: Sequence[str],
    path: str | os.PathLike[str],
) -> None:
    """Checks that a file has the labels of a data set, and no others.

    Args:
        examples: the rows of the file.
        labels: the labels of the data set.
        path: the file, for the error.

    Raises:
        UserError: if a label of the file is not among the labels.

    Example:
        >>> check_data_set_labels([LabelledText("a", None, "1", 2)], ["0", "1"], "a")
    """
    remedy = "take the task 'classification', which has any labels"
    _refuse_others(examples, labels, path, "this data set", remedy)


def classification_scores(
    true: Sequence[Any], predicted: Sequence[Any], labels: Sequence[Any] | None = None
) -> dict[str, float]:
    """Scores predicted classes with the measures of GLUE.

    Args:
        true: the true classes, names or numbers.
        predicted: as many predicted classes.
        labels: the labels of the model, in order; by default what occurs in `true`
            and `predicted`, sorted. Of two labels the second is the positive one.

    Returns:
        `accuracy`; `f1` of the positive class, if there are two; and
        `matthews_correlation`, for more than two classes in Gorodkin's (2004) form.
        F1 and correlation are 0 where they are not defined.

    Raises:
        ValueError: if there is nothing to score, or not as many predictions as truths.

    Example:
        >>> classification_scores([0, 0, 1, 1], [0, 1, 1, 1])["f1"]
        0.8
    """
    if len(true) == 0 or len(true) != len(predicted):
        raise ValueError(f"{len(true)} true and {len(predicted)} predicted classes.")
    labels = sorted({*true, *predicted}) if labels is None else list(labels)
    scores = {"accuracy": float(metrics.accuracy_score(true, predicted))}
    if len(labels) == 2:
        scores["f1"] = float(
            metrics.f1_score(true, predicted, pos_label=labels[1], zero_division=0)
        )
    correlation = 0.0
    # With a single class it is not defined, of which scikit-learn would warn.
    if len({*true, *predicted}) > 1:
        correlation = metrics.matthews_corrcoef(true, predicted)
    return scores | {"matthews_correlation": float(correlation)}


def _refuse_others(
    examples: Iterable[LabelledText],
    labels: Sequence[str],
    path: str | os.PathLike[str],
    owner: str,
    remedy: str,
) -> None:
    known = frozenset(labels)
    for example in examples:
        if example.label not in known:
            raise UserError(
                f"the label {example.label!r} is not in {owner}, which has "
                f"{', '.join(labels)}: correct it, or {remedy}",
                path,
                example.line,
            )


def _without_short_rows(
    rows: list[tuple[int, list[str]]], path: str | os.PathLike[str]
) -> list[tuple[int, list[str]]]:
    kept = [(n, row) for n, row in rows if len(row) >= len(rows[0][1])]
    if count := len(rows) - len(kept):
        print(f"{path}: left out {count} row(s) that lack columns", file=sys.stderr)
    return kept


def _column_index(
    column: str | int,
    first_row: Sequence[str],
    header: bool,
    path: str | os.PathLike[str],
    line: int,
) -> int:
    if header and column in first_row:
        if first_row.count(column) > 1:
            raise UserError(
                f"two columns are named {column!r}: rename the one that is not meant",
                path,
                line,
            )
        return first_row.index(column)
    index = int(column) if str(column).isdecimal() else None
    if index is not None and index < len(first_row):
        return index
    known = (
        f"the header has {', '.join(map(repr, first_row))}"
        if header
        else f"a file without a header has columns 0 to {len(first_row) - 1}"
    )
    raise UserError(f"no column {str(column)!r}: {known}", path, line)


def _check_column_count(
    row: Sequence[str], expected: int, path: str | os.PathLike[str], line: int
) -> None:
    if len(row) == expected:
        return
    remedy = (
        "add what is missing"
        if len(row) < expected
        else "take the tabs out of the text"
    )
    raise UserError(
        f"the row has {len(row)} column(s), the first line {expected}: {remedy}",
        path,
        line,
    )


def _label(cell: str, path: str | os.PathLike[str], line: int) -> str:
    label = cell.strip()
    if not label:
        raise UserError("the label is empty: fill it in or remove the row", path, line)
    return label
