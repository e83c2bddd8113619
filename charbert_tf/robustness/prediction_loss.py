"""PredictionLoss: how wrong the predictions of any model are, example by example."""

from collections.abc import Sequence

import numpy as np

from charbert_tf.families.family import Family
from charbert_tf.robustness.evaluated_model import EvaluatedModel


class PredictionLoss:
    """How much of the prediction for an example is wrong, from 0 to 1.

    For a label it is 1 if it is wrong, for a tagged sentence the share of the words
    whose tag is wrong, for an answer 1 - F1. The model is a black box, a preset, a
    SavedModel or any Python function, that need not tell how sure it is. What is told
    by a `ModelLoss` or a `ProbabilityLoss` is finer: here an edit that makes a model
    less sure and no more is as good as none.

    Args:
        task: The family of tasks.
        model: What predicts.

    Attributes:
        queries: int. How many examples it has scored.

    Example:
        >>> from charbert_tf.families.tagging.tagging import TaggedSentence
        >>> from charbert_tf.families.tagging.tagging_task import TaggingTask
        >>> def predict(sentences):
        ...     return [["O"] * len(sentence.words) for sentence in sentences]
        >>> model = EvaluatedModel("nothing", predict, labels=["O", "B-LOC"])
        >>> loss = PredictionLoss(TaggingTask(), model)
        >>> loss([TaggedSentence(("Rome", "wins"), ("B-LOC", "O"), line=1)])
        array([0.5])
    """

    def __init__(self, task: Family, model: EvaluatedModel):
        self._task = task
        self._model = model
        self.queries = 0

    def __call__(self, examples: Sequence) -> np.ndarray:
        """Computes the losses.

        Args:
            examples: Labelled examples of the task.

        Returns:
            float64 `(N,)`.

        Raises:
            UserError: If a class, true or predicted, is none of the model's labels, or
                if there is not a prediction for each example, for each word of a
                sentence a tag.
        """
        self.queries += len(examples)
        predictions = self._model.predictions(examples)
        counts = self._model.score_counts(
            self._task, examples, predictions, self._model.labels
        )
        return 1 - self._task.metric.scores_of_examples(counts)
