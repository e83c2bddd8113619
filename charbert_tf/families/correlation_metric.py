"""CorrelationMetric: how predicted numbers go together with the true ones.

Pearson's correlation is made of sums over examples, so the scores of any choice of
examples are exact. Spearman's is Pearson's of ranks, and an example's rank depends on
the others: it is that among all examples that were predicted together. So Spearman's
correlation of a file is exact, and that of a bootstrap's draw is of the ranks in the
file: its intervals are as wide, to a few percent, as with ranks anew for each draw.
"""

from collections.abc import Sequence

import numpy as np

from charbert_tf.families.metric import Metric, ratios
from charbert_tf.files.errors import UserError

_NAMES = ("pearson", "spearman")
# A prediction is right if it is not further off than this share of the scale.
_RIGHT = 0.1
# What is left of a variance that is none, next to the squares that it is made of.
_ROUNDING = 1e-12
# Columns of the counts: of each correlation the two numbers and their products.
_OF_A_CORRELATION = 5


class CorrelationMetric(Metric):
    """Pearson's and Spearman's correlation, as GLUE scores STS-B.

    Args:
        first: which of them comes first, `"pearson"` or `"spearman"`.
        scale: how far the lowest and the highest true number are apart: a prediction
            counts as right where it is off by a tenth of it at most.

    Raises:
        ValueError: if there is no such correlation, or the scale is not above 0.

    An example's `label` is the true number, its prediction a number too. A correlation
    is not defined of predictions that are all the same.

    Example:
        >>> from types import SimpleNamespace
        >>> examples = [SimpleNamespace(label=label) for label in (1.0, 2.0, 4.0)]
        >>> metric = CorrelationMetric()
        >>> sums = metric.counts(examples, [1.0, 2.0, 9.0], []).sum(axis=0)
        >>> {name: round(float(s), 3) for name, s in metric.scores(sums).items()}
        {'pearson': 0.976, 'spearman': 1.0}
    """

    num_counts = 3 + 2 * _OF_A_CORRELATION

    def __init__(self, first: str = "pearson", scale: float = 5.0):
        if first not in _NAMES:
            raise ValueError(f"The first score is one of {_NAMES}, not {first!r}.")
        if not scale > 0:
            raise ValueError(f"The scale is above 0, not {scale}.")
        self._names = sorted(_NAMES, key=lambda name: name != first)
        self._scale = scale
        self.right_if = f"it is off by no more than {_RIGHT * scale:g}"

    def counts(
        self,
        examples: Sequence,
        predictions: Sequence[float],
        labels: Sequence[str],
    ) -> np.ndarray:
        """Counts one, closeness, whether it is right, and products; see the base class.

        Args:
            examples: examples whose `label` is a number.
            predictions: a number for each.
            labels: unused: there are no classes.

        Returns:
            float array `(N, 13)`.

        Raises:
            UserError: if a prediction is no finite number.
        """
        true = np.array([example.label for example in examples], float)
        predicted = np.array([_number(value) for value in predictions])
        errors = np.abs(predicted - true) / self._scale
        # Off-by rounding: 2.3 - 1.8 is not to be further than 0.5.
        right = errors <= _RIGHT + _ROUNDING
        # Sums of products lose digits to a mean that is far from 0. It is that of the
        # true numbers, for models that are compared exchange their predictions.
        centre = true.mean() if len(true) else 0.0
        ranks = _ranks(true), _ranks(predicted)
        return np.column_stack(
            [
                *(np.ones(len(true)), np.maximum(1 - errors, 0), right),
                *_products(true - centre, predicted - centre),
                *_products(*ranks),
            ]
        )

    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns both correlations, in [-1, 1]; see the base class."""
        count = sums[..., 0]
        products = dict(
            zip(_NAMES, np.split(sums[..., 3:], len(_NAMES), axis=-1), strict=True)
        )
        return {name: _correlation(count, products[name]) for name in self._names}

    def are_right(self, counts: np.ndarray) -> np.ndarray:
        """Tells which are off by a tenth of the scale at most; see the base class."""
        return counts[..., 2] == 1

    def scores_of_examples(self, counts: np.ndarray) -> np.ndarray:
        """Tells how near each is, 1 where it is the same; see the base class."""
        return counts[..., 1]


def _number(value: object) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise UserError(
            f"the prediction {value!r} is no number: give one for each example"
        )
    return number


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from the middle one as 0; equal values share the mean of theirs."""
    _, of_value, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means = last - (counts - 1) / 2
    return means[of_value] - (len(values) + 1) / 2


def _products(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, ...]:
    return first, second, first * first, second * second, first * second


def _correlation(count: np.ndarray, sums: np.ndarray) -> np.ndarray:
    first, second, first_squares, second_squares, products = np.moveaxis(sums, -1, 0)
    variances = [
        _variance(count * squares, of**2)
        for of, squares in ((first, first_squares), (second, second_squares))
    ]
    covariance = count * products - first * second
    return ratios(covariance, np.sqrt(variances[0] * variances[1]))


def _variance(squares: np.ndarray, square: np.ndarray) -> np.ndarray:
    """That of numbers that are all the same is 0 whatever rounding leaves of it."""
    variance = squares - square
    return np.where(variance <= _ROUNDING * squares, 0.0, variance)
