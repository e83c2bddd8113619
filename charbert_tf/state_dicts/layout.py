"""Layout: how a PyTorch layer's tensors lie in the weight of a Keras layer."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np


class Layout(NamedTuple):
    """Two functions that undo each other, to the bit.

    Attributes:
        to_weight: Makes a weight of a shape from tensors.
        to_tensors: Makes the tensors from a weight.
    """

    to_weight: Callable[[Sequence[np.ndarray], Sequence[int]], np.ndarray]
    to_tensors: Callable[[np.ndarray], list[np.ndarray]]


def _of_one(
    to_weight: Callable[[np.ndarray], np.ndarray],
    to_tensor: Callable[[np.ndarray], np.ndarray],
) -> Layout:
    """A layout of one tensor; the weight has the same numbers, maybe in more axes."""
    return Layout(
        lambda tensors, shape: to_weight(tensors[0]).reshape(shape),
        lambda weight: [to_tensor(weight)],
    )


def _reorder_gates(tensor: np.ndarray) -> np.ndarray:
    """Exchanges PyTorch's order reset, update, new and Keras's update, reset, new."""
    first, second, new = np.split(tensor, 3, axis=0)
    return np.concatenate([second, first, new])


SAME = _of_one(lambda tensor: tensor, lambda weight: weight)
"""Embeddings, biases and layer norms."""

DENSE = _of_one(np.transpose, np.transpose)
"""A dense layer's kernel."""

HEADS_KERNEL = _of_one(np.transpose, lambda weight: weight.reshape(len(weight), -1).T)
"""Attention's projection to queries, keys or values: `(hidden_dim, heads, size)`."""

HEADS_BIAS = _of_one(lambda tensor: tensor, np.ravel)
"""Its bias, `(heads, size)`."""

FROM_HEADS_KERNEL = _of_one(
    np.transpose, lambda weight: weight.reshape(-1, weight.shape[-1]).T
)
"""Attention's output projection, `(heads, size, hidden_dim)`."""

CONVOLUTION = _of_one(
    lambda tensor: tensor.transpose(2, 1, 0), lambda weight: weight.transpose(2, 1, 0)
)
"""A one-dimensional convolution's kernel, `(width, inputs, filters)`."""

GRU_KERNEL = _of_one(
    lambda tensor: _reorder_gates(tensor).T, lambda weight: _reorder_gates(weight.T)
)
"""A GRU's kernel of inputs or of states, `(inputs, 3 * units)`."""

GRU_BIAS = Layout(
    lambda tensors, shape: np.stack([_reorder_gates(t) for t in tensors]),
    lambda weight: [_reorder_gates(row) for row in weight],
)
"""The biases of inputs and of states, `(2, 3 * units)`, with `reset_after=True`."""
