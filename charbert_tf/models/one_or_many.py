"""takes_one_or_many: preprocessors take a batch, or one example without its axis."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from charbert_tf.third_party_internals import in_grain_pipeline


def takes_one_or_many(rank: int = 0) -> Callable[[Callable], Callable]:
    """Lets a preprocessor's `call`, which makes features of a batch, take one example.

    So a preprocessor maps over a `tf.data.Dataset` before it is batched or after, as
    keras-hub's do. Inside of a pipeline of grain, which hands its elements from process
    to process, what it makes are NumPy's arrays.

    A tuple or a dict holds the parts of an example, or a batch of each of them, if the
    preprocessor `has_parts`; inside of one, and else, a tuple is a list.

    Args:
        rank: int. How many axes one example has: 0 for a text, 1 for a list of words.

    Returns:
        A decorator of `call(self, x, y=None, sample_weight=None)`.

    Example:

    ```python
    class MyPreprocessor(CharBertPreprocessor):
        @takes_one_or_many()
        def call(self, x, y=None, sample_weight=None):
            return self.features([self.subword_tokenizer(x)])
    ```
    """

    def decorate(call):
        @functools.wraps(call)
        def call_with_either(self, x, y=None, sample_weight=None):
            if not self.has_parts:
                x, y = as_list(x), as_list(y)
            is_one = _rank(_first_part(x)) == rank
            if is_one:
                x, y, sample_weight = map(_as_batch, (x, y, sample_weight))
            made = call(self, x, y, sample_weight)
            if is_one:
                made = tf.nest.map_structure(lambda values: values[0], made)
            if in_grain_pipeline():
                made = tf.nest.map_structure(_as_numpy, made)
            return made

        return call_with_either

    return decorate


def as_list(values: Any) -> Any:
    """Makes a list of a tuple.

    Args:
        values: A tuple, or anything else; one with names is no list of examples.

    Returns:
        The list, or what it is.

    Example:
        >>> as_list(("a", "b")), as_list("ab")
        (['a', 'b'], 'ab')
    """
    return list(values) if type(values) is tuple else values


def _first_part(x: Any) -> Any:
    """What tells whether there is a batch axis: the first text of a pair, and so on."""
    parts = tuple(x.values()) if isinstance(x, Mapping) else x
    return parts[0] if isinstance(parts, tuple) and parts else parts


def _rank(values: Any) -> int | None:
    """The axes of texts, if that can be told."""
    if isinstance(values, str | bytes):
        return 0
    # An array of objects, such as lists of words, is a list.
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    if isinstance(values, list | tuple) or kind == "O":
        within = _rank(next(iter(values), None))
        return None if within is None else 1 + within
    shape = getattr(values, "shape", None)
    return None if shape is None else tf.TensorShape(shape).rank


def _as_batch(values: Any) -> Any:
    if values is None:
        return None
    if isinstance(values, Mapping):
        return {name: _as_batch(value) for name, value in values.items()}
    if isinstance(values, tuple):
        return tuple(map(_as_batch, values))
    return tf.expand_dims(values, 0)


def _as_numpy(values: Any) -> Any:
    return values.numpy() if isinstance(values, tf.Tensor) else np.asarray(values)
