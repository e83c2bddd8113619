"""warn_once: what a user should know, although nothing is wrong with it."""

import functools
import os
import sys


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
