"""DevEvaluation: the scores at the end of each epoch, and the best model."""

import json
import os
from collections.abc import Sequence

import keras_nlp

from charbert_tf.families.family import Family
from charbert_tf.families.score_tables import score_text
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.json_files import read_json
from charbert_tf.training.progress import ScalarWriter
from charbert_tf.training.training_run import TrainingRun


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
        return read_json(self._path, "choose another --output")
