"""FamilyFormat: the files of a family, read once, written, and put under attack."""

import abc
import bz2
import contextlib
import dataclasses
import functools
import gzip
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from charbert_tf.attacks.edit import Edit
from charbert_tf.families.example import Edited, Example, TextName
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.text_files import check_line_ends, decode_line, read_raw_lines

_BYTE_ORDER_MARK = "\ufeff"

Replacement = tuple[int, int, str]
"""The start and end of some characters of a file, and what stands in their place."""


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


class LabelledFile(abc.ABC):
    """A file that was read once: its examples, and where in it their texts stand.

    Args:
        source: the characters of the file, a byte-order mark among them.
        examples: its examples.
    """

    recorded_texts: Sequence[TextName] | None = None
    """The texts of an example in the order of their records; by default their own."""

    def __init__(self, source: str, examples: Sequence[Example]):
        self.source = source
        self.examples = list(examples)

    @abc.abstractmethod
    def replacements(
        self, edited: Sequence[Mapping[TextName, Edited]]
    ) -> Iterable[Replacement]:
        """Finds out what to replace in the file.

        Args:
            edited: the edited texts of each example, by their names.

        Returns:
            The replacements, in any order; no character is in two of them.
        """

    @abc.abstractmethod
    def place(self, index: int, text: TextName, edit: Edit) -> dict[str, str | int]:
        """Tells what the file calls the place of an edit.

        Args:
            index: which example, from 0.
            text: which of its texts.
            edit: the edit.

        Returns:
            What its record has of it.
        """

    def attacked(self, edited: Sequence[Mapping[TextName, Edited]]) -> AttackedFile:
        """Puts edited texts into the file, and leaves all else in it as it is.

        Args:
            edited: the edited texts of each example, by their names. One that several
                examples share is one object.

        Returns:
            A file that is read as the examples with these texts.
        """
        parts, done = [], 0
        for start, end, new in sorted(self.replacements(edited)):
            parts += [self.source[done:start], new]
            done = end
        content = "".join([*parts, self.source[done:]]).encode()
        return AttackedFile(content, tuple(self._records(edited)))

    def _records(
        self, edited: Sequence[Mapping[TextName, Edited]]
    ) -> Iterator[dict[str, str | int]]:
        recorded = set()
        for index, texts in enumerate(edited):
            names = texts if self.recorded_texts is None else self.recorded_texts
            for name in [name for name in names if name in texts]:
                text = texts[name]
                if id(text) in recorded:
                    continue
                recorded.add(id(text))
                for edit, record in zip(text.edits, text.records(), strict=True):
                    place = self.place(index, name, edit)
                    yield {"example": index, **place, **record}


class SourceLines:
    r"""The lines of a text file, and the characters that they stand in.

    Args:
        path: the file; compressed if its name ends in `.gz` or `.bz2`.
        **limits: `longest`, as `read_raw_lines` takes it.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
        >>> _ = path.write_bytes(b"one\r\ntwo")
        >>> lines = SourceLines(path)
        >>> list(lines), lines.text()
        ([(1, 0, 'one'), (2, 5, 'two')], 'one\r\ntwo')
    """

    def __init__(self, path: str | os.PathLike[str], **limits: int):
        self._path = path
        self._limits = limits
        self._parts: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        """Yields each line's number, from 1, where it begins, and its characters.

        Raises:
            UserError: if the file cannot be read.
        """
        start = number = alone = 0
        raw_lines = read_raw_lines(self._path, **self._limits)
        for number, (_, raw) in enumerate(raw_lines, start=1):
            line = decode_line(raw, self._path, number, **self._limits)
            part = raw.decode("utf-8")
            self._parts.append(part)
            alone += line.count("\r")
            yield number, start + _mark_length(part, number), line
            start += len(part)
        check_line_ends(alone, number, self._path)

    def text(self) -> str:
        """Returns the characters of the lines that were read."""
        return "".join(self._parts)


def _mark_length(part: str, number: int) -> int:
    is_marked = number == 1 and part.startswith(_BYTE_ORDER_MARK)
    return len(_BYTE_ORDER_MARK) if is_marked else 0


def _compress(name: str) -> Callable[[bytes], bytes]:
    if name.endswith(".gz"):
        # Without the time, so that the same seed gives the same file.
        return functools.partial(gzip.compress, mtime=0)
    return bz2.compress if name.endswith(".bz2") else bytes


class FamilyFormat(abc.ABC):
    """How a family's labelled files are read, and its predictions are written.

    Example:

    ```python
    format = ConllFormat(word_column=0, tag_column=-1)
    file = format.parse("test.txt")
    edited = edited_examples(file.examples, get_attack("mix"), seed=0)
    file.attacked(edited).write("attacked.txt")
    ```
    """

    @abc.abstractmethod
    def parse(self, path: str | os.PathLike[str]) -> LabelledFile:
        """Reads a labelled file, once.

        Args:
            path: the file; compressed if its name ends in `.gz` or `.bz2`.

        Returns:
            Its examples, and where their texts stand in it.

        Raises:
            UserError: if the file cannot be read, or a line is malformed.
        """

    @abc.abstractmethod
    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns what writes the files of predictions, by the ends of their names.

        Each takes an open text file, examples and a prediction for each. The first
        writes what the data set's own scorer reads.
        """

    def read(self, path: str | os.PathLike[str]) -> list[Example]:
        """Reads the examples of a labelled file.

        Args:
            path: as for `parse`.

        Returns:
            The examples.

        Raises:
            UserError: as for `parse`.
        """
        return self.parse(path).examples

    def read_to_predict(self, path: str | os.PathLike[str]) -> list[Example]:
        """Reads a file that may have no labels, if the family can.

        Args:
            path: as for `parse`.

        Returns:
            The examples.

        Raises:
            UserError: as for `parse`.
        """
        return self.read(path)
