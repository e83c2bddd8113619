"""The one exception for what a user gets wrong."""

import os


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
