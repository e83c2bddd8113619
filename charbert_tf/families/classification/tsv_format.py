"""TSV files: a text, or a pair of texts, and a label in each row."""

import dataclasses
import os
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from charbert_tf.attacks.edit import Edit
from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    label_text,
    read_single_label,
)
from charbert_tf.families.example import Edited, Label, TextName
from charbert_tf.families.family_format import (
    FamilyFormat,
    LabelledFile,
    Replacement,
    SourceLines,
)
from charbert_tf.families.other_formats import refuse_other_formats
from charbert_tf.files.errors import UserError


class _Row(NamedTuple):
    number: int  # Among the lines that are not blank, from 0.
    line: int
    start: int  # Of its characters in the file.
    cells: list[str]

    def start_of(self, column: int) -> int:
        """Where the characters of a cell begin in the file."""
        return self.start + sum(len(cell) + 1 for cell in self.cells[:column])


class _Columns(NamedTuple):
    text: int
    pair: int | None
    label: int | None


@dataclasses.dataclass(frozen=True)
class TsvFormat(FamilyFormat):
    r"""Files with a text, or a pair of texts, and a label in each row.

    Quotes are ordinary characters, as in GLUE's files. Blank lines are passed over.

    Args:
        text_column: the name of the text's column in the header, or its index from 0
            (as a number or as digits).
        label_column: the label's column, named likewise; None if no label is read.
        text_pair_column: the column of the second text, if the task is about pairs.
        header: whether the first line names the columns. Without a header, columns
            have indices only.
        skips_short_rows: whether a row with fewer columns than the first line is left
            out. How many there are is told on standard error.
        test_columns: the arguments of files without labels, but for `label_column`. By
            default they are the texts' columns of the others.
        further_columns: whether rows may have more columns than the first line, which
            are not read.
        read_label: makes a label of its cell, or raises a ValueError that says what is
            wrong with it.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "train.tsv")
        >>> _ = path.write_text('sentence\tlabel\nso "good"\t1\n')
        >>> TsvFormat("sentence", "label").read(path)
        [LabelledText(text='so "good"', text_pair=None, label='1', line=2, index=0)]
    """

    text_column: str | int
    label_column: str | int | None
    text_pair_column: str | int | None = None
    header: bool = True
    skips_short_rows: bool = False
    test_columns: Mapping[str, Any] | None = None
    further_columns: bool = False
    read_label: Callable[[str], Label] = read_single_label

    def parse(self, path: str | os.PathLike[str]) -> "TsvFile":
        """Reads a file; see the base class.

        Raises:
            UserError: if the file cannot be read or has no row, if it lacks a column or
                has two of its name, if a row has more columns than the first line, or
                fewer that are not skipped, or if a label is empty.
        """
        refuse_other_formats(path)
        lines = SourceLines(path)
        return self._file(lines, _rows(lines), path)

    def read_to_predict(self, path: str | os.PathLike[str]) -> list[LabelledText]:
        r"""Reads a file that may have no labels, as GLUE's test sets have none.

        Args:
            path: the file.

        Returns:
            What `read` does; in a file that lacks the labels' column, and has the
            texts', each label is `None`.

        Raises:
            UserError: if a line is malformed.

        Example:
            >>> import pathlib, tempfile
            >>> path = pathlib.Path(tempfile.mkdtemp(), "test.tsv")
            >>> _ = path.write_text("index\tsentence\n0\tgood\n")
            >>> TsvFormat("sentence", "label").read_to_predict(path)
            [LabelledText(text='good', text_pair=None, label=None, line=2, index=0)]
        """
        refuse_other_formats(path)
        lines = SourceLines(path)
        rows = _rows(lines)
        unlabelled = self._unlabelled()
        format = self
        if not self._fits(rows) and unlabelled._fits(rows):
            format = unlabelled
        return format._file(lines, rows, path).examples

    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns that of TSV; see the base class."""
        return {".tsv": self.write_predictions}

    def write_predictions(
        self,
        file: typing.TextIO,
        examples: Sequence[LabelledText],
        predictions: Sequence[Label],
    ) -> None:
        """Writes TSV of `index`, from 0, and `prediction`, as GLUE takes it.

        The index is that of the row in the file, for some may have been left out.

        Args:
            file: an open text file.
            examples: the texts.
            predictions: a label, several labels or a number for each.
        """
        file.write("index\tprediction\n")
        rows = zip(examples, predictions, strict=True)
        for place, (example, prediction) in enumerate(rows):
            index = place if example.index is None else example.index
            file.write(f"{index}\t{label_text(prediction)}\n")

    def _unlabelled(self) -> "TsvFormat":
        if self.test_columns is None:
            return dataclasses.replace(self, label_column=None)
        arguments = {"label_column": None, **self.test_columns}
        return TsvFormat(**arguments, skips_short_rows=self.skips_short_rows)

    def _fits(self, rows: Sequence[_Row]) -> bool:
        """Whether the first line has the columns of the texts and the label."""
        columns = (self.text_column, self.label_column, self.text_pair_column)
        first = rows[0].cells if rows else []
        return all(
            (self.header and column in first)
            or (str(column).isdecimal() and int(column) < len(first))
            for column in columns
            if column is not None
        )

    def _file(
        self, lines: SourceLines, rows: list[_Row], path: str | os.PathLike[str]
    ) -> "TsvFile":
        if self.skips_short_rows:
            rows = _without_short_rows(rows, path)
        if len(rows) <= self.header:
            raise UserError(
                "no row in the file: put a text and its label on a line", path
            )
        columns = self._columns(rows[0], path)
        labelled = rows[int(self.header) :]
        examples = []
        for row in labelled:
            expected = len(rows[0].cells)
            if not (self.further_columns and len(row.cells) > expected):
                _check_column_count(row, expected, path)
            examples.append(self._example(row, columns, path))
        return TsvFile(lines.text(), examples, labelled, columns)

    def _label(self, cell: str, path: str | os.PathLike[str], line: int) -> Label:
        try:
            return self.read_label(cell)
        except ValueError as error:
            raise UserError(str(error), path, line) from error

    def _columns(self, first: _Row, path: str | os.PathLike[str]) -> _Columns:
        text, label, pair = (
            None
            if column is None
            else _column_index(column, first.cells, self.header, path, first.line)
            for column in (self.text_column, self.label_column, self.text_pair_column)
        )
        return _Columns(text, pair, label)

    def _example(
        self, row: _Row, columns: _Columns, path: str | os.PathLike[str]
    ) -> LabelledText:
        cells = row.cells
        return LabelledText(
            text=cells[columns.text],
            text_pair=None if columns.pair is None else cells[columns.pair],
            label=None
            if columns.label is None
            else self._label(cells[columns.label], path, row.line),
            line=row.line,
            index=row.number - self.header,
        )


class TsvFile(LabelledFile):
    """A TSV file under attack: the other columns stay.

    Args:
        source: the characters of the file.
        examples: its examples.
        rows: the row of each.
        columns: where in it the texts are.
    """

    def __init__(
        self,
        source: str,
        examples: Sequence[LabelledText],
        rows: Sequence[_Row],
        columns: _Columns,
    ):
        super().__init__(source, examples)
        self._rows = rows
        self._column_of = {"text": columns.text, "text_pair": columns.pair}

    def place(self, index: int, text: TextName, edit: Edit) -> dict[str, str | int]:
        """Returns the line and the column of the text; see the base class."""
        return {"line": self._rows[index].line, "column": self._column_of[text]}

    def replacements(
        self, edited: Sequence[Mapping[TextName, Edited]]
    ) -> Iterator[Replacement]:
        """Gives the edited words of the texts; see the base class."""
        for row, texts in zip(self._rows, edited, strict=True):
            for name, text in texts.items():
                first = row.start_of(self._column_of[name])
                for start, end, new in text.replacements():
                    yield first + start, first + end, new


def _rows(lines: SourceLines) -> list[_Row]:
    filled = ((n, start, line) for n, start, line in lines if line.strip(" "))
    rows = [
        _Row(number, line_number, start, line.split("\t"))
        for number, (line_number, start, line) in enumerate(filled)
    ]
    for row in rows:
        # Some programs end lines with tabs, but not the header.
        while len(row.cells) > len(rows[0].cells) and not row.cells[-1]:
            row.cells.pop()
    return rows


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


def _check_column_count(row: _Row, expected: int, path: str | os.PathLike[str]) -> None:
    count = len(row.cells)
    if count == expected:
        return
    remedy = (
        "add what is missing" if count < expected else "take the tabs out of the text"
    )
    raise UserError(
        f"the row has {count} column(s), the first line {expected}: {remedy}",
        path,
        row.line,
    )
