"""Dropout, whose random numbers cost no memory where XLA compiles it."""

import keras
import tensorflow as tf

from charbert_tf.graphs.local_graph import is_compiled

# The constants of lowbias32, a mixing function of 32 bits whose output bits each depend
# on all input bits (Wellons, 2018, https://nullprogram.com/blog/2018/07/31/).
_MIXING = ((16, 0x7FEB352D), (15, 0x846CA68B), (16, None))


def dropout(
    layer: keras.layers.Dropout, inputs: tf.Tensor, training: bool | None
) -> tf.Tensor:
    """Computes a dropout layer, with other random numbers where XLA compiles it.

    There a number is a function of the layer's seed and of the element's place alone:
    it is computed where it is needed, forward and backward, instead of being stored,
    which for the attention's shares takes more memory than they do.

    Args:
        layer: The layer.
        inputs: float tensor.
        training: bool. Whether anything is dropped.

    Returns:
        float tensor of the same shape: a share of the inputs set to zero, the others
        scaled up.

    Example:

    ```python
    dropped = dropout(keras.layers.Dropout(0.1), vectors, training=True)
    ```
    """
    if not (training and layer.rate and is_compiled()):
        return layer(inputs, training=training)
    seed = tf.bitcast(tf.cast(layer.seed_generator.next(), tf.int32), tf.uint32)
    is_kept = tf.reshape(
        _random_bits(tf.size(inputs), seed) >= int(layer.rate * 2**32),
        tf.shape(inputs),
    )
    return tf.where(is_kept, inputs / (1 - layer.rate), tf.zeros_like(inputs))


def _random_bits(count, seed):
    """As many uint32, a function of two seeds and their index."""
    index = tf.bitcast(tf.range(count), tf.uint32)
    return _mix(_mix(index + _mix(seed[0])) ^ _mix(seed[1]))


def _mix(bits):
    for shift, factor in _MIXING:
        bits ^= tf.bitwise.right_shift(bits, tf.constant(shift, tf.uint32))
        if factor is not None:
            bits *= tf.constant(factor, tf.uint32)
    return bits
