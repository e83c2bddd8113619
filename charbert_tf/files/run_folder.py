"""RunFolder: an output folder that knows what it was made with."""

import contextlib
import glob
import json
import os
import shutil
from collections.abc import Mapping
from typing import Any

from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.errors import UserError
from charbert_tf.files.folder_lock import FolderLock
from charbert_tf.files.json_files import read_json_object

_SETTINGS = "settings.json"

PRESET = "preset"
"""The folder in a run's that has its result."""

CHECKPOINTS = "checkpoints"
"""The folder in a run's that has what an interrupted training goes on from."""

TENSORBOARD = "tensorboard"
"""The folder in a run's that has what TensorBoard shows."""


def read_run_settings(directory: str) -> dict[str, Any]:
    """Reads what a run was begun with.

    Args:
        directory: its folder.

    Returns:
        The settings.

    Raises:
        FileNotFoundError: if there is no run.
        UserError: if they cannot be read.

    Example:

    ```python
    read_run_settings("my_run")["learning_rate"]
    ```
    """
    path = os.path.join(directory, _SETTINGS)
    if not os.path.exists(path):
        raise FileNotFoundError(path)
    return read_json_object(path, "choose another --output")


def write_run_settings(directory: str, settings: Mapping[str, Any]) -> None:
    """Writes down what a run is begun, or now goes on, with.

    Args:
        directory: its folder; it is made if there is none.
        settings: JSON values by name.

    Raises:
        UserError: if the folder cannot be written.

    Example:

    ```python
    write_run_settings("my_run", {"learning_rate": 3e-5, "seed": 0})
    ```
    """
    with atomic_file(os.path.join(directory, _SETTINGS)) as file:
        json.dump(settings, file, indent=2, sort_keys=True)


class RunFolder:
    """The folder of a run that takes long, may be interrupted, and is gone on with.

    A folder that holds a run of the same settings is gone on with; one that holds
    anything else is refused, so that nothing is lost. From `begin` to `close` it is
    this object's, and who else would begin there is refused.

    Args:
        directory: The folder; it is made if there is none.
        settings: What the run depends on, JSON values by name.
        kind: What a run is called, such as "a training run".
        growing: The name of a setting, a list, that may have more in it than the run
            was begun with. `begin` then writes down the longer one.

    Raises:
        UserError: If the folder holds something else, or a run of other settings.

    Example:

    ```python
    folder = RunFolder("my_run", {"learning_rate": 3e-5, "seed": 0}, "a training run")
    folder.begin()
    try:
        train("my_run")
    finally:
        folder.close()
    ```
    """

    def __init__(
        self, directory: str, settings: dict, kind: str, growing: str | None = None
    ):
        self.directory = directory
        self._settings = settings
        self._growing = growing
        self._has_grown = False
        self._lock = FolderLock(directory)
        self._path = os.path.join(directory, _SETTINGS)
        if os.path.exists(self._path):
            self._compare()
        elif os.path.exists(directory) and (
            not os.path.isdir(directory)
            or len(os.listdir(directory)) > len(self._unfinished())
        ):
            raise UserError(
                f"already holds something that is not {kind}: choose another --output",
                directory,
            )

    @property
    def has_begun(self) -> bool:
        """Whether there is a run to go on with."""
        return os.path.exists(self._path)

    def begin(self) -> None:
        """Makes the folder; from then on it is kept for this run.

        Call it when all that the user gave has proved right: who corrects a mistake
        wants to use the folder's name again.

        Raises:
            UserError: If the folder cannot be written, or a run is going on there, or
                one of other settings was begun meanwhile.
        """
        # If it cannot be made, nothing can be written either, which is told then.
        with contextlib.suppress(OSError):
            os.makedirs(self.directory, exist_ok=True)
        self._lock.take()
        if self.has_begun:
            self._compare()
        self.remove_unfinished()
        if self._has_grown or not self.has_begun:
            write_run_settings(self.directory, self._settings)
            self._has_grown = False

    def remove_unfinished(self) -> None:
        """Removes what a kill while it was written has left, if no run is going on."""
        was_held = self._lock.is_held
        try:
            self._lock.take()
        except UserError:
            return
        for path in self._unfinished():
            shutil.rmtree(path, ignore_errors=True)
        if not was_held:
            self._lock.release()

    def withdraw(self) -> None:
        """Gives the folder's name back, if nothing was made in it yet."""
        self.close()
        if os.listdir(self.directory) == [_SETTINGS]:
            os.remove(self._path)
            os.rmdir(self.directory)

    def close(self) -> None:
        """Lets others begin there: at the end, whether it is a good one or not."""
        self._lock.release()

    def _unfinished(self) -> list[str]:
        return glob.glob(f"{glob.escape(self.directory)}/.*.partial")

    def _compare(self) -> None:
        saved = read_run_settings(self.directory)
        settings = json.loads(json.dumps(self._settings))
        # A run that was begun before there was such a setting is one without it.
        saved = {name: value for name, value in settings.items() if not value} | saved
        self._has_grown = self._grows(saved, settings)
        if self._has_grown:
            saved[self._growing] = settings[self._growing]
        changed = [
            f"--{name} was {saved.get(name)!r} and is now {settings.get(name)!r}"
            # What an earlier version wrote down besides has no flag any more.
            for name in sorted(settings)
            if saved.get(name) != settings.get(name)
        ]
        if changed:
            raise UserError(
                f"holds a run of other settings ({'; '.join(changed)}): give the same "
                "flags and files to go on with it, or another --output",
                self.directory,
            )

    def _grows(self, saved: dict, settings: dict) -> bool:
        before, now = (of.get(self._growing) for of in (saved, settings))
        are_lists = isinstance(before, list) and isinstance(now, list)
        return are_lists and len(now) > len(before) and all(x in now for x in before)
