"""ClassificationTask: a label for a text or a pair of texts."""

from collections.abc import Mapping, Sequence

import numpy as np

from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    check_labels,
    label_names,
    refuse_numbers,
    refuse_texts,
)
from charbert_tf.families.classification.text_task import TextTask
from charbert_tf.families.metric import Metric, ratios
from charbert_tf.files.errors import UserError

_METRICS = ("accuracy", "f1", "matthews_correlation")


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


class ClassificationTask(TextTask):
    """Text classification on TSV files (CharBERT, section 4.1).

    Args:
        text_column: Name or number (from 0) of the text's column.
        label_column: Name or number of the label's.
        text_pair_column: Name or number of the second text's, if there is one.
        header: bool. Whether the files begin with the columns' names.
        skips_short_rows: bool. Whether rows that lack columns are left out.
        metric: The score that comes first, by which models are compared: `"accuracy"`,
            `"f1"` (of the second of two labels) or `"matthews_correlation"`.
        labels: All labels of the data set, in order. By default they are those that a
            training file has, sorted.
        test_columns: The columns of files without labels, by the names of the arguments
            above. By default they are the texts' columns of the others.
        long_texts: What is done with texts that are too long, `"cut"` or `"windows"`,
            as `ClassificationHead` takes it.

    Raises:
        ValueError: If there is no such metric, or `long_texts` is neither.

    Example:

    ```python
    task = ClassificationTask("sentence", "label")
    examples = task.read("train.tsv")
    ```
    """

    def __init__(
        self,
        text_column: str | int,
        label_column: str | int,
        text_pair_column: str | int | None = None,
        header: bool = True,
        skips_short_rows: bool = False,
        metric: str = "accuracy",
        labels: Sequence[str] | None = None,
        test_columns: Mapping[str, str | int | bool] | None = None,
        long_texts: str = "cut",
    ):
        if metric not in _METRICS:
            raise ValueError(f"The metric is one of {_METRICS}, not {metric!r}.")
        super().__init__(
            text_column,
            label_column,
            text_pair_column,
            header,
            skips_short_rows,
            test_columns,
            long_texts,
            metric=ClassificationMetric(metric),
        )
        self._metric = metric
        self._labels = None if labels is None else list(labels)

    def labels(self, examples: Sequence[LabelledText], path: str) -> list[str]:
        """Returns the data set's labels, or the file's, sorted; see the base class."""
        if self._labels is not None:
            self.check(examples, self._labels, path)
        refuse_numbers(examples, path)
        refuse_texts(examples, path)
        labels = label_names(examples)
        if len(labels) < 2:
            raise UserError(
                f"has the single label {labels[0]!r}: give a file with two or more",
                path,
            )
        if self._metric == "f1" and len(labels) > 2:
            raise UserError(
                f"has {len(labels)} labels, {', '.join(labels)}, and F1 is of two: "
                "correct them",
                path,
            )
        return labels if self._labels is None else list(self._labels)

    def check(
        self, examples: Sequence[LabelledText], labels: Sequence[str], path: str
    ) -> None:
        """Refuses labels that the model does not know; see the base class."""
        check_labels(examples, labels, path, list(labels) == self._labels)
