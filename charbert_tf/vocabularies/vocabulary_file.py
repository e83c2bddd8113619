"""A vocabulary's file: one entry a line, an entry's id is its line, counted from 0."""

import os
from collections.abc import Collection, Sequence

from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import read_lines

UNKNOWN = "<unk>"


def read_vocabulary(
    path: str | os.PathLike[str],
    required: Collection[str] = (),
    first: str | None = None,
    last: str | None = None,
    empty_lines: bool = False,
    doubled: bool = False,
) -> list[str]:
    """Reads a vocabulary of any kind, and checks it.

    Args:
        path: text file, one entry a line. White space belongs to the entry: the first
            line of a character vocabulary is a single space.
        required: entries that it must have, at any place.
        first: the entry that it must begin with, if any.
        last: the entry that it must end with, if any.
        empty_lines: whether an empty line keeps its id, as an entry that no text has.
        doubled: whether of entries that are the same the last one counts, and the
            others keep their ids.

    Returns:
        The entries; the index of an entry is its id.

    Raises:
        UserError: if the file cannot be read, is empty, has an empty line or the same
            entry twice, or lacks one of `required`, `first` and `last`.

    Example:
        ```python
        read_vocabulary("vocab.txt", required=["[UNK]", "[MASK]"])
        ```
    """
    line_of = {}
    entries = []
    for number, entry in read_lines(path):
        entries.append(entry)
        if not entry and empty_lines:
            continue
        if not entry:
            raise UserError(
                "an empty line: write an entry that no text has, such as <unused>, for "
                "to remove the line would move the ids behind it",
                path,
                number,
            )
        if entry in line_of and not doubled:
            raise UserError(
                f"{entry!r} is already on line {line_of[entry]}: write an entry that "
                "no text has, such as <unused>, in place of one of them, for to remove "
                "a line would move the ids behind it",
                path,
                number,
            )
        line_of[entry] = number
    _check_contents(entries, path, required, first, last)
    return entries


def write_vocabulary(path: str | os.PathLike[str], entries: Sequence[str]) -> None:
    """Writes a vocabulary, one entry a line.

    Args:
        path: the file to write.
        entries: the entries in the order of their ids.

    Example:
        ```python
        write_vocabulary("char_vocab.txt", [" ", "e", "t", "<unk>"])
        ```
    """
    # Python would otherwise write the line ends of the system it runs on.
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{entry}\n" for entry in entries)


def _check_contents(
    entries: list[str],
    path: str | os.PathLike[str],
    required: Collection[str],
    first: str | None,
    last: str | None,
) -> None:
    if not entries:
        raise UserError("the vocabulary is empty: build one from text", path)
    missing = [entry for entry in required if entry not in entries]
    if missing:
        raise UserError(
            f"the vocabulary lacks {', '.join(missing)}: use one made for this model, "
            "or build one from text",
            path,
        )
    for place, expected, entry, line in (
        ("begin", first, entries[0], 1),
        ("end", last, entries[-1], len(entries)),
    ):
        if expected is not None and entry != expected:
            raise UserError(
                f"the vocabulary must {place} with {expected!r}, not {entry!r}: is it "
                "of another kind?",
                path,
                line,
            )
