"""Lists and arrays, as `fit` takes them, as rows and batches of a `tf.data.Dataset`."""

import numbers
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_BATCH_SIZE = 32
# Their rows cannot be matched with labels.
_NO_ROWS = Iterator | Set


def is_in_memory(x: Any) -> bool:
    """Tells whether `x` of `fit` is made of lists and arrays, not a dataset.

    Args:
        x: What was given.

    Returns:
        Whether `rows_of` takes it, or says what of it cannot be taken.

    Example:

    ```python
    is_in_memory(["a fine film"])
    ```
    """
    is_array = isinstance(x, tf.Tensor | tf.RaggedTensor) or hasattr(x, "__array__")
    return is_array or isinstance(x, list | tuple | Mapping | str | bytes | _NO_ROWS)


def batches(
    rows: tf.data.Dataset, batch_size: int | None = None, shuffle: bool = False
) -> tf.data.Dataset:
    """Puts rows together.

    Args:
        rows: What `rows_of` gave.
        batch_size: int. Defaults to 32.
        shuffle: bool. Whether each epoch has an order of its own, which depends on the
            seed of `keras.utils.set_random_seed` alone.

    Returns:
        The batches.

    Example:

    ```python
    batches(rows_of(["a fine film", "a borign film"], [1, 0]), shuffle=True)
    ```
    """
    if shuffle:
        rows = rows.shuffle(max(rows.cardinality().numpy(), 1))
    return rows.batch(batch_size or _BATCH_SIZE).prefetch(tf.data.AUTOTUNE)


def rows_of(x: Any, y: Any = None, sample_weight: Any = None) -> tf.data.Dataset:
    """Makes a dataset whose elements are single rows.

    Rows may be lists of different lengths, such as the words of sentences.

    Args:
        x: A list, an array or a tensor `(N, ...)`, or a tuple or dict of them, or of
            tuples.
        y: Labels, likewise.
        sample_weight: Weights `(N,)`.

    Returns:
        A dataset of `x`, `(x, y)` or `(x, y, sample_weight)` of known cardinality.

    Raises:
        ValueError: If they are not equally long, there are no rows or no batch axis, or
            a row is neither text nor numbers.

    Example:

    ```python
    rows_of([["EU", "rejects"], ["it"]], [["B-ORG", "O"], ["O"]])
    ```
    """
    tensors = [map_leaves(_with_rows, part) for part in (x, y, sample_weight)]
    counts = {
        int(leaf.shape[0])
        for leaf in tf.nest.flatten([part for part in tensors if part is not None])
    }
    if len(counts) > 1:
        raise ValueError(
            "`x`, `y` and `sample_weight` must be equally long, but they have "
            f"{', '.join(map(str, sorted(counts)))} rows."
        )
    if counts == {0}:
        raise ValueError("`x` is empty: there is nothing to train on or to predict.")
    packed = keras.utils.pack_x_y_sample_weight(*tensors)
    return tf.data.Dataset.from_tensor_slices(packed)


def map_leaves(function: Callable[[Any], Any], values: Any) -> Any:
    """Applies a function to what a tuple or a dict holds; what is in it are tensors.

    Args:
        function: What is applied.
        values: What holds the leaves, or one of them; `None` stays.

    Returns:
        The same structure.

    Example:

    ```python
    map_leaves(as_tensor, (["a question"], ["a context"]))
    ```
    """
    if values is None:
        return None
    if isinstance(values, Mapping):
        return {name: function(value) for name, value in values.items()}
    if isinstance(values, tuple):
        return tuple(map(function, values))
    return function(values)


def _with_rows(values: Any) -> tf.Tensor | tf.RaggedTensor:
    tensor = as_tensor(values)
    if not tensor.shape.rank:
        raise ValueError(
            "`x`, `y` and `sample_weight` must have a batch axis: put a single text "
            f"into a list. Received {values!r}."
        )
    return tensor


def as_tensor(values: Any) -> tf.Tensor | tf.RaggedTensor:
    """Makes a tensor of a list or an array, a ragged one of lists of any lengths.

    Args:
        values: What it is made of; `None` in a list stands for the empty string.

    Returns:
        The tensor; `values` themselves if they are one.

    Raises:
        ValueError: If they are neither text nor numbers, or some of both.

    Example:

    ```python
    as_tensor([["EU", "rejects"], ["it"]])  # a ragged tensor
    ```
    """
    if isinstance(values, tf.Tensor | tf.RaggedTensor):
        return values
    if isinstance(values, _NO_ROWS):
        raise ValueError(
            f"A {type(values).__name__} has no rows by number: make a list of it, or a "
            "tf.data.Dataset of batches."
        )
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if isinstance(values, np.ndarray) and values.dtype == object:
        values = list(values)
    if isinstance(values, list | tuple):
        values = ["" if value is None else value for value in values]
    try:
        return tf.convert_to_tensor(values)
    except (ValueError, TypeError):
        _check_kinds(values)
    return tf.ragged.constant([list(row) for row in values])


def _check_kinds(values: Any) -> None:
    """Refuses rows of which some are text and others are not, and rows of neither."""
    first = None
    for number, row in enumerate(values):
        for leaf in _leaves(row):
            kind = _kind(leaf)
            first = first or kind
            if kind != first or not kind:
                raise ValueError(
                    f"Row {number} has {leaf!r} where {first or 'text or a number'} is "
                    "wanted: all rows are text, or all are numbers. Leave rows without "
                    "a value out."
                )


def _kind(leaf: Any) -> str | None:
    if isinstance(leaf, str | bytes):
        return "text"
    return "a number" if isinstance(leaf, numbers.Number | np.generic) else None


def _leaves(row: Any) -> Iterator[Any]:
    if isinstance(row, list | tuple | np.ndarray):
        for part in row:
            yield from _leaves(part)
    else:
        yield row
