"""TrainingRun: a training's folder, and the best model of its epochs."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import keras_nlp

from charbert_tf.families.named_tasks import settings_of_task
from charbert_tf.files.atomic_output import atomic_folder, check_room
from charbert_tf.files.errors import UserError
from charbert_tf.files.run_folder import CHECKPOINTS, PRESET, RunFolder
from charbert_tf.model_card import write_card
from charbert_tf.training.checkpointer import Checkpointer

# Configurations and vocabularies.
_BYTES_OF_THE_REST = 2_000_000
_BEST_EPOCH = re.compile(r"epoch-(\d+)")
# What only leads to the result.
_STAGES = (CHECKPOINTS, "warm_start", "best")


class TrainingRun:
    """The output folder of one training: settings, checkpoints and the result.

    A folder that holds a run of the same settings is gone on with; one that holds
    anything else is refused, so that nothing is lost. From `begin` to `finish` or
    `close` it is this object's, and who else would begin there is refused.

    Args:
        directory: The folder; it is made if there is none.
        settings: What the run depends on, JSON values by name.
        told: What the result's card says that it was made with; by default `settings`.
        note: What else the card says of that.

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

    def __init__(
        self,
        directory: str,
        settings: dict,
        told: Mapping[str, Any] | None = None,
        note: str = "",
    ):
        self.directory = directory
        self.preset = os.path.join(directory, PRESET)
        self._told = settings if told is None else told
        self._note = note
        self._folder = RunFolder(directory, settings, "a training run")

    @property
    def is_finished(self) -> bool:
        """Whether the result is there."""
        return os.path.exists(self.preset)

    def tidy_if_finished(self) -> bool:
        """Removes what only led to the result, if that is there, and says that it is.

        Returns:
            Whether it is.

        Example:

        ```python
        if run.tidy_if_finished():
            return run.preset
        ```
        """
        if not self.is_finished:
            return False
        self._tidy()
        print(f"{self.preset} is finished already.", flush=True)
        return True

    @property
    def has_begun(self) -> bool:
        """Whether there is a run to go on with."""
        return self._folder.has_begun

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is a checkpoint of the training proper."""
        return Checkpointer.has_any(os.path.join(self.directory, CHECKPOINTS))

    def begin(self) -> None:
        """Makes the folder; from then on it is kept for this run.

        Call it when all that the user gave has proved right: who corrects a mistake
        wants to use the folder's name again.

        Raises:
            UserError: If the folder cannot be written, or another run is going on
                there, or has begun or come to its end since this object was made.
        """
        self._folder.begin()
        if self.is_finished:
            self.close()
            raise UserError(
                "another run has made the result meanwhile: there is nothing to do",
                self.directory,
            )

    def close(self) -> None:
        """Lets others begin there, who go on with what there is."""
        self._folder.close()

    def stage(self, name: str) -> str:
        """Returns the folder of a stage that comes before the training proper.

        Args:
            name: The stage's name.
        """
        return os.path.join(self.directory, name)

    def save_best(self, task: keras_nlp.models.Task, epoch: int) -> None:
        """Keeps a model to be the result, instead of one that was kept before.

        Args:
            task: The model after the epoch, with its preprocessor attached.
            epoch: int. From 1.

        Raises:
            UserError: If the disk has no room for it; what was kept before stays.
        """
        before = self._best_epochs()
        if epoch not in before:
            _save(task, self._best(epoch))
        for other in before:
            if other != epoch:
                shutil.rmtree(self._best(other))

    def finish(
        self,
        model: keras_nlp.models.Task | keras_nlp.models.Backbone,
        scores: Mapping[str, float] | None = None,
    ) -> None:
        """Makes the result, with its card, and removes the checkpoints that led to it.

        Prints where it is.

        Args:
            model: The trained model, a task with its preprocessor attached: the result
                unless a better one was kept.
            scores: What was measured on other data than it was trained on, by name.

        Raises:
            UserError: If the disk has no room for it; the checkpoints stay.
        """
        card = (settings_of_task(self._told), scores, self._note)
        if kept := self._best_epochs():
            best = self._best(max(kept))
            write_card(best, model, *card)
            os.rename(best, self.preset)
        else:
            _save(model, self.preset, card)
        self._tidy()
        self.close()
        print(f"Saved {self.preset}", flush=True)

    def _tidy(self) -> None:
        """Removes what only led to the result, once it is there."""
        for stage in _STAGES:
            shutil.rmtree(os.path.join(self.directory, stage), ignore_errors=True)
        self._folder.remove_unfinished()

    def _best(self, epoch: int) -> str:
        return os.path.join(self.directory, "best", f"epoch-{epoch}")

    def _best_epochs(self) -> list[int]:
        """The epochs whose model is kept: one, or two after a kill between them."""
        folder = os.path.join(self.directory, "best")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return [int(name[1]) for name in map(_BEST_EPOCH.fullmatch, names) if name]


def _save(model: keras.Model, path: str, card: Sequence[Any] = ()) -> None:
    with atomic_folder(path) as folder:
        # When the disk fills up under HDF5, it takes the process down.
        check_room(folder, _saved_bytes(model))
        model.save_to_preset(folder)
        if card:
            write_card(folder, model, *card)


def _saved_bytes(model: keras.Model) -> int:
    """What a preset takes at most: HDF5 adds about 3 kB to each variable."""
    weights = sum(variable.numpy().nbytes for variable in model.variables)
    return weights + 8_000 * len(model.variables) + _BYTES_OF_THE_REST
