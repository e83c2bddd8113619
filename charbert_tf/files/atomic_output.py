"""Output that appears whole or not at all: written beside its place, then renamed."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO

from charbert_tf.files.errors import UserError

# TensorFlow and HDF5 wrap the system's error in exceptions of their own, so a full
# disk is known by the system's words for it rather than by the exception's class.
_STORAGE_FAILURES = tuple(
    os.strerror(code)
    for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
)
_CHUNK = 1 << 20


@contextlib.contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[str]:
    """Gives a temporary folder that becomes `path` when the block succeeds.

    When the block raises, the temporary folder is removed and nothing appears at
    `path`. A process that is killed leaves at most a hidden folder ending in
    `.partial` beside `path`.

    Args:
        path: the folder to make. It must not exist yet, or be empty. Its parent
            folders are made.

    Yields:
        The path of a fresh, empty folder to write into.

    Raises:
        UserError: if `path` is a file or a folder that holds something, or if it
            cannot be written, as on a full disk.

    Example:
        >>> folder = os.path.join(tempfile.mkdtemp(), "preset")
        >>> with atomic_folder(folder) as unfinished:
        ...     with open(os.path.join(unfinished, "config.json"), "w") as file:
        ...         _ = file.write("{}")
        >>> os.listdir(folder)
        ['config.json']
    """
    refuse_to_replace_folder(path)
    target = os.path.realpath(path)
    with _unfinished_output(path, target) as unfinished:
        os.mkdir(unfinished)
        yield unfinished
        os.rename(unfinished, target)


@contextlib.contextmanager
def atomic_file(
    path: str | os.PathLike[str], mode: str = "w", encoding: str = "utf-8"
) -> Iterator[IO]:
    r"""Gives an open file that becomes `path` when the block succeeds.

    A file that is already at `path` is replaced in one step: a reader sees the old
    content or the new, never a part. When the block raises, the old file stays.

    Args:
        path: the file to write. Its parent folders are made.
        mode: "w" for text or "wb" for bytes.
        encoding: of text; not used for bytes.

    Yields:
        The open file.

    Raises:
        UserError: if `path` is a folder or a device, or cannot be written, as on a full
            disk.

    Example:
        >>> path = os.path.join(tempfile.mkdtemp(), "vocabulary.txt")
        >>> with atomic_file(path) as file:
        ...     _ = file.write("[MASK]\n")
        >>> open(path).read()
        '[MASK]\n'
    """
    target = os.path.realpath(path)
    if os.path.isdir(target):
        raise UserError("is a folder: name a file for the output", path)
    # The superuser would else replace /dev/null for all programs of the machine.
    if os.path.exists(target) and not os.path.isfile(target):
        raise UserError("is a device or a pipe: name a file for the output", path)
    with _unfinished_output(path, target) as unfinished:
        with open(unfinished, mode, encoding=None if "b" in mode else encoding) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, target)


def refuse_to_replace_file(path: str | os.PathLike[str]) -> None:
    """Refuses an output file that is there already, before hours are spent on it.

    Args:
        path: the file that is to be written.

    Raises:
        UserError: if there is one.

    Example:
        >>> refuse_to_replace_file(os.path.join(tempfile.mkdtemp(), "scores.json"))
    """
    if os.path.isfile(path):
        raise UserError("is there already: remove it, or name another", path)


def refuse_to_replace_folder(path: str | os.PathLike[str]) -> None:
    """Refuses an output folder that is in use, before minutes are spent on it.

    Args:
        path: the folder that is to be made.

    Raises:
        UserError: if it is a file, or a folder that holds something.

    Example:
        >>> refuse_to_replace_folder(tempfile.mkdtemp())
    """
    if not os.path.exists(path):
        return
    if not os.path.isdir(path):
        raise UserError("is a file: choose another folder for the output", path)
    if os.listdir(path):
        raise UserError(
            "already holds something: choose another folder for the output, or move "
            "this one away",
            path,
        )


@contextlib.contextmanager
def clear_write_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Tells in one line that the disk takes no more, whoever was writing.

    Args:
        path: what the block writes to.

    Raises:
        UserError: if the block fails because the disk is full, read-only or broken, or
            because something at `path` cannot be opened.

    Example:
        >>> path = os.path.join(tempfile.mkdtemp(), "checkpoints")
        >>> with clear_write_errors(path):
        ...     os.mkdir(path)
    """
    with _clear_errors_about(os.path.realpath(path), path):
        yield


def check_room(folder: str | os.PathLike[str], size: int) -> None:
    """Makes sure that a folder has room, for writers that do not survive a full disk.

    Args:
        folder: an existing folder.
        size: bytes that will be written.

    Raises:
        OSError: if there is less room. Inside `atomic_folder` it becomes a `UserError`.

    Example:
        >>> check_room(tempfile.mkdtemp(), size=1_000_000)
    """
    # Written, not asked for: that respects quotas and limits too.
    with tempfile.TemporaryFile(dir=folder) as file:
        for start in range(0, size, _CHUNK):
            file.write(bytes(min(_CHUNK, size - start)))


@contextlib.contextmanager
def _unfinished_output(path: str | os.PathLike[str], target: str) -> Iterator[str]:
    """Gives a free path on the file system of `target`, and cleans up after it."""
    parent, name = os.path.split(target)
    try:
        os.makedirs(parent, exist_ok=True)
        # The output lies inside the private folder that mkdtemp makes, so that it has
        # its final name and the permissions that the user's umask gives.
        workspace = tempfile.mkdtemp(prefix=f".{name}.", suffix=".partial", dir=parent)
    except OSError as error:
        raise _write_error(path, error.strerror) from error
    try:
        with _clear_errors_about(workspace, path):
            yield os.path.join(workspace, name)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


@contextlib.contextmanager
def _clear_errors_about(place: str, path: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        reason = _write_failure(error, place)
        if reason is None:
            raise
        raise _write_error(path, reason) from error


def _write_failure(error: Exception, place: str) -> str | None:
    """Tells why the output could not be written, or None for an error of another kind.

    An error about some other file, such as an input that is missing, is not ours.
    """
    for words in _STORAGE_FAILURES:
        if words in str(error):
            return words
    if isinstance(error, OSError) and str(error.filename).startswith(place):
        return error.strerror
    return None


def _write_error(path: str | os.PathLike[str], reason: str) -> UserError:
    return UserError(
        f"cannot be written ({reason}): check the free space and the permissions "
        "there, or choose another place for the output",
        path,
    )
