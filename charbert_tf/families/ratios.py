"""Shares that are 0 where there is nothing to count."""

import numpy as np


def ratios(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    """Divides, element by element.

    Args:
        parts: numbers of any shape.
        wholes: numbers of the same shape.

    Returns:
        float array of this shape; 0 where the whole is 0.

    Example:
        >>> ratios(np.array([1, 0]), np.array([2, 0]))
        array([0.5, 0. ])
    """
    parts, wholes = np.asarray(parts, float), np.asarray(wholes, float)
    return np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes != 0)
