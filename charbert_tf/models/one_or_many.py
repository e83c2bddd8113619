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
            is_one = _rank(x) == rank
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


def _rank(values: Any) -> int | None:
    """The axes of the first of the texts, if that can be told."""
    if isinstance(values, Mapping):
        values = tuple(values.values())
    if isinstance(values, tuple):
        return _rank(values[0]) if values else None
    if isinstance(values, str | bytes):
        return 0
    if isinstance(values, list):
        within = _rank(values[0]) if values else None
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
