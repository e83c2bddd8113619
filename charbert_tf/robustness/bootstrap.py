"""Bootstrap: resamples of the examples as sums of their counts, and intervals."""

import dataclasses

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
