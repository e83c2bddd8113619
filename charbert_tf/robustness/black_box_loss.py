"""The losses of examples under models that are black boxes."""

from collections.abc import Callable, Sequence

import numpy as np

from charbert_tf.families.classification.classification import LabelledText
from charbert_tf.families.family import Family
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.evaluated_model import EvaluatedModel


class PredictionLoss:
    """How much of the prediction for an example is wrong, from 0 to 1.

    For a label it is 1 if it is wrong, as for several labels if one is; for a score it
    is how far off it is on a scale of 5; for a tagged sentence the share of the words
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


# The loss of what a classifier rules out stays finite.
_LEAST_PROBABILITY = 1e-12


class ProbabilityLoss:
    """The negative logarithm of the probability that the true label gets.

    The classifier is a black box: a SavedModel, a pipeline of another library, any
    Python function.

    Args:
        predict: Called with a list of texts, or of pairs `(text, text_pair)`; returns
            probabilities `(N, classes)`.
        labels: What the classes are called, in their order.

    Example:
        >>> def predict(texts):
        ...     share = np.array([text.count("i") / len(text) for text in texts])
        ...     return np.stack([1 - share, share], axis=1)
        >>> loss = ProbabilityLoss(predict, labels=["no", "yes"])
        >>> loss([LabelledText("hi", None, "yes", line=1)])
        array([0.69314718])
    """

    def __init__(
        self,
        predict: Callable[[list], Sequence[Sequence[float]]],
        labels: Sequence[str],
    ):
        self._predict = predict
        self._id_of = {label: id for id, label in enumerate(labels)}

    def __call__(self, examples: Sequence[LabelledText]) -> np.ndarray:
        """Computes the losses.

        Args:
            examples: Labelled texts.

        Returns:
            float64 `(N,)`.

        Raises:
            UserError: If a label is not among the classes, or if there is not a row
                of probabilities for each text.
        """
        true = [self._class_of(example) for example in examples]
        answer = self._predict(
            [
                of.text if of.text_pair is None else (of.text, of.text_pair)
                for of in examples
            ]
        )
        of_true = self._probabilities(answer, len(examples))[np.arange(len(true)), true]
        return -np.log(np.maximum(of_true, _LEAST_PROBABILITY))

    def _probabilities(self, answer: object, count: int) -> np.ndarray:
        """What the classifier, which is a user's, gave; refused if it is no table."""
        try:
            probabilities = np.asarray(answer, np.float64)
        except (TypeError, ValueError) as error:
            raise UserError(
                f"the classifier gives no table of numbers ({error}): return a row of "
                "probabilities for each text"
            ) from error
        classes = len(self._id_of)
        if probabilities.shape != (count, classes):
            raise UserError(
                f"the classifier gives probabilities of shape {probabilities.shape} "
                f"for {count} text(s) and {classes} classes: return a row for each "
                "text, in it a number for each class"
            )
        return probabilities

    def _class_of(self, example: LabelledText) -> int:
        if example.label not in self._id_of:
            raise UserError(
                f"line {example.line}: the label {example.label!r} is not among the "
                f"classes, {', '.join(self._id_of)}: name them as the file does"
            )
        return self._id_of[example.label]
