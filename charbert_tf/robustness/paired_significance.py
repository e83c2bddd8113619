"""Whether models differ by more than chance: two of them, or all pairs of several."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

_ROUNDS_OF_A_BLOCK = 100
# Differences that are equal but for rounding count as equal.
_ROUNDING = 1e-9


def paired_p_value(
    first: np.ndarray,
    second: np.ndarray,
    score: Callable[[np.ndarray], np.ndarray],
    rounds: int = 2000,
    seed: int = 0,
) -> float:
    """Tests by approximate randomisation whether two models' scores differ.

    If the two models were alike, it would not matter which of them gave which
    prediction: in each round the two exchange their predictions of an example, or not,
    at random, for all examples (Noreen, 1989; Yeh, 2000,
    https://aclanthology.org/C00-2137). An example's predictions under several attack
    seeds are exchanged together, for they are not independent.

    Args:
        first: float (N, S, K), counts of the first model for each example and seed.
        second: float (N, S, K), those of the second one.
        score: takes sums (..., S, K), gives scores (...).
        rounds: how often to exchange.
        seed: the same seed gives the same exchanges.

    Returns:
        The share of rounds, the given predictions counted as one, in which the scores
        differ at least as much as they do: two-sided, at least 1 / (rounds + 1).

    Example:
        >>> right, wrong = np.ones((20, 1, 1)), np.zeros((20, 1, 1))
        >>> mean = lambda sums: sums[..., 0, 0] / 20
        >>> paired_p_value(right, wrong, mean) < 0.001
        True
        >>> paired_p_value(right, right, mean)
        1.0
    """
    return pairwise_p_values([first, second], score, rounds, seed)[0, 1]


def pairwise_p_values(
    counts: Sequence[np.ndarray],
    score: Callable[[np.ndarray], np.ndarray],
    rounds: int = 2000,
    seed: int = 0,
) -> dict[tuple[int, int], float]:
    """Tests each two of several models as `paired_p_value` does.

    All pairs exchange the same examples in a round. So these are drawn and summed once
    for each model, which takes nearly all of the time, and not for each pair.

    Args:
        counts: float (N, S, K), as for `paired_p_value`, of each model.
        score: takes sums (..., S, K), gives scores (...).
        rounds: how often to exchange.
        seed: the same seed gives the same exchanges.

    Returns:
        The p-values by the indices of the two models, the smaller one first.

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
