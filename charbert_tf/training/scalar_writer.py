"""ScalarWriter: numbers of a run, for TensorBoard."""

import os
from collections.abc import Mapping

import tensorflow as tf


class ScalarWriter:
    """Writes numbers by name to `tensorboard/` in a run's folder.

    Its file is made when there is something to write: of several workers the first one
    alone has anything.

    Args:
        directory: The run's folder; `None` to write nothing.
        group: What TensorBoard shows the names under, such as "dev"; by default none.

    Example:

    ```python
    ScalarWriter("my_run", group="dev").write(878, {"f1": 0.91})
    ```
    """

    def __init__(self, directory: str | None, group: str | None = None):
        self._directory = directory
        self._prefix = "" if group is None else f"{group}/"
        self._writer = None

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Writes some numbers.

        Args:
            step: int. The training step they are of.
            values: The numbers by name.
        """
        if self._directory is None:
            return
        if self._writer is None:
            folder = os.path.join(self._directory, "tensorboard")
            self._writer = tf.summary.create_file_writer(folder)
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(f"{self._prefix}{name}", value)
        self._writer.flush()
