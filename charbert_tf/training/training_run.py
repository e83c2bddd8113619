"""TrainingRun: a folder that a training command writes to, and can go on from."""

import json
import os
import shutil

import keras_nlp

from charbert_tf.atomic_output import atomic_file, atomic_folder
from charbert_tf.errors import UserError

_SETTINGS = "settings.json"


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
        Trainer(objective, optimizer, directory=run.directory).train(...)
        run.finish(pretrainer)
    ```
    """

    def __init__(self, directory: str, settings: dict):
        self.directory = directory
        self.preset = os.path.join(directory, "preset")
        path = os.path.join(directory, _SETTINGS)
        if os.path.exists(path):
            self._compare(path, settings)
        elif os.path.exists(directory) and (
            not os.path.isdir(directory) or os.listdir(directory)
        ):
            raise UserError(
                "already holds something that is not a training run: choose another "
                "--output",
                directory,
            )
        else:
            with atomic_file(path) as file:
                json.dump(settings, file, indent=2, sort_keys=True)

    @property
    def is_finished(self) -> bool:
        """Whether the result is there."""
        return os.path.exists(self.preset)

    def stage(self, name: str) -> str:
        """Returns the folder of a stage that comes before the training proper.

        Args:
            name: The stage's name.
        """
        return os.path.join(self.directory, name)

    def finish(self, task: keras_nlp.models.Task) -> None:
        """Saves the result and removes the checkpoints that led to it.

        Args:
            task: The trained model, with its preprocessor attached.
        """
        with atomic_folder(self.preset) as folder:
            task.save_to_preset(folder)
        for stage in ("checkpoints", "warm_start"):
            shutil.rmtree(os.path.join(self.directory, stage), ignore_errors=True)

    def _compare(self, path: str, settings: dict) -> None:
        with open(path, encoding="utf-8") as file:
            saved = json.load(file)
        changed = [
            f"--{name} was {saved.get(name)!r} and is now {settings.get(name)!r}"
            for name in sorted(saved.keys() | settings.keys())
            if saved.get(name) != json.loads(json.dumps(settings.get(name)))
        ]
        if changed:
            raise UserError(
                f"holds a run of other settings ({'; '.join(changed)}): give the same "
                "flags to go on with it, or another --output",
                self.directory,
            )
