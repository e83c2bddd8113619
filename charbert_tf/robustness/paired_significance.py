"""paired_p_value: whether two models differ by more than chance."""

from collections.abc import Callable

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
    sums = first.sum(axis=0), second.sum(axis=0)
    differences = (second - first).reshape(len(first), -1)
    observed = abs(score(sums[0]) - score(sums[1]))
    random = np.random.default_rng(seed)
    at_least = 1
    for start in range(0, rounds, _ROUNDS_OF_A_BLOCK):
        size = min(_ROUNDS_OF_A_BLOCK, rounds - start)
        exchanged = random.integers(2, size=(size, len(first))).astype(float)
        moved = (exchanged @ differences).reshape(size, *first.shape[1:])
        found = abs(score(sums[0] + moved) - score(sums[1] - moved))
        at_least += int((found >= observed - _ROUNDING).sum())
    return at_least / (rounds + 1)
