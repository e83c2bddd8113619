"""Checkpointer: checkpoints that appear whole, and outlive a damaged one."""

import os
import re
import shutil
import sys

import tensorflow as tf

from charbert_tf.files.atomic_output import atomic_folder, clear_write_errors
from charbert_tf.files.errors import UserError

_KEPT = 2
_NAME = re.compile(r"step-(\d+)")
_STATE = "state"
# The reader of the index says of a checksum UNKNOWN, and of a short file IndexError.
_DAMAGED = (
    tf.errors.DATA_LOSS,
    tf.errors.NOT_FOUND,
    tf.errors.OUT_OF_RANGE,
    tf.errors.UNKNOWN,
)


class Checkpointer:
    """The folder of a training's last checkpoints.

    Each is a folder of its own, `step-120`, that is written beside its place and then
    renamed; the last two are kept. TensorFlow's checksums tell a damaged one.

    Args:
        directory: The folder; `restore` makes it. `None` for no checkpoints.
        checkpoint: What is saved and restored.
        is_writer: bool. Whether this process writes: of several workers one does.

    Example:

    ```python
    checkpointer = Checkpointer("my_run/checkpoints", tf.train.Checkpoint(model=model))
    checkpointer.restore()
    checkpointer.save(step=120)
    ```
    """

    def __init__(
        self,
        directory: str | None,
        checkpoint: tf.train.Checkpoint,
        is_writer: bool = True,
    ):
        self.directory = directory
        self._checkpoint = checkpoint
        self._is_writer = is_writer and directory is not None
        self._damaged: list[int] = []

    @staticmethod
    def has_any(directory: str) -> bool:
        """Looks for checkpoints in a folder.

        Args:
            directory: The folder; there need not be one.

        Returns:
            Whether it has any, damaged or not.
        """
        return bool(_steps(directory))

    def save(self, step: int) -> None:
        """Writes a checkpoint, if this process writes, and removes old ones.

        Args:
            step: int. The step that it is of.

        Raises:
            UserError: If it cannot be written; the ones before stay.
        """
        if not self._is_writer:
            return
        try:
            # Else it would be made again, without what goes with it.
            os.stat(self.directory)
            self._replace(step)
        except (OSError, UserError, tf.errors.NotFoundError) as error:
            # What is missing in a folder that is still there is being removed with it.
            is_missing = isinstance(error, FileNotFoundError)
            if os.path.isdir(self.directory) and not is_missing:
                raise
            raise UserError(
                "was removed while the training ran: the same command begins anew",
                self.directory,
            ) from error

    def restore(self) -> None:
        """Reads the last checkpoint that is whole; without any, leaves all as it is.

        Raises:
            UserError: If there are checkpoints, but none can be read, or if one is
                whole and cannot be read or does not fit.
        """
        if self._is_writer:
            with clear_write_errors(self.directory):
                os.makedirs(self.directory, exist_ok=True)
            self._remove_unfinished()
        steps = [] if self.directory is None else _steps(self.directory)
        for step in steps:
            if self._is_read(step):
                return
            self._damaged.append(step)
            print(
                f"warning: {self._path(step)}: is damaged: passed over",
                file=sys.stderr,
                flush=True,
            )
        if steps:
            raise UserError(
                "no checkpoint can be read: remove this folder to begin again",
                self.directory,
            )

    def _is_read(self, step: int) -> bool:
        path = self._path(step)
        try:
            _check_access(path)
            status = self._checkpoint.read(os.path.join(path, _STATE))
            status.assert_consumed()
        except IndexError:
            return False
        except tf.errors.OpError as error:
            if error.error_code in _DAMAGED:
                return False
            reason = error.message.splitlines()[0]
            raise UserError(f"cannot be read ({reason})", path) from error
        except (ValueError, AssertionError) as error:
            raise UserError(
                "does not fit this model: give another --output, or remove this folder "
                "to begin again",
                path,
            ) from error
        except OSError as error:
            raise UserError(
                f"cannot be read ({error.strerror}): check its permissions", path
            ) from error
        return True

    def _replace(self, step: int) -> None:
        # This step's too, if it was damaged.
        self._remove(self._damaged)
        with atomic_folder(self._path(step)) as folder:
            self._checkpoint.write(os.path.join(folder, _STATE))
        self._damaged = []
        self._remove(_steps(self.directory)[_KEPT:])

    def _path(self, step: int) -> str:
        return os.path.join(self.directory, f"step-{step}")

    def _remove(self, steps) -> None:
        for step in steps:
            shutil.rmtree(self._path(step))

    def _remove_unfinished(self) -> None:
        """Removes what a kill while it was written has left."""
        for name in os.listdir(self.directory):
            if name.endswith(".partial"):
                shutil.rmtree(os.path.join(self.directory, name))


def _steps(directory: str) -> list[int]:
    """The steps that have a checkpoint, the last one first."""
    if not os.path.isdir(directory):
        return []
    names = map(_NAME.fullmatch, os.listdir(directory))
    return sorted((int(name[1]) for name in names if name), reverse=True)


def _check_access(path: str) -> None:
    """Opens each file, for to TensorFlow one that it may not open is damaged."""
    for name in os.listdir(path):
        with open(os.path.join(path, name), "rb"):
            pass
