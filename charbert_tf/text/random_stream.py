"""Random numbers that depend on the example, not on what it is batched with."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.text.rows import row_positions

_GOLDEN_RATIO = 0x9E3779B97F4A7C15
_MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
# What a float32 in [0, 1) has room for.
_BITS = 24


def uniform(
    rows: tf.RaggedTensor,
    example_ids: tf.Tensor,
    seed: Sequence[int] | tf.Tensor,
    draws: int,
) -> tf.Tensor:
    """Draws numbers in [0, 1) for every value of a ragged tensor.

    TensorFlow's stateless generators take one key a call, which for many short rows
    means many calls. SplitMix64 is a few operations on integers, with a key for each
    value. Source: Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number
    generators", figure 17.

    Args:
        rows: ragged tensor `(B, values)`, of which only the shape matters.
        example_ids: int tensor `(B,)`.
        seed: Two ints, or an int tensor `(2,)`.
        draws: int. Numbers for each value.

    Returns:
        float32 tensor `(total values, draws)`. A row's numbers are a function of the
        seed and its example id alone; a longer row begins with a shorter one's.

    Example:

    ```python
    rows = tf.ragged.constant([[1, 2, 3], [4]])
    numbers = uniform(rows, tf.constant([7, 8]), seed=(1, 2), draws=2)  # (4, 2)
    ```
    """
    xor = tf.bitwise.bitwise_xor
    first, second = tf.unstack(tf.bitcast(tf.cast(seed, tf.int64), tf.uint64))
    keys = tf.bitcast(tf.cast(example_ids, tf.int64), tf.uint64)
    keys = _mix(xor(keys, _mix(xor(second, _mix(first)))))
    row, position = row_positions(rows)
    counter = position[:, None] * draws + tf.range(draws)
    step = tf.constant(_GOLDEN_RATIO, tf.uint64)
    bits = _mix(tf.gather(keys, row)[:, None] + tf.cast(counter, tf.uint64) * step)
    bits = tf.bitwise.right_shift(bits, tf.constant(64 - _BITS, tf.uint64))
    return tf.cast(tf.cast(bits, tf.int32), tf.float32) * 2.0**-_BITS


def index_below(draws: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Makes indices of numbers in [0, 1), each as likely as the others.

    Args:
        draws: float32 tensor, as `uniform` draws them.
        count: int tensor of the same shape, or a scalar.

    Returns:
        int32 tensor of indices from 0 to `count - 1`; 0 where `count` is 0.

    Example:

    ```python
    index_below(tf.constant([0.0, 0.5, 0.99]), tf.constant(2))  # [0, 1, 1]
    ```
    """
    count = tf.cast(tf.maximum(count, 1), tf.float32)
    return tf.cast(tf.minimum(draws * count, count - 1), tf.int32)


def _mix(value: tf.Tensor) -> tf.Tensor:
    """SplitMix64's output for a state: every bit of it depends on all of `value`."""
    value += tf.constant(_GOLDEN_RATIO, tf.uint64)
    for shift, multiplier in zip((30, 27), _MULTIPLIERS, strict=True):
        value = _xor_shifted(value, shift) * tf.constant(multiplier, tf.uint64)
    return _xor_shifted(value, 31)


def _xor_shifted(value: tf.Tensor, shift: int) -> tf.Tensor:
    shifted = tf.bitwise.right_shift(value, tf.constant(shift, tf.uint64))
    return tf.bitwise.bitwise_xor(value, shifted)
