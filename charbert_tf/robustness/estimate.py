"""Estimate: a number with its interval."""

import dataclasses

import numpy as np

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
