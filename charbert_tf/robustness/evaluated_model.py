"""EvaluatedModel: whatever predicts, by a name."""

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

from charbert_tf.export.served_model import ServedModel
from charbert_tf.families.family import Family
from charbert_tf.files.errors import UserError
from charbert_tf.word_recognition.word_corrector import WordCorrector


@dataclasses.dataclass(frozen=True)
class EvaluatedModel:
    """A model as the evaluation of robustness sees it: a function.

    Args:
        name: What it is called in tables and charts.
        predict: Takes examples of a task, returns a prediction for each: what the
            task's `predict` returns (tags, a label, a `PredictedAnswer`).
        labels: The labels that it may predict; of two, the second is the positive one.

    Example:

    ```python
    examples = task.read("test.tsv")
    EvaluatedModel(
        "always good", lambda examples: ["good"] * len(examples), ["bad", "good"]
    )
    ```
    """

    name: str
    predict: Callable[[Sequence], list]
    labels: Sequence[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", list(self.labels))

    @classmethod
    def from_folder(
        cls, name: str, folder: str, task: Family, examples: Sequence, path: str
    ) -> "EvaluatedModel":
        """Loads a model, and makes sure that it can be scored on the examples.

        Args:
            name: What to call it.
            folder: A preset that `official.finetune` wrote, or a SavedModel that
                `official.export` wrote.
            task: The task.
            examples: The examples that it will be scored on.
            path: The file that they come from.

        Returns:
            The model with its labels.

        Raises:
            UserError: If the folder holds no model of the task, or an example has a
                label that the model does not know.
        """
        if ServedModel.is_one(folder):
            served = ServedModel(folder)
            is_of_family = served.signature is task.head.head_cls.signature_cls
            output = task.head.served_output
            if not is_of_family or output not in served.output_names:
                raise UserError(
                    f"the exported model returns no {output!r}: name one of this task",
                    folder,
                )
            labels = task.served_labels(served, examples, path)
            predict = functools.partial(task.predict_served, served)
        else:
            model = task.load_model(folder)
            labels = model.labels
            predict = task.predictor(model)
        task.check(examples, labels, path)
        return cls(name, predict, labels)

    def predictions(self, examples: Sequence) -> list:
        """Predicts, and makes sure that there is a prediction for each example.

        Args:
            examples: Examples of the task.

        Returns:
            The predictions.

        Raises:
            UserError: If there are more or fewer, or what the function gives is no
                sequence of predictions.
        """
        predictions = self.predict(examples)
        # A text would be taken for as many labels as it has characters.
        if isinstance(predictions, str) or not isinstance(
            predictions, Sequence | np.ndarray
        ):
            raise UserError(
                f"the model {self.name!r} gives a {type(predictions).__name__}: give a "
                "list, in it a prediction for each example"
            )
        if len(predictions) != len(examples):
            raise UserError(
                f"the model {self.name!r} gives {len(predictions)} predictions for "
                f"{len(examples)} examples: give one for each"
            )
        return predictions

    def score_counts(
        self,
        task: Family,
        examples: Sequence,
        predictions: Sequence,
        labels: Sequence[str],
    ) -> np.ndarray:
        """Counts what the scores of the model are made of.

        Args:
            task: The task.
            examples: Labelled examples of it.
            predictions: The model's.
            labels: All labels that count.

        Returns:
            What `Metric.counts` returns.

        Raises:
            UserError: If a prediction is none for its example; it names the model.
        """
        try:
            return task.metric.counts(examples, predictions, labels)
        except UserError as error:
            raise UserError(f"the model {self.name!r}: {error}") from error

    def behind(self, corrector: WordCorrector, task: Family) -> "EvaluatedModel":
        """Puts a word recogniser in front: the baseline "+ WordRec" of the paper.

        Args:
            corrector: Corrects the words that the model then sees.
            task: The task.

        Returns:
            A model of the same labels; this one stays as it is.
        """
        return EvaluatedModel(
            f"{self.name} + WordRec",
            lambda examples: self.predict(task.corrected(examples, corrector)),
            self.labels,
        )
