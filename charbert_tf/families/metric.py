"""Metric: what is counted of an example, and the scores of a sum of counts."""

import abc
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from charbert_tf.files.errors import UserError


class Metric(abc.ABC):
    """The scores of predictions, from counts that add up over examples.

    The scores of any choice of examples are those of the sum of their counts: so the
    scores of a file, a bootstrap and a test of significance need no more than these.

    A metric of yours, which `--metric=my_package.my_module:MyMetric` puts before those
    of the task, says with `num_counts` how many there are of an example.

    Example:
        >>> class LongestFirst(Metric):
        ...     num_counts = 2
        ...     def counts(self, examples, predictions, labels):
        ...         return np.array([[p == labels[-1], 1] for p in predictions], float)
        ...     def scores(self, sums):
        ...         return {"share_of_last": ratios(sums[..., 0], sums[..., 1])}
        >>> scores_of(LongestFirst(), [None, None], ["no", "yes"], ["no", "yes"])
        {'share_of_last': 0.5}
    """

    num_counts: ClassVar[int | None] = None
    """How many counts an example has, of a metric that others follow."""

    score_of_example: ClassVar[str | None] = None
    """Which score tells of a single example how much is right; by default the first."""

    right_if: str = "all of it is"
    """What makes a prediction right, as `are_right` tells it, for reports to say."""

    @abc.abstractmethod
    def counts(
        self, examples: Sequence, predictions: Sequence, labels: Sequence[str]
    ) -> np.ndarray:
        """Counts, for each example, what scores are made of.

        Args:
            examples: labelled examples.
            predictions: a prediction for each.
            labels: the labels that may be predicted; of two, the second is the
                positive one.

        Returns:
            float array `(N, K)`.

        Raises:
            UserError: if a prediction is none for its example.
        """

    @abc.abstractmethod
    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Gives the scores of sums of counts.

        Args:
            sums: float `(..., K)`.

        Returns:
            Arrays of shape `(...)`, in [0, 1], by the scores' names; not a number where
            a score is undefined, as `ratios` has it. The first is the one that models
            are compared by.
        """

    def reported_scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Gives the scores as they are told of a file: 0 where they are undefined.

        Args:
            sums: float `(..., K)`.

        Returns:
            Arrays of shape `(...)`, as `scores` gives them.
        """
        return {
            name: np.where(np.isnan(scores), 0.0, scores)
            for name, scores in self.scores(sums).items()
        }

    def scores_of_draws(
        self, sums: np.ndarray, of_all: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Gives the scores of draws of examples, such as a bootstrap's.

        A draw without any span, say, does not show that no span would be found.

        Args:
            sums: float `(B, ..., K)`, of each draw.
            of_all: float `(..., K)`, of the examples that are drawn from.

        Returns:
            Arrays of shape `(B, ...)` by the scores' names. Not a number where a draw
            leaves undefined what all examples define; 0, as `reported_scores`, where
            these do not either.
        """
        of_draws = self.scores(sums)
        # Scores of what few examples have may be missing in all draws.
        missing = np.full(sums.shape[:-1], np.nan)
        return {
            name: np.where(np.isnan(scores), 0.0, of_draws.get(name, missing))
            for name, scores in self.scores(of_all).items()
        }

    def are_right(self, counts: np.ndarray) -> np.ndarray:
        """Tells which predictions are right in every respect.

        Args:
            counts: as `counts` gives them, `(..., K)`.

        Returns:
            bool array `(...)`.
        """
        return self.scores_of_examples(counts) == 1

    def scores_of_examples(self, counts: np.ndarray) -> np.ndarray:
        """Tells how much of each prediction is right.

        Args:
            counts: as `counts` gives them, `(..., K)`.

        Returns:
            float array `(...)`, from 0 to 1.
        """
        scores = self.reported_scores(counts)
        return scores[self.score_of_example or next(iter(scores))]

    def further_scores(
        self, examples: Sequence, predictions: Sequence
    ) -> dict[str, float]:
        """Gives scores that are no sums over examples, if there are any.

        Args:
            examples: labelled examples.
            predictions: a prediction for each.

        Returns:
            The scores by their names.
        """
        return {}


class MetricBefore(Metric):
    """A metric of the user's, and after it that of the family.

    Args:
        first: the user's, by which models are compared.
        own: the family's.

    Raises:
        UserError: if the first does not say how many counts it has.
    """

    def __init__(self, first: Metric, own: Metric):
        if not isinstance(first.num_counts, int):
            raise UserError(
                f"the metric {type(first).__name__} has no num_counts: set it to the "
                "number of counts of an example"
            )
        self._first = first
        self._own = own
        self.right_if = own.right_if

    def counts(
        self, examples: Sequence, predictions: Sequence, labels: Sequence[str]
    ) -> np.ndarray:
        """Counts for both; see the base class."""
        first = np.asarray(self._first.counts(examples, predictions, labels), float)
        shape = len(examples), self._first.num_counts
        if first.shape != shape:
            raise UserError(
                f"the metric {type(self._first).__name__} gives counts of shape "
                f"{first.shape}, not {shape}: return {shape[1]} number(s) an example"
            )
        return np.hstack([first, self._own.counts(examples, predictions, labels)])

    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Gives the scores of both; see the base class."""
        split = self._first.num_counts
        first = self._first.scores(sums[..., :split])
        return _with_others(first, self._own.scores(sums[..., split:]))

    def scores_of_draws(
        self, sums: np.ndarray, of_all: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Gives those of both; see the base class."""
        split = self._first.num_counts
        return _with_others(
            self._first.scores_of_draws(sums[..., :split], of_all[..., :split]),
            self._own.scores_of_draws(sums[..., split:], of_all[..., split:]),
        )

    def are_right(self, counts: np.ndarray) -> np.ndarray:
        """Tells what the family's tells; see the base class."""
        return self._own.are_right(counts[..., self._first.num_counts :])

    def scores_of_examples(self, counts: np.ndarray) -> np.ndarray:
        """Tells what the family's tells; see the base class."""
        return self._own.scores_of_examples(counts[..., self._first.num_counts :])

    def further_scores(
        self, examples: Sequence, predictions: Sequence
    ) -> dict[str, float]:
        """Gives those of both; see the base class."""
        return self._first.further_scores(
            examples, predictions
        ) | self._own.further_scores(examples, predictions)


def _with_others(first: dict, own: dict) -> dict:
    return first | {name: own[name] for name in own if name not in first}


def scores_of(
    metric: Metric,
    examples: Sequence,
    predictions: Sequence,
    labels: Sequence[str],
) -> dict[str, float]:
    """Scores predictions.

    Args:
        metric: what to count.
        examples: labelled examples.
        predictions: a prediction for each.
        labels: the labels that may be predicted.

    Returns:
        The scores by their names; the first is the one that models are compared by.

    Raises:
        UserError: if a prediction is none for its example.

    Example:

    ```python
    scores_of(task.metric, examples, predictions, model.labels)
    ```
    """
    counts = metric.counts(examples, predictions, labels)
    scores = metric.reported_scores(counts.sum(axis=0))
    further = metric.further_scores(examples, predictions)
    return {name: float(score) for name, score in scores.items()} | further


def ratios(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    """Divides, element by element.

    Args:
        parts: numbers of any shape.
        wholes: numbers of the same shape.

    Returns:
        float array of this shape; not a number where the whole is 0.

    Example:
        >>> ratios(np.array([1, 0]), np.array([2, 0]))
        array([0.5, nan])
    """
    parts, wholes = np.asarray(parts, float), np.asarray(wholes, float)
    undefined = np.full_like(parts, np.nan)
    return np.divide(parts, wholes, out=undefined, where=wholes != 0)


def share(part: float, whole: float) -> float:
    """Divides counts.

    Args:
        part: how many there are of some kind.
        whole: how many there are.

    Returns:
        The share; 0 where there is nothing.

    Example:
        >>> share(1, 4), share(0, 0)
        (0.25, 0.0)
    """
    return float(part / whole) if whole else 0.0
