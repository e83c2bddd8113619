"""Text classification, single texts and pairs: TSV files and labels."""

import dataclasses
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import read_lines

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

GLUE_TEST_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "cola": {"text_column": "sentence"}
}
"""Those of the test sets, where they are not the same but for the label."""


@dataclasses.dataclass(frozen=True)
class LabelledText:
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


def read_classification_file(
    path: str | os.PathLike[str],
    text_column: str | int,
    label_column: str | int | None,
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
        label_column: the label's column, named likewise; None if no label is read.
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
        [LabelledText(text='so "good"', text_pair=None, label='1', line=2, index=0)]
    """
    columns = (text_column, label_column, text_pair_column)
    return _examples(_rows(path), path, *columns, header, skips_short_rows)


def read_file_to_predict(
    path: str | os.PathLike[str],
    columns: Mapping[str, Any],
    test_columns: Mapping[str, Any],
) -> list[LabelledText]:
    r"""Reads a TSV file that may have no labels, as GLUE's test sets have none.

    Args:
        path: the file.
        columns: the arguments of `read_classification_file` for a file with labels.
        test_columns: those for a file without, but for `label_column`. They are taken
            if the file has these columns, and not all of the others.

    Returns:
        The rows of the file, with their labels or all with None.

    Raises:
        UserError: as `read_classification_file`.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "test.tsv")
        >>> _ = path.write_text("index\tsentence\n0\tgood\n")
        >>> test_columns = {"text_column": "sentence"}
        >>> read_file_to_predict(path, GLUE_COLUMNS["sst2"], test_columns)
        [LabelledText(text='good', text_pair=None, label=None, line=2, index=0)]
    """
    rows = _rows(path)
    if not _has_columns(rows, columns) and _has_columns(rows, test_columns):
        columns = {"label_column": None, **test_columns}
    return _examples(rows, path, **columns)


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


class _Row(NamedTuple):
    number: int  # Among the lines that are not blank, from 0.
    line: int
    cells: list[str]


def _rows(path: str | os.PathLike[str]) -> list[_Row]:
    lines = ((n, line) for n, line in read_lines(path) if line.strip(" "))
    return [_Row(i, n, line.split("\t")) for i, (n, line) in enumerate(lines)]


def _examples(
    rows: list[_Row],
    path: str | os.PathLike[str],
    text_column: str | int,
    label_column: str | int | None,
    text_pair_column: str | int | None = None,
    header: bool = True,
    skips_short_rows: bool = False,
) -> list[LabelledText]:
    if skips_short_rows:
        rows = _without_short_rows(rows, path)
    if len(rows) <= header:
        raise UserError("no row in the file: put a text and its label on a line", path)
    _, first_line, first_row = rows[0]
    text, label, pair = (
        None
        if column is None
        else _column_index(column, first_row, header, path, first_line)
        for column in (text_column, label_column, text_pair_column)
    )
    examples = []
    for number, line, row in rows[int(header) :]:
        _check_column_count(row, len(first_row), path, line)
        examples.append(
            LabelledText(
                text=row[text],
                text_pair=None if pair is None else row[pair],
                label=None if label is None else _label(row[label], path, line),
                line=line,
                index=number - header,
            )
        )
    return examples


def _has_columns(rows: Sequence[_Row], columns: Mapping[str, Any]) -> bool:
    """Whether the first line has the columns of the texts and the label."""
    names = ("text_column", "label_column", "text_pair_column")
    asked = [columns[name] for name in names if columns.get(name) is not None]
    first = rows[0].cells if rows else []
    return all(
        (columns.get("header", True) and column in first)
        or (str(column).isdecimal() and int(column) < len(first))
        for column in asked
    )


def _without_short_rows(rows: list[_Row], path: str | os.PathLike[str]) -> list[_Row]:
    kept = [row for row in rows if len(row.cells) >= len(rows[0].cells)]
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
