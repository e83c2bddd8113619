"""What chance does to scores: intervals, and whether models differ by more."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import numpy as np

_ROWS_OF_A_BLOCK = 100


class Bootstrap:
    """Draws as many examples as there are, with replacement, again and again.

    All sums are of the same draws, so that two models, or the clean and the attacked
    text, are compared on the same examples in each.

    Args:
        num_examples: int.
        resamples: int. How often to draw.
        seed: int. The same seed gives the same draws.

    Example:
        >>> bootstrap = Bootstrap(num_examples=4, resamples=2)
        >>> bootstrap.sums(np.ones((4, 1)))
        array([[4.],
               [4.]])
    """

    def __init__(self, num_examples: int, resamples: int = 2000, seed: int = 0):
        random = np.random.default_rng(seed)
        shares = np.full(num_examples, 1 / num_examples)
        # How often each example is drawn; small numbers, a row for each resample.
        self._weights = np.concatenate(
            [
                random.multinomial(num_examples, shares, size=size).astype(np.uint16)
                for size in _block_sizes(resamples)
            ]
        )

    def sums(self, counts: np.ndarray) -> np.ndarray:
        """Sums the counts of the examples of each resample.

        Args:
            counts: float (N, ...), a row for each example.

        Returns:
            float (B, ...).
        """
        rows = counts.reshape(len(counts), -1)
        blocks = np.array_split(self._weights, len(_block_sizes(len(self._weights))))
        sums = np.concatenate([block.astype(float) @ rows for block in blocks])
        return sums.reshape(len(sums), *counts.shape[1:])


def _block_sizes(rows: int) -> list[int]:
    return [
        min(_ROWS_OF_A_BLOCK, rows - start)
        for start in range(0, rows, _ROWS_OF_A_BLOCK)
    ]


_LEVEL = 0.95


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval.

    Args:
        value: the number.
        low: where the interval begins.
        high: where it ends.

    Example:
        >>> print(Estimate(0.912, 0.9, 0.924))
        91.2 [90.0, 92.4]
    """

    value: float
    low: float
    high: float

    @classmethod
    def of_samples(cls, value: float, samples: np.ndarray) -> "Estimate":
        """Takes the percentiles of a bootstrap's samples (Efron, 1979) as interval.

        Args:
            value: what all examples give.
            samples: float (B,), what each resample gives; those that leave it
                undefined, which are not a number, are left out.

        Returns:
            The value with its interval.
        """
        defined = samples[~np.isnan(samples)]
        if not defined.size:
            return cls(float(value), float(value), float(value))
        tail = (1 - _LEVEL) / 2
        low, high = np.quantile(defined, [tail, 1 - tail])
        return cls(float(value), float(low), float(high))

    def __str__(self) -> str:
        low, high = (f"{100 * end:z.1f}" for end in (self.low, self.high))
        return f"{100 * self.value:z.1f} [{low}, {high}]"


_ROUNDS_OF_A_BLOCK = 100
# Differences that are equal but for rounding count as equal.
_ROUNDING = 1e-9


def pairwise_p_values(
    counts: Sequence[np.ndarray],
    score: Callable[[np.ndarray], np.ndarray],
    rounds: int = 2000,
    seed: int = 0,
) -> dict[tuple[int, int], float]:
    """Tests by approximate randomisation which two models' scores differ.

    If two models were alike, it would not matter which of them gave which prediction:
    in each round the two exchange their predictions of an example, or not, at random,
    for all examples (Noreen, 1989; Yeh, 2000, https://aclanthology.org/C00-2137). An
    example's predictions under several attack seeds are exchanged together, for they
    are not independent.

    The score must be a number in every round: what is undefined, such as the precision
    of a model that predicts nothing, counts as it does where the scores are told, as 0.
    The test is exact for whatever is computed of the predictions, as long as it is the
    same in each round.

    All pairs exchange the same examples in a round. So these are drawn and summed once
    for each model, which takes nearly all of the time, and not for each pair.

    Args:
        counts: float (N, S, K), of each model, for each example and seed.
        score: takes sums (..., S, K), gives scores (...).
        rounds: how often to exchange.
        seed: the same seed gives the same exchanges.

    Returns:
        The p-values by the indices of the two models, the smaller one first: the share
        of rounds, the given predictions counted as one, in which the scores differ at
        least as much as they do, two-sided; at least 1 / (rounds + 1).

    Example:
        >>> right, wrong = np.ones((20, 1, 1)), np.zeros((20, 1, 1))
        >>> values = pairwise_p_values(
        ...     [right, wrong, right], lambda sums: sums[..., 0, 0] / 20
        ... )
        >>> [pair for pair, value in values.items() if value < 0.001]
        [(0, 1), (1, 2)]
    """
    sums = [of_model.sum(axis=0) for of_model in counts]
    pairs = list(itertools.combinations(range(len(counts)), 2))
    observed = {(i, j): abs(score(sums[i]) - score(sums[j])) for i, j in pairs}
    at_least = dict.fromkeys(pairs, 1)
    random = np.random.default_rng(seed)
    for start in range(0, rounds, _ROUNDS_OF_A_BLOCK):
        size = min(_ROUNDS_OF_A_BLOCK, rounds - start)
        exchanged = random.integers(2, size=(size, len(counts[0]))).astype(float)
        given = [_weighted_sums(exchanged, of_model) for of_model in counts]
        for i, j in pairs:
            moved = given[j] - given[i]
            found = abs(score(sums[i] + moved) - score(sums[j] - moved))
            at_least[i, j] += int((found >= observed[i, j] - _ROUNDING).sum())
    return {pair: count / (rounds + 1) for pair, count in at_least.items()}


def _weighted_sums(weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    sums = weights @ counts.reshape(len(counts), -1)
    return sums.reshape(len(weights), *counts.shape[1:])
