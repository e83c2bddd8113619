"""What a user gets wrong, and what a user should know: one line each."""

import functools
import os
import sys


class UserError(Exception):
    """A mistake of the user's, told in one line that names the remedy.

    Commands print the message and leave with exit status 1, without a stack trace.

    Args:
        message: what is wrong and what to do about it. Line breaks in it become
            spaces, so that the error stays one line.
        path: the file or folder it is about, if there is one.
        line: the line of that file, numbered from 1, if there is one.

    Example:
        >>> str(UserError("no tag: add a second column", path="train.txt", line=7))
        'train.txt:7: no tag: add a second column'
    """

    def __init__(
        self,
        message: str,
        path: str | os.PathLike[str] | None = None,
        line: int | None = None,
    ):
        self.message = message
        self.path = None if path is None else os.fspath(path)
        self.line = line
        place = [str(part) for part in (self.path, self.line) if part is not None]
        prefix = ":".join(place) + ": " if place else ""
        super().__init__(" ".join(f"{prefix}{message}".splitlines()))


@functools.cache
def warn_once(message: str, path: str | os.PathLike[str] | None = None) -> None:
    """Prints one line on standard error, the same line once in a process.

    Args:
        message: what is to be known.
        path: the file or folder it is about, if there is one.

    Example:
        ```python
        warn_once("says nothing of its case: taken for cased", "vocab.txt")
        ```
    """
    place = "" if path is None else f"{os.fspath(path)}: "
    print(f"warning: {place}{message}", file=sys.stderr, flush=True)
