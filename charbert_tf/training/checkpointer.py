"""Checkpointer: checkpoints that appear whole, and outlive a damaged one."""

import os
import re
import shutil
import sys

import tensorflow as tf

from charbert_tf.atomic_output import atomic_folder
from charbert_tf.errors import UserError

_KEPT = 2
_NAME = re.compile(r"step-(\d+)")
_STATE = "state"


class Checkpointer:
    """The folder of a training's last checkpoints.

    Each is a folder of its own, `step-120`, that is written beside its place and then
    renamed; the last two are kept. TensorFlow's checksums tell a damaged one.

    Args:
        directory: The folder; it is made with the first checkpoint. `None` for no
            checkpoints.
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

    def save(self, step: int) -> None:
        """Writes a checkpoint, if this process writes, and removes old ones.

        Args:
            step: int. The step that it is of.

        Raises:
            UserError: If it cannot be written; the ones before stay.
        """
        if not self._is_writer:
            return
        # This step's too, if it was damaged.
        self._remove(self._damaged)
        with atomic_folder(self._path(step)) as folder:
            self._checkpoint.write(os.path.join(folder, _STATE))
        self._damaged = []
        self._remove(self._steps()[_KEPT:])

    def restore(self) -> None:
        """Reads the last checkpoint that is whole; without any, leaves all as it is.

        Raises:
            UserError: If there are checkpoints, but none can be read.
        """
        if self._is_writer:
            self._remove_unfinished()
        steps = self._steps()
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
        try:
            status = self._checkpoint.read(os.path.join(self._path(step), _STATE))
            status.assert_consumed()
        except (tf.errors.OpError, ValueError, IndexError, AssertionError):
            return False
        return True

    def _steps(self) -> list[int]:
        """The steps that have a checkpoint, the last one first."""
        if self.directory is None or not os.path.isdir(self.directory):
            return []
        names = map(_NAME.fullmatch, os.listdir(self.directory))
        return sorted((int(name[1]) for name in names if name), reverse=True)

    def _path(self, step: int) -> str:
        return os.path.join(self.directory, f"step-{step}")

    def _remove(self, steps) -> None:
        for step in steps:
            shutil.rmtree(self._path(step))

    def _remove_unfinished(self) -> None:
        """Removes what a kill while it was written has left."""
        if os.path.isdir(self.directory):
            for name in os.listdir(self.directory):
                if name.endswith(".partial"):
                    shutil.rmtree(os.path.join(self.directory, name))
