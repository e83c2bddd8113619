"""FolderLock: what keeps two runs out of each other's folder."""

import contextlib
import os
from typing import IO

from charbert_tf.files.errors import UserError

try:
    import fcntl
except ImportError:  # Windows has none.
    fcntl = None


class FolderLock:
    """Is held by who writes into a folder, until it is released or the process ends.

    It is a hidden file there, which goes when it is released; one that a killed process
    has left is nobody's. Where the system or the file system has no such locks, or
    the folder cannot be written, all is as if nobody else were there.

    Args:
        directory: The folder.

    Example:

    ```python
    lock = FolderLock("my_run")
    lock.take()
    try:
        write("my_run")
    finally:
        lock.release()
    ```
    """

    def __init__(self, directory: str):
        self._directory = directory
        # Named as what a kill leaves, which is no obstacle to a new run.
        self._path = os.path.join(directory, ".lock.partial")
        self._file: IO | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds it."""
        return self._file is not None

    def take(self) -> None:
        """Takes it, unless it is held already.

        Raises:
            UserError: If somebody else holds it.
        """
        if self.is_held or fcntl is None:
            return
        with contextlib.suppress(OSError):
            while not self.is_held:
                self._file = self._locked()

    def release(self) -> None:
        """Gives it back, if it is held."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            # The folder may have been removed, and another run have begun there.
            if self._is_in_place(self._file):
                os.remove(self._path)
        self._file.close()
        self._file = None

    def _locked(self) -> IO | None:
        """Opens and locks the file; `None` if it was removed between the two."""
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(open(self._path, "ab"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UserError(
                    "a run is going on in it: wait for its end, or choose another "
                    "--output",
                    self._directory,
                ) from error
            except OSError:
                # A network file system without locks.
                os.remove(self._path)
                raise
            if not self._is_in_place(file):
                return None
            stack.pop_all()
            return file

    def _is_in_place(self, file: IO) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), os.stat(self._path))
        except FileNotFoundError:
            return False
