"""cuDNN's bidirectional GRU, in float32."""

from collections.abc import Sequence

import tensorflow as tf


def cudnn_gru(
    inputs: tf.Tensor, lengths: tf.Tensor, directions: Sequence[Sequence[tf.Tensor]]
) -> tf.Tensor:
    """Runs a GRU forwards and backwards over sequences, on a GPU.

    One call of cuDNN for both directions, which then run side by side; it knows the
    sequences' lengths, so nothing is reversed. Inputs, states and sums are float32
    (the factors of its products are TensorFloat-32 unless that is turned off): in
    bfloat16, whose states lose what a step adds, training diverges.

    Args:
        inputs: float32 tensor `(C, B, features)`.
        lengths: int32 tensor `(B,)`, at least 1: the backward direction begins at a
            sequence's last step.
        directions: For the forward and the backward direction the kernel
            `(features, 3 * units)`, the recurrent kernel `(units, 3 * units)` and the
            bias `(2, 3 * units)` of a `keras.layers.GRU(reset_after=True)`, float32.

    Returns:
        float32 tensor `(C, B, 2 * units)`: the states of both directions at each step,
        zeros after a sequence's end.

    Example:

    ```python
    states = cudnn_gru(inputs, lengths, (forward_weights, backward_weights))
    ```
    """
    units = directions[0][1].shape[0]
    outputs, *_ = tf.raw_ops.CudnnRNNV3(
        input=inputs,
        input_h=tf.zeros([2, tf.shape(inputs)[1], units]),
        input_c=tf.zeros([]),
        params=cudnn_parameters(directions),
        sequence_lengths=lengths,
        rnn_mode="gru",
        direction="bidirectional",
        is_training=True,
        time_major=True,
    )
    return tf.ensure_shape(outputs, [*inputs.shape[:2], 2 * units])


def cudnn_parameters(directions: Sequence[Sequence[tf.Tensor]]) -> tf.Tensor:
    """Lays Keras's weights out as cuDNN has them.

    Args:
        directions: As `cudnn_gru` takes them.

    Returns:
        float32 vector: of each direction the transposed kernels and recurrent kernels
        of reset, update and new; then likewise the biases.
    """
    matrices, biases = [], []
    for kernel, recurrent_kernel, bias in directions:
        for matrix in (kernel, recurrent_kernel):
            matrices += [tf.transpose(gate) for gate in _cudnn_order(matrix)]
        for vector in tf.unstack(bias):
            biases += _cudnn_order(vector)
    return tf.concat([tf.reshape(w, [-1]) for w in matrices + biases], axis=0)


def _cudnn_order(gates):
    update, reset, new = tf.split(gates, 3, axis=-1)
    return [reset, update, new]
