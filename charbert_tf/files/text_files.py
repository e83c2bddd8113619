"""Text files as lines, read as a stream, with one clear error for what is not text."""

import bz2
import glob
import gzip
import os
import shlex
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from charbert_tf.files.errors import UserError

_MAXIMUM_LINE_BYTES = 1_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MARK_AND_END_BYTES = len(_BYTE_ORDER_MARK) + len(b"\r\n")


def expand_patterns(patterns: Sequence[str]) -> list[str]:
    """Finds the files that a user names, one by one or by globs.

    Args:
        patterns: names of files, or globs such as `corpus/*.txt.gz`; `**` stands for
            any number of folders. Folders that a glob matches are not files and do
            not count.

    Returns:
        The files, sorted, each once even when several patterns match it.

    Raises:
        UserError: if there is no pattern, one matches no file, or a file is empty or
            cannot be read.

    Example:
        >>> expand_patterns([__file__]) == [__file__]
        True
    """
    if not patterns:
        raise UserError("no text file is named: name a file, or a glob such as '*.txt'")
    matches = sorted(file for pattern in patterns for file in _files_of(pattern))
    files = list({os.path.realpath(file): file for file in matches}.values())
    for file in files:
        if next(read_lines(file), None) is None:
            raise UserError("the file is empty: remove it or put text into it", file)
    return sorted(files)


def read_lines(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    r"""Reads a UTF-8 text file line by line, with a bounded use of memory.

    Only "\n" and "\r\n" end a line: the other characters that Unicode counts as line
    ends may stand inside one. A byte-order mark at the start is taken away.

    Args:
        path: a text file, compressed if its name ends in `.gz` or `.bz2`.

    Yields:
        The number of the line, from 1, and the line without its end.

    Raises:
        UserError: if the file is missing, is a folder, cannot be read, is a damaged
            gzip or bzip2 file, is not UTF-8, has a NUL character, has a line of
            1,000,000 bytes or more, or lines that end in carriage returns alone.

    Example:
        >>> next(read_lines(__file__))[0]
        1
    """
    number = alone = 0
    for number, (_, raw) in enumerate(read_raw_lines(path), start=1):
        line = decode_line(raw, path, number)
        alone += line.count("\r")
        yield number, line
    check_line_ends(alone, number, path)


def read_raw_lines(
    path: str | os.PathLike[str],
    start: int = 0,
    longest: int = _MAXIMUM_LINE_BYTES,
) -> Iterator[tuple[int, bytes]]:
    """Reads the lines that begin at some byte of a file or later, as they are stored.

    Args:
        path: as for `read_lines`.
        start: byte of the unpacked file.
        longest: what a line of so many bytes or more is cut off after, so that an
            endless one never fills the memory; `decode_line` refuses it.

    Yields:
        The byte that the line begins at, and the line with its end.

    Raises:
        UserError: if the file is missing, is a folder, cannot be read, or is a damaged
            gzip or bzip2 file. Its line is counted from `start`.

    Example:
        >>> [offset for offset, _ in read_raw_lines(__file__, start=1)][0] > 1
        True
    """
    # Room for the mark and "\r\n", so that a longer line shows as one.
    most = longest + _MARK_AND_END_BYTES
    number = 0
    try:
        with _open(path) as stream:
            if start:
                _skip_to_line(stream, start, most)
            offset = stream.tell()
            while raw := stream.readline(most):
                number += 1
                yield offset, raw
                offset += len(raw)
    except OSError as error:
        # The errors of bz2 and gzip have no number.
        if error.errno is not None:
            raise _unreadable(path, error) from error
        raise _damaged(path, number + 1, error) from error
    except (EOFError, zlib.error) as error:
        raise _damaged(path, number + 1, error) from error


def decode_line(
    raw: bytes,
    path: str | os.PathLike[str],
    number: int,
    longest: int = _MAXIMUM_LINE_BYTES,
) -> str:
    r"""Gives the text of a line.

    Args:
        raw: the line as `read_raw_lines` gives it.
        path: its file, for the error.
        number: its number, from 1. The first may begin with a byte-order mark.
        longest: as for `read_raw_lines`.

    Returns:
        The text without the line's end.

    Raises:
        UserError: if the line is not UTF-8, has a NUL character or is too long.

    Example:
        >>> decode_line(b"caf\xc3\xa9\r\n", "menu.txt", 1)
        'caf\xe9'
    """
    if number == 1:
        raw = raw.removeprefix(_BYTE_ORDER_MARK)
    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    if len(raw) >= longest:
        check_line_ends(raw.count(b"\r"), 1, path)
        raise UserError(
            f"the line has {longest:,} bytes or more: break it into shorter lines, "
            "such as one paragraph a line",
            path,
            number,
        )
    if b"\0" in raw:
        raise UserError(
            "a NUL character: this is not a UTF-8 text file; convert UTF-16 with "
            "'iconv -f UTF-16 -t UTF-8'",
            path,
            number,
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"invalid UTF-8 at byte {error.start + 1} of the line: convert the file, "
            "for example with 'iconv -f ISO-8859-1 -t UTF-8'",
            path,
            number,
        ) from error


def check_line_ends(alone: int, lines: int, path: str | os.PathLike[str]) -> None:
    r"""Refuses a file of an old Macintosh, which is one line here.

    Args:
        alone: how many carriage returns stand inside of its lines.
        lines: how many lines were read.
        path: the file, for the error.

    Raises:
        UserError: if as many lines as were read, or more, end in "\r" alone.

    Example:
        >>> check_line_ends(0, 2, "menu.txt")
    """
    if alone and alone >= lines:
        raise UserError(
            "the lines end in carriage returns alone: make line feeds of them, as does "
            rf"tr '\r' '\n' < {shlex.quote(os.fspath(path))} > new.txt",
            path,
        )


def check_lines(paths: Sequence[str]) -> None:
    """Reads files to their ends, before hours are spent on them.

    Args:
        paths: text files, as `expand_patterns` gives them.

    Raises:
        UserError: as `read_lines`, or if there is no word in any of the files.

    Example:
        >>> check_lines([__file__])
    """
    if not sum(_has_text(line) for path in paths for _, line in read_lines(path)):
        raise UserError("no words in the text: name files with text", paths[0])


def _has_text(line: str) -> bool:
    return any(character.isprintable() for character in line if character != " ")


def _files_of(pattern: str) -> list[str]:
    # A file may have the characters of a glob in its own name.
    if os.path.exists(pattern):
        return [pattern]
    files = [m for m in glob.glob(pattern, recursive=True) if not os.path.isdir(m)]
    if not files:
        raise UserError("no such file: check the spelling and the folder", pattern)
    return files


def _open(path: str | os.PathLike[str]) -> IO[bytes]:
    name = os.fspath(path)
    if name.endswith(".gz"):
        return gzip.open(path, "rb")
    if name.endswith(".bz2"):
        return bz2.open(path, "rb")
    return open(path, "rb")


def _skip_to_line(stream: IO[bytes], start: int, most: int) -> None:
    """Moves on to the first line that begins at `start` or later."""
    stream.seek(start - 1)
    while (rest := stream.readline(most)) and not rest.endswith(b"\n"):
        pass


def _damaged(path: str | os.PathLike[str], number: int, error: Exception) -> UserError:
    return UserError(
        f"the compressed file is damaged ({error}): fetch it again, or rename it if "
        "it is not compressed",
        path,
        number,
    )


def _unreadable(path: str | os.PathLike[str], error: OSError) -> UserError:
    if isinstance(error, FileNotFoundError):
        return UserError("no such file: check the spelling and the folder", path)
    if isinstance(error, IsADirectoryError):
        return UserError("is a folder: name a file in it, or all with '/*'", path)
    reason = error.strerror or error
    return UserError(f"cannot be read ({reason}): check its permissions", path)
