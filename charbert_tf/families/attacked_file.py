"""AttackedFile: a labelled file with typos in it and all else as it was."""

import bz2
import contextlib
import dataclasses
import functools
import gzip
import json
import os
from collections.abc import Callable, Iterable, Sequence

from charbert_tf.attacks.edit import Edit
from charbert_tf.attacks.edited_text import EditedText
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.text_files import decode_line, read_raw_lines


@dataclasses.dataclass(frozen=True)
class AttackedFile:
    """What an attack makes of a file.

    Args:
        content: the bytes of the file.
        edits: each edit as a record: the example, from 0; what the file calls it; which
            word of which of its texts was changed; the kind, the old words and the new
            ones. In the order of the examples.
    """

    content: bytes
    edits: tuple[dict[str, str | int], ...]

    def write(
        self, path: str | os.PathLike[str], log: str | os.PathLike[str] | None = None
    ) -> None:
        """Writes files, each compressed if its name ends in `.gz` or `.bz2`.

        Args:
            path: the file to write.
            log: a file for the records of the edits, one a line as JSON.

        Raises:
            UserError: if a file cannot be written.

        Example:
            >>> import pathlib, tempfile
            >>> path = pathlib.Path(tempfile.mkdtemp(), "attacked.txt")
            >>> AttackedFile(b"In Rme", ()).write(path)
            >>> path.read_text()
            'In Rme'
        """
        with contextlib.ExitStack() as files:
            contents = [(path, self.content)]
            if log is not None:
                lines = [json.dumps(edit, ensure_ascii=False) for edit in self.edits]
                contents.append((log, "".join(f"{line}\n" for line in lines).encode()))
            for name, content in contents:
                file = files.enter_context(atomic_file(name, "wb"))
                file.write(_compress(os.fspath(name))(content))
                # A disk that is full is to fail here, before either is in its place.
                file.flush()


def word_records(edits: Iterable[Edit], **place: str | int) -> list[dict]:
    """Makes records of the edits of a sentence.

    Args:
        edits: the edits.
        **place: what tells the sentence.

    Returns:
        A record an edit.

    Example:
        >>> word_records([Edit(1, ("Rome",), ("Rme",), "drop")], example=7)
        [{'example': 7, 'word': 1, 'kind': 'drop', 'old': 'Rome', 'new': 'Rme'}]
    """
    return [
        place
        | {
            "word": edit.first,
            "kind": edit.kind,
            "old": " ".join(edit.old),
            "new": " ".join(edit.new),
        }
        for edit in edits
    ]


def text_records(edited: EditedText, **place: str | int) -> list[dict]:
    """Makes records of the edits of running text.

    Args:
        edited: the text.
        **place: what tells the text.

    Returns:
        A record an edit; its `start` is where the old word stands, in characters.

    Example:
        >>> drop = Edit(1, ("Rome",), ("Rme",), "drop")
        >>> text = EditedText("In Rome", (drop,), ((3, 7),))
        >>> text_records(text, example=7)[0]["start"]
        3
    """
    records = word_records(edited.edits, **place)
    return [
        place | {"start": start} | record
        for record, (start, _) in zip(records, edited.spans, strict=True)
    ]


def rewritten_lines(
    path: str | os.PathLike[str], rewrite: Callable[[int, str], Sequence[str] | None]
) -> bytes:
    r"""Puts other lines in the place of some of a file.

    Args:
        path: a text file; compressed if its name ends in `.gz` or `.bz2`.
        rewrite: told the number of a line, from 1, and its text, gives the lines in its
            place, or None to leave the line as it is.

    Returns:
        The file, not compressed. Byte-order mark and line ends are the file's own.

    Raises:
        UserError: if the file cannot be read.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
        >>> _ = path.write_bytes(b"old\r\nkept")
        >>> rewritten_lines(path, lambda n, line: ["new", "er"] if n == 1 else None)
        b'new\r\ner\r\nkept'
    """
    lines: list[tuple[bytes, bytes]] = []
    for number, (_, raw) in enumerate(read_raw_lines(path), start=1):
        body = raw.removesuffix(b"\n").removesuffix(b"\r")
        end = raw[len(body) :]
        old = decode_line(raw, path, number)
        rewritten = rewrite(number, old)
        if rewritten is None:
            lines.append((body, end))
        elif rewritten:
            mark = body[: len(body) - len(old.encode())]
            # Only the last line of a file may have no end.
            between = end or (lines[-1][1] if lines else b"\n")
            joined = between.join(line.encode() for line in rewritten)
            lines.append((mark + joined, end))
        else:
            # What the line had is in the one before, which ends as this one did.
            lines[-1] = (lines[-1][0], end)
    return b"".join(body + end for body, end in lines)


def _compress(name: str) -> Callable[[bytes], bytes]:
    if name.endswith(".gz"):
        # Without the time, so that the same seed gives the same file.
        return functools.partial(gzip.compress, mtime=0)
    return bz2.compress if name.endswith(".bz2") else bytes
