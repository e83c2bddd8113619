"""TrainingRun: a folder that a training command writes to, and can go on from."""

import os
import shutil

import keras
import keras_nlp

from charbert_tf.atomic_output import atomic_folder, check_room
from charbert_tf.run_folder import RunFolder

# Configurations and vocabularies.
_BYTES_OF_THE_REST = 2_000_000


class TrainingRun:
    """The output folder of one training: settings, checkpoints and the result.

    A folder that holds a run of the same settings is gone on with; one that holds
    anything else is refused, so that nothing is lost.

    Args:
        directory: The folder; it is made if there is none.
        settings: What the run depends on, JSON values by name.

    Raises:
        UserError: If the folder holds something else, or a run of other settings.

    Example:

    ```python
    run = TrainingRun("my_run", {"learning_rate": 3e-5, "seed": 0})
    if not run.is_finished:
        run.begin()
        Trainer(objective, optimizer, directory=run.directory).train(...)
        run.finish(pretrainer)
    ```
    """

    def __init__(self, directory: str, settings: dict):
        self.directory = directory
        self.preset = os.path.join(directory, "preset")
        self._folder = RunFolder(directory, settings, "a training run")

    @property
    def is_finished(self) -> bool:
        """Whether the result is there."""
        return os.path.exists(self.preset)

    def begin(self) -> None:
        """Makes the folder; from then on it is kept for this run.

        Call it when all that the user gave has proved right: who corrects a mistake
        wants to use the folder's name again.

        Raises:
            UserError: If the folder cannot be written.
        """
        self._folder.begin()

    def stage(self, name: str) -> str:
        """Returns the folder of a stage that comes before the training proper.

        Args:
            name: The stage's name.
        """
        return os.path.join(self.directory, name)

    def finish(self, model: keras_nlp.models.Task | keras_nlp.models.Backbone) -> None:
        """Saves the result and removes the checkpoints that led to it.

        Args:
            model: The trained model, a task with its preprocessor attached.

        Raises:
            UserError: If the disk has no room for it; the checkpoints stay.
        """
        with atomic_folder(self.preset) as folder:
            # When the disk fills up under HDF5, it takes the process down.
            check_room(folder, _saved_bytes(model))
            model.save_to_preset(folder)
        for stage in ("checkpoints", "warm_start"):
            shutil.rmtree(os.path.join(self.directory, stage), ignore_errors=True)


def _saved_bytes(model: keras.Model) -> int:
    """What a preset takes at most: HDF5 adds about 3 kB to each variable."""
    weights = sum(variable.numpy().nbytes for variable in model.variables)
    return weights + 8_000 * len(model.variables) + _BYTES_OF_THE_REST
