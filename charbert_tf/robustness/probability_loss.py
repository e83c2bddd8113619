"""ProbabilityLoss: the loss of each text under anything that gives probabilities."""

from collections.abc import Callable, Sequence

import numpy as np

from charbert_tf.families.classification.classification import LabelledText
from charbert_tf.files.errors import UserError

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
