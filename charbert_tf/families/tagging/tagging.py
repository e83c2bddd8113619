"""Tagging (named entities, parts of speech): CoNLL files and tag schemes.

A tag scheme says how tags mark a span of words. In IOB2 every span opens with a B- tag;
in IOB1, which the original CoNLL-2003 files use, a span opens with I- unless it follows
another one of its type directly. Everything here takes both and works in IOB2.
"""

import dataclasses
import os
import re
from collections.abc import Iterable, Iterator, Sequence

from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import read_lines

_IOB_TAG = re.compile(r"O|[BI](-.+)?")
# The comma itself is a part-of-speech tag, so only IOB tags have alternatives.
_ALTERNATIVE_TAGS = re.compile(r"(O|[BI]-[^,]+),.+")
# MultiCoNER's "# id ..." and CoNLL-U's "# name = ...". Other lines that begin with a
# number sign are words: hashtags, or the sign itself.
_COMMENT = re.compile(r"# (id |\w+ = )")
_DOCUMENT_START = "-DOCSTART-"


@dataclasses.dataclass(frozen=True)
class TaggedSentence:
    """A sentence with one tag a word.

    Args:
        words: the words.
        tags: as many tags, as they stand in the file.
        line: the line of the first word, from 1; the other words follow it line by
            line.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    line: int


def read_tagging_file(
    path: str | os.PathLike[str], word_column: int = 0, tag_column: int = -1
) -> list[TaggedSentence]:
    r"""Reads a file in the CoNLL format: a word a line, its tag in a column.

    Columns are separated by tabs or, in a line without one, by spaces. A blank line, a
    `-DOCSTART-` line or a comment (`# id ...`, `# name = ...`) stands between
    sentences. Of alternative IOB tags, as in `B-person,B-group`, the first one counts.

    Args:
        path: the file; compressed if its name ends in `.gz` or `.bz2`.
        word_column: the column of the word, from 0, or from -1 backwards.
        tag_column: the column of the tag, counted likewise.

    Returns:
        The sentences of the file.

    Raises:
        UserError: if the file cannot be read or has no sentence, if a line lacks a
            column or has other columns than the first one.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "train.txt")
        >>> _ = path.write_text("Peter NNP I-PER\nsleeps VBZ O\n")
        >>> read_tagging_file(path)
        [TaggedSentence(words=('Peter', 'sleeps'), tags=('I-PER', 'O'), line=1)]
    """
    sentences = []
    column_count = None
    for line, rows in _blocks_of_rows(path):
        words, tags = [], []
        for number, row in enumerate(rows, start=line):
            column_count = column_count or len(row)
            if len(row) != column_count:
                raise UserError(
                    f"the line has {len(row)} column(s), the first word "
                    f"{column_count}: give every word the same columns",
                    path,
                    number,
                )
            word, tag = _word_and_tag(row, word_column, tag_column, path, number)
            words.append(word)
            tags.append(tag)
        sentences.append(TaggedSentence(tuple(words), tuple(tags), line))
    if not sentences:
        raise UserError(
            "no sentence in the file: put one word and its tag on each line", path
        )
    return sentences


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
    # Not str.split(): a word of user text may hold a no-break or ideographic space.
    cells = re.finditer(r"(?<![^\t])[^\t]*" if "\t" in line else r"[^ ]+", line)
    return [_without_spaces(line, *cell.span()) for cell in cells]


def is_span_tagging(tags: Iterable[str]) -> bool:
    """Tells whether tags mark spans (IOB1 or IOB2), not single words.

    Args:
        tags: the tags of a data set.

    Returns:
        True if every tag is `O`, `B-...` or `I-...` (or a bare `B` or `I`).

    Example:
        >>> is_span_tagging(["O", "B-PER"]), is_span_tagging(["NN", "VBZ"])
        (True, False)
    """
    return all(_IOB_TAG.fullmatch(tag) for tag in tags)


def to_iob2(tags: Sequence[str]) -> list[str]:
    """Turns the IOB1 or IOB2 tags of a sentence into IOB2, with the same spans.

    Args:
        tags: the tags of one sentence.

    Returns:
        As many tags. Tags of another kind, such as parts of speech, are unchanged.

    Example:
        >>> to_iob2(["I-PER", "I-PER", "I-ORG", "O", "I-ORG", "B-ORG"])
        ['B-PER', 'I-PER', 'B-ORG', 'O', 'B-ORG', 'B-ORG']
    """
    if not is_span_tagging(tags):
        return list(tags)
    converted = []
    for previous, tag in zip(["O", *tags], tags, strict=False):
        goes_on = previous != "O" and previous[1:] == tag[1:]
        opens = tag.startswith("I") and not goes_on
        converted.append("B" + tag[1:] if opens else tag)
    return converted


def tag_names(
    sentences: Iterable[TaggedSentence], path: str | os.PathLike[str]
) -> list[str]:
    """Gives the labels of a training file: what a model learns to predict.

    Args:
        sentences: the sentences of the file.
        path: the file, for the error.

    Returns:
        The tags, in IOB2 if they mark spans, sorted, with `O` first.

    Raises:
        UserError: if some tags are IOB and others are not.

    Example:
        >>> tag_names([TaggedSentence(("Rome", "wins"), ("I-LOC", "O"), 1)], "a.txt")
        ['O', 'B-LOC']
    """
    sentences = list(sentences)
    check_one_scheme(sentences, path)
    tags = {tag for sentence in sentences for tag in to_iob2(sentence.tags)}
    return sorted(tags, key=lambda tag: (tag != "O", tag))


def check_one_scheme(
    sentences: Sequence[TaggedSentence], path: str | os.PathLike[str]
) -> None:
    """Refuses a file of spans whose tags are not all IOB, such as BIOES.

    Args:
        sentences: the sentences of the file.
        path: the file, for the error.

    Raises:
        UserError: if some tags are IOB and others are not.

    Example:
        >>> check_one_scheme([TaggedSentence(("Rome",), ("B-LOC",), 1)], "a.txt")
    """
    tags = {tag for sentence in sentences for tag in sentence.tags}
    if not any(tag.startswith(("B-", "I-")) for tag in tags):
        return
    for sentence in sentences:
        for number, tag in enumerate(sentence.tags, start=sentence.line):
            if not is_span_tagging([tag]):
                raise UserError(
                    f"the tag {tag!r} stands among IOB tags: correct it, or convert "
                    "the file to IOB1 or IOB2",
                    path,
                    number,
                )


def check_tags(
    sentences: Iterable[TaggedSentence],
    labels: Sequence[str],
    path: str | os.PathLike[str],
    are_the_data_sets: bool = False,
) -> None:
    """Checks that a file has tags that are known, and no others.

    Args:
        sentences: the sentences of the file, IOB1 or IOB2.
        labels: the labels of the model, from `tag_names`, or of the data set.
        path: the file, for the error.
        are_the_data_sets: whether these are all tags of the data set, not those that a
            model has happened to learn.

    Raises:
        UserError: if a tag of the file is not among the labels.

    Example:
        >>> check_tags([TaggedSentence(("Rome",), ("I-LOC",), 1)], ["O", "B-LOC"], "a")
    """
    known = frozenset(labels)
    for sentence in sentences:
        for number, tag in enumerate(to_iob2(sentence.tags), start=sentence.line):
            if tag in known:
                continue
            owner, remedy = (
                (
                    "this data set",
                    "take the task 'tagging', which has any tags, from any column",
                )
                if are_the_data_sets
                else ("the training data", "train with it")
            )
            raise UserError(
                f"the tag {tag!r} is not in {owner}, which has "
                f"{', '.join(labels)}: correct it, or {remedy}",
                path,
                number,
            )


def _blocks_of_rows(
    path: str | os.PathLike[str],
) -> Iterator[tuple[int, list[list[str]]]]:
    """Gives each run of word lines, split into columns, and its first line's number."""
    first, rows = 0, []
    for number, line in read_lines(path):
        if _is_between_sentences(line):
            if rows:
                yield first, rows
            rows = []
            continue
        if not rows:
            first = number
        rows.append(_columns(line))
    if rows:
        yield first, rows


def _is_between_sentences(line: str) -> bool:
    return (
        not line.strip()
        or line.startswith(_DOCUMENT_START)
        or _COMMENT.match(line) is not None
    )


def _columns(line: str) -> list[str]:
    return [line[start:end] for start, end in column_spans(line)]


def _without_spaces(line: str, start: int, end: int) -> tuple[int, int]:
    cell = line[start:end]
    first = start + len(cell) - len(cell.lstrip(" "))
    return first, first + len(cell.strip(" "))


def _word_and_tag(
    row: Sequence[str],
    word_column: int,
    tag_column: int,
    path: str | os.PathLike[str],
    number: int,
) -> tuple[str, str]:
    count = len(row)
    in_row = all(-count <= column < count for column in (word_column, tag_column))
    if not in_row or word_column % count == tag_column % count:
        raise UserError(
            f"the line has {count} column(s), the word is read from column "
            f"{word_column} and the tag from column {tag_column}: add what is missing, "
            "or name the right columns (counted from 0)",
            path,
            number,
        )
    word, tag = row[word_column], row[tag_column]
    if not word or not tag:
        raise UserError(
            f"the {'tag' if word else 'word'} is empty: fill it in", path, number
        )
    alternatives = _ALTERNATIVE_TAGS.fullmatch(tag)
    return word, alternatives[1] if alternatives else tag
