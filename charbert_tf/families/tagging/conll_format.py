"""The CoNLL format: a word a line, its tag in a column."""

import collections
import dataclasses
import os
import re
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from charbert_tf.attacks.edit import Edit
from charbert_tf.families.example import Edited, TextName
from charbert_tf.families.family_format import (
    FamilyFormat,
    LabelledFile,
    Replacement,
    SourceLines,
)
from charbert_tf.families.other_formats import refuse_other_formats
from charbert_tf.families.tagging.tag_scheme import (
    continued_tag,
    is_span_tagging,
    to_iob2,
)
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.files.errors import UserError

# The comma itself is a part-of-speech tag, so only IOB tags have alternatives.
_ALTERNATIVE_TAGS = re.compile(r"(O|[BI]-[^,]+),.+")
# MultiCoNER's "# id ..." and CoNLL-U's "# name = ...", "# newdoc" and "# newpar". Other
# lines that begin with a number sign are words: hashtags, or the sign itself.
_COMMENT = re.compile(r"# ?(id |[\w:.-]+ = |(newdoc|newpar)( id = .*)?$)")
_DOCUMENT_START = "-DOCSTART-"
# How CoNLL-U numbers words, and what is none: a multiword token, which stands above its
# words, and an empty node.
_ID = re.compile(r"\d+([-.]\d+)?")
_NO_WORD = re.compile(r"\d+[-.]\d+")
_CONLL_U_COLUMNS = 10
_LINE_ENDS = ("\r\n", "\n")


class _Row(typing.NamedTuple):
    """A line of the file that has a word, and where it stands."""

    number: int
    start: int
    line: str
    columns: list[tuple[int, int]]

    def cell(self, column: int) -> str:
        """Returns what stands in a column."""
        return self.line[slice(*self.columns[column])]


@dataclasses.dataclass(frozen=True)
class ConllFormat(FamilyFormat):
    r"""Files in the CoNLL format.

    Columns are separated by tabs or, in a line without one, by spaces. A blank line, a
    `-DOCSTART-` line or a comment (`# id ...`, `# name = ...`, and in a file with tabs
    every line that begins with a number sign and has none) stands between sentences. Of
    alternative IOB tags, as in `B-person,B-group`, the first one counts. CoNLL-U's
    multiword tokens and empty nodes are left out, which standard error is told.

    Args:
        word_column: the column of the word, from 0, or from -1 backwards.
        tag_column: the column of the tag, counted likewise.
        joins_words: whether a line with more columns than most is one whose word has
            blanks in it: all but as many columns as follow the word in the others are
            the word, as it is. How many there are is told on standard error.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "train.txt")
        >>> _ = path.write_text("Peter NNP I-PER\nsleeps VBZ O\n")
        >>> ConllFormat().read(path)
        [TaggedSentence(words=('Peter', 'sleeps'), tags=('I-PER', 'O'), line=1)]
    """

    word_column: int = 0
    tag_column: int = -1
    joins_words: bool = False

    def parse(self, path: str | os.PathLike[str]) -> "ConllFile":
        """Reads a file; see the base class.

        Raises:
            UserError: if the file cannot be read or has no sentence, if a line lacks a
                column or has other columns than the first one.
        """
        refuse_other_formats(path, of_words=True)
        lines = SourceLines(path)
        blocks = self._blocks_of_words(_blocks_of_rows(list(lines)), path)
        if not blocks:
            raise UserError(
                "no sentence in the file: put one word and its tag on each line", path
            )
        column_count = len(blocks[0][0].columns)
        if self.joins_words:
            column_count = _usual_column_count(blocks)
            blocks = self._with_joined_words(blocks, column_count, path)
        sentences = []
        for rows in blocks:
            for row in rows:
                _check_column_count(row, column_count, self.joins_words, path)
            pairs = [self._word_and_tag(row, path) for row in rows]
            words, tags = zip(*pairs, strict=True)
            sentences.append(TaggedSentence(words, tags, rows[0].number))
        return ConllFile(lines.text(), sentences, blocks, self)

    def _blocks_of_words(
        self, blocks: list[list[_Row]], path: str | os.PathLike[str]
    ) -> list[list[_Row]]:
        """The lines that are words, where a column numbers them as CoNLL-U does."""
        rows = [row for block in blocks for row in block]
        if not all(len(row.columns) > 2 and _ID.fullmatch(row.cell(0)) for row in rows):
            return blocks
        if any(self.word_column in (0, -len(row.columns)) for row in rows):
            if any(len(row.columns) != _CONLL_U_COLUMNS for row in rows):
                return blocks
            raise UserError(
                "is CoNLL-U, whose first column numbers the words: name those of the "
                "word and of the tag, such as --word_column=1 --tag_column=3",
                path,
            )
        words = [
            [row for row in block if not _NO_WORD.fullmatch(row.cell(0))]
            for block in blocks
        ]
        if left_out := len(rows) - sum(map(len, words)):
            print(
                f"{path}: left out {left_out} line(s) that are no word, such as 1-2",
                file=sys.stderr,
            )
        return list(filter(None, words))

    def _with_joined_words(
        self, blocks: list[list[_Row]], count: int, path: str | os.PathLike[str]
    ) -> list[list[_Row]]:
        joined = sum(len(row.columns) > count for rows in blocks for row in rows)
        if joined:
            print(f"{path}: {joined} word(s) have blanks inside", file=sys.stderr)
        return [[self._joined(row, count) for row in rows] for rows in blocks]

    def _joined(self, row: _Row, count: int) -> _Row:
        """The row with so many columns, the word's as wide as need be."""
        surplus = len(row.columns) - count
        if surplus <= 0:
            return row
        word = self.word_column % count
        start, end = row.columns[word][0], row.columns[word + surplus][1]
        columns = [
            *row.columns[:word],
            (start, end),
            *row.columns[word + surplus + 1 :],
        ]
        return row._replace(columns=columns)

    def write_predictions(
        self,
        file: typing.TextIO,
        examples: Sequence[TaggedSentence],
        predictions: Sequence[Sequence[str]],
    ) -> None:
        """Writes lines of word, true and predicted tag, as conlleval reads them.

        Both tags are in IOB2 if they mark spans. A space inside a word is written as a
        no-break space, for spaces part the columns.

        Args:
            file: an open text file.
            examples: the sentences.
            predictions: the tags of each.
        """
        for example, tags in zip(examples, predictions, strict=True):
            for columns in zip(example.words, to_iob2(example.tags), tags, strict=True):
                columns = (column.replace(" ", "\u00a0") for column in columns)
                file.write(" ".join(columns) + "\n")
            file.write("\n")

    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns that of a CoNLL-style file; see the base class."""
        return {".txt": self.write_predictions}

    def _word_and_tag(self, row: _Row, path: str | os.PathLike[str]) -> tuple[str, str]:
        count = len(row.columns)
        columns = (self.word_column, self.tag_column)
        in_row = all(-count <= column < count for column in columns)
        if not in_row or self.word_column % count == self.tag_column % count:
            raise UserError(
                f"the line has {count} column(s), the word is read from column "
                f"{self.word_column} and the tag from column {self.tag_column}: add "
                "what is missing, or name the right columns (counted from 0)",
                path,
                row.number,
            )
        word, tag = map(row.cell, columns)
        if not word or not tag:
            raise UserError(
                f"the {'tag' if word else 'word'} is empty: fill it in",
                path,
                row.number,
            )
        alternatives = _ALTERNATIVE_TAGS.fullmatch(tag)
        return word, alternatives[1] if alternatives else tag


class ConllFile(LabelledFile):
    """A file in the CoNLL format under attack: the other columns stay.

    A word that is split becomes two lines that differ in the word and, where a span
    opens, in the tag; of two words that are joined the line of the second goes.

    Args:
        source: the characters of the file.
        examples: its sentences.
        rows: the lines of each sentence.
        format: the columns.
    """

    def __init__(
        self,
        source: str,
        examples: Sequence[TaggedSentence],
        rows: Sequence[Sequence[_Row]],
        format: ConllFormat,
    ):
        super().__init__(source, examples)
        self._rows = rows
        self._format = format

    def place(self, index: int, text: TextName, edit: Edit) -> dict[str, str | int]:
        """Returns the line of the word; see the base class."""
        return {"line": self._rows[index][edit.first].number}

    def replacements(
        self, edited: Sequence[Mapping[TextName, Edited]]
    ) -> Iterator[Replacement]:
        """Gives words, and lines of words; see the base class."""
        for sentence, rows, texts in zip(
            self.examples, self._rows, edited, strict=True
        ):
            for edit in [edit for text in texts.values() for edit in text.edits]:
                first = rows[edit.first]
                new = self._lines(first, edit.new, is_span_tagging(sentence.tags))
                # What the last line had is in the first, which ends as the last did.
                last = rows[edit.indices[-1]]
                yield first.start, last.start + len(last.line), new

    def _lines(self, row: _Row, words: Sequence[str], is_span: bool) -> str:
        tag = row.cell(self._format.tag_column)
        tags = [tag, *[continued_tag(tag) if is_span else tag] * (len(words) - 1)]
        columns = (self._format.word_column, self._format.tag_column)
        lines = [
            _with_columns(row, dict(zip(columns, cells, strict=True)))
            for cells in zip(words, tags, strict=True)
        ]
        return self._line_end(row).join(lines)

    def _line_end(self, row: _Row) -> str:
        """How the line ends; the last of a file, which may not, as the one before."""
        end = row.start + len(row.line)
        for line_end in _LINE_ENDS:
            if self.source.startswith(line_end, end):
                return line_end
        for line_end in _LINE_ENDS:
            if self.source.endswith(line_end, 0, row.start):
                return line_end
        return "\n"


def column_spans(line: str) -> list[tuple[int, int]]:
    r"""Finds the columns of a line of the CoNLL format.

    Args:
        line: the line.

    Returns:
        Where each column begins and ends, without the spaces around it.

    Example:
        >>> column_spans("Rome  NNP"), column_spans("New York\tNNP")
        ([(0, 4), (6, 9)], [(0, 8), (9, 12)])
    """
    # Some programs end each line with a tab.
    line = line.rstrip("\t")
    # Not str.split(): a word of user text may hold a no-break or ideographic space.
    cells = re.finditer(r"(?<![^\t])[^\t]*" if "\t" in line else r"[^ ]+", line)
    return [_without_spaces(line, *cell.span()) for cell in cells]


def _blocks_of_rows(lines: Sequence[tuple[int, int, str]]) -> list[list[_Row]]:
    """Gives each run of word lines, split into columns."""
    words = [line for _, _, line in lines if not _is_between_sentences(line, True)]
    has_tabs = bool(words) and all("\t" in line for line in words)
    blocks: list[list[_Row]] = [[]]
    for number, start, line in lines:
        if not _is_between_sentences(line, has_tabs):
            blocks[-1].append(_Row(number, start, line, column_spans(line)))
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def _is_between_sentences(line: str, has_tabs: bool) -> bool:
    return (
        not line.strip()
        or line.startswith(_DOCUMENT_START)
        or (has_tabs and line.startswith("#") and "\t" not in line)
        or _COMMENT.match(line) is not None
    )


def _usual_column_count(blocks: Iterable[Sequence[_Row]]) -> int:
    """That of most lines; of two the smaller one."""
    counts = collections.Counter(len(row.columns) for rows in blocks for row in rows)
    return min(counts, key=lambda count: (-counts[count], count))


def _check_column_count(
    row: _Row, count: int, is_usual: bool, path: str | os.PathLike[str]
) -> None:
    if len(row.columns) != count:
        others = "most words have" if is_usual else "the first word"
        raise UserError(
            f"the line has {len(row.columns)} column(s), {others} {count}: give every "
            "word the same columns",
            path,
            row.number,
        )


def _without_spaces(line: str, start: int, end: int) -> tuple[int, int]:
    cell = line[start:end]
    first = start + len(cell) - len(cell.lstrip(" "))
    return first, first + len(cell.strip(" "))


def _with_columns(row: _Row, cells: Mapping[int, str]) -> str:
    line, done = [], 0
    for (start, end), text in sorted(
        (row.columns[column], text) for column, text in cells.items()
    ):
        line += [row.line[done:start], text]
        done = end
    return "".join([*line, row.line[done:]])
