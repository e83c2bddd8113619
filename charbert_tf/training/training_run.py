"""TrainingRun: a training's folder, and the best model of its epochs."""

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence

import keras
import keras_nlp

from charbert_tf.families.family import Family
from charbert_tf.families.named_tasks import settings_of_task
from charbert_tf.families.score_tables import score_text
from charbert_tf.files.atomic_output import atomic_file, atomic_folder, check_room
from charbert_tf.files.errors import UserError
from charbert_tf.files.run_folder import CHECKPOINTS, PRESET, RunFolder
from charbert_tf.model_card import write_card
from charbert_tf.training.checkpointer import Checkpointer
from charbert_tf.training.progress import ScalarWriter

# Configurations and vocabularies.
_BYTES_OF_THE_REST = 2_000_000
_BEST_EPOCH = re.compile(r"epoch-(\d+)")
# What only leads to the result.
_STAGES = (CHECKPOINTS, "warm_start", "best")


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
        self.preset = os.path.join(directory, PRESET)
        self._settings = settings
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
            UserError: If the folder cannot be written.
        """
        self._folder.begin()

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
        card = (settings_of_task(self._settings), scores)
        if kept := self._best_epochs():
            best = self._best(max(kept))
            write_card(best, model, *card)
            os.rename(best, self.preset)
        else:
            _save(model, self.preset, card)
        self._tidy()
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


def _save(model: keras.Model, path: str, card: Sequence[Mapping | None] = ()) -> None:
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


class DevEvaluation:
    """What fine-tuning does at the end of an epoch: `Trainer.train`'s `on_epoch_end`.

    It scores the model on the development examples, prints the scores and writes them
    to `epochs.json` in the run's folder. When the task's first score is better than
    after all epochs before, the model becomes the run's best, and its predictions are
    written to `dev_predictions` there (`.txt`, `.tsv`, `.json`), in the data set's own
    format.

    A run that is started again goes on from `epochs.json`, which comes last: an epoch
    that is in it was dealt with entirely.

    Args:
        task: The task.
        examples: The development examples.
        model: The head that is trained, with its preprocessor attached.
        run: The run that keeps the best model.
        patience: int. Epochs without a better first score until training stops;
            `None` for all epochs.
        epoch_steps: int. The steps of an epoch: where TensorBoard shows its scores, as
            `dev/f1` and so on.

    Attributes:
        scores: The scores after each epoch so far, by the measures' names.

    Raises:
        UserError: If `epochs.json` cannot be read.

    Example:

    ```python
    evaluation = DevEvaluation(task, dev, tagger, run, patience=2)
    trainer.train(dataset, 3 * 878, epoch_steps=878, on_epoch_end=evaluation)
    evaluation.best_epoch
    ```
    """

    def __init__(
        self,
        task: Family,
        examples: Sequence,
        model: keras_nlp.models.Task,
        run: TrainingRun,
        patience: int | None = None,
        epoch_steps: int = 1,
    ):
        self._task = task
        self._examples = examples
        self._model = model
        self._predict = task.predictor(model)
        self._run = run
        self._patience = patience
        self._epoch_steps = epoch_steps
        self._scalars = ScalarWriter(run.directory, group="dev")
        self._path = os.path.join(run.directory, "epochs.json")
        self.scores: list[dict[str, float]] = self._read()

    @property
    def best_epoch(self) -> int:
        """The first epoch with the highest first score, from 1."""
        first_scores = [next(iter(scores.values())) for scores in self.scores]
        return 1 + first_scores.index(max(first_scores))

    @property
    def best_scores(self) -> dict[str, float]:
        """The scores after the best epoch."""
        return self.scores[self.best_epoch - 1]

    def __call__(self, epoch: int) -> bool:
        """Scores the model, unless that was done before a restart.

        Args:
            epoch: int. Epochs done.

        Returns:
            Whether it is no use to go on.

        Raises:
            UserError: If the best model or the scores cannot be written.
        """
        if epoch > len(self.scores):
            self._evaluate(epoch)
        return self._patience is not None and (
            epoch - self.best_epoch >= self._patience
        )

    def _evaluate(self, epoch: int) -> None:
        predictions = self._predict(self._examples)
        scores = self._task.scores(self._examples, predictions, self._model.labels)
        self.scores.append(scores)
        self._scalars.write(epoch * self._epoch_steps, scores)
        print(f"epoch {epoch}: {score_text(scores)}", flush=True)
        if self.best_epoch == epoch:
            self._write_predictions(predictions)
            self._run.save_best(self._model, epoch)
        with atomic_file(self._path) as file:
            json.dump(self.scores, file, indent=2)

    def _write_predictions(self, predictions: Sequence) -> None:
        path = os.path.join(self._run.directory, "dev_predictions")
        for ending, write in self._task.prediction_writers().items():
            with atomic_file(path + ending) as file:
                write(file, self._examples, predictions)

    def _read(self) -> list[dict[str, float]]:
        if not os.path.exists(self._path):
            return []
        try:
            with open(self._path, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError) as error:
            raise UserError(
                f"cannot be read ({error}): choose another --output", self._path
            ) from error
