"""EvaluatedModel: whatever predicts, by a name."""

import dataclasses
import functools
from collections.abc import Callable, Sequence

from charbert_tf.errors import UserError
from charbert_tf.export.served_model import ServedModel
from charbert_tf.models.word_corrector import WordCorrector
from charbert_tf.tasks.fine_tuning_task import FineTuningTask


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

    @classmethod
    def from_folder(
        cls, name: str, folder: str, task: FineTuningTask, examples: Sequence, path: str
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
            if task.served_output not in served.output_names:
                raise UserError(
                    f"the exported model returns no {task.served_output!r}: name one "
                    "of this task",
                    folder,
                )
            labels = task.served_labels(served, examples, path)
            predict = functools.partial(task.predict_served, served)
        else:
            model = task.load_model(folder)
            labels = model.labels
            predict = functools.partial(task.predict, model)
        task.check(examples, labels, path)
        return cls(name, predict, labels)

    def behind(
        self, corrector: WordCorrector, task: FineTuningTask
    ) -> "EvaluatedModel":
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
