"""ClassificationMetric: accuracy, F1 and Matthews correlation of classes."""

from collections.abc import Sequence

import numpy as np

from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.metric import Metric, ratios
from charbert_tf.files.errors import UserError


class ClassificationMetric(Metric):
    """Accuracy, F1 (of two labels) and Matthews correlation.

    Args:
        first: which of these comes first.

    Example:
        >>> examples = [LabelledText("good", None, "1", 2)]
        >>> counts = ClassificationMetric().counts(examples, ["1"], ["0", "1"])
        >>> ClassificationMetric("f1").scores(counts.sum(axis=0))["f1"]
        array(1.)
    """

    score_of_example = "accuracy"
    right_if = "its label is"

    def __init__(self, first: str = "accuracy"):
        self._first = first

    def counts(
        self,
        examples: Sequence[LabelledText],
        predictions: Sequence[str],
        labels: Sequence[str],
    ) -> np.ndarray:
        """Counts right answers and classes, `(N, 1 + 2 L)`; see the base class."""
        true = [example.label for example in examples]
        return classification_counts(true, predictions, labels)

    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns all of them, the first one first; see the base class."""
        scores = classification_scores_of_counts(sums)
        return {self._first: scores[self._first]} | scores


def classification_counts(
    true: Sequence[str], predicted: Sequence[str], labels: Sequence[str]
) -> np.ndarray:
    """Counts right predictions, true and predicted classes.

    Args:
        true: the true class of each example.
        predicted: the predicted one.
        labels: all classes, in order.

    Returns:
        float array (N, 1 + 2 L): whether it is right, then which of the L classes is
        the true one, then which one is predicted.

    Raises:
        UserError: if a class is none of the labels.

    Example:
        >>> classification_counts(["a", "b"], ["a", "a"], ["a", "b"])
        array([[1., 1., 0., 1., 0.],
               [0., 0., 1., 1., 0.]])
    """
    identity = np.eye(len(labels))
    id_of = {label: id for id, label in enumerate(labels)}
    for name in (*true, *predicted):
        # What a user's model gives may be anything, such as the dict of a pipeline.
        if not isinstance(name, str) or name not in id_of:
            raise UserError(
                f"the label {name!r} is none of {', '.join(map(repr, labels))}: name "
                "all labels that a model may predict"
            )
    true_ids = [id_of[name] for name in true]
    predicted_ids = [id_of[name] for name in predicted]
    right = np.equal(true_ids, predicted_ids)
    return np.hstack([right[:, None], identity[true_ids], identity[predicted_ids]])


def classification_scores_of_counts(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Gives the scores of summed `classification_counts`.

    Args:
        sums: float (..., 1 + 2 L).

    Returns:
        `accuracy`; `f1` of the second class, if there are two; and
        `matthews_correlation` (Gorodkin, 2004), all of shape (...). F1 and correlation
        are not a number where they are not defined.

    Example:
        >>> sums = classification_counts("aabb", "abbb", "ab").sum(axis=0)
        >>> classification_scores_of_counts(sums)["f1"]
        array(0.8)
    """
    right, classes = sums[..., 0], sums[..., 1:]
    true, predicted = np.split(classes, 2, axis=-1)
    count = true.sum(axis=-1)
    scores = {"accuracy": ratios(right, count)}
    if true.shape[-1] == 2:
        both = true[..., 1] + predicted[..., 1]
        # Right are the true positives and the true negatives, of which there are
        # count - both + (true positives).
        scores["f1"] = ratios(right - count + both, both)
    covariance = right * count - (true * predicted).sum(axis=-1)
    variances = [count**2 - (of**2).sum(axis=-1) for of in (true, predicted)]
    scores["matthews_correlation"] = ratios(
        covariance, np.sqrt(variances[0] * variances[1])
    )
    return scores
