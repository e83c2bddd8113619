"""GRUs over projected inputs: a scan that is fast on CPUs, and cuDNN's."""

import functools
from collections.abc import Sequence

import tensorflow as tf

# Steps of a pass of the loop: to go round costs about as much as a step.
_UNROLLED = 8


def gru_scan(
    inputs: tf.Tensor, recurrent_kernel: tf.Tensor, recurrent_bias: tf.Tensor
) -> tf.Tensor:
    """Runs a GRU over a sequence whose inputs are projected already.

    The equations are those of `keras.layers.GRU(reset_after=True)`, gates in the order
    update, reset, new. A loop over some hundred characters costs what its steps cost
    to dispatch, so a step is kept to the few ops that depend on the step before, and
    the gradient recomputes all gates at once outside of its loop instead of storing
    them. Two scans of one graph, such as both directions, run side by side.

    Args:
        inputs: float32 tensor `(C, B, 3 * units)`: at each step, the input times its
            kernel, plus the input bias.
        recurrent_kernel: float32 tensor `(units, 3 * units)`.
        recurrent_bias: float32 tensor `(3 * units,)`.

    Returns:
        float32 tensor `(C, B, units)`: the state after each step.

    Example:

    ```python
    states = gru_scan(
        tf.random.normal([7, 3, 12]), tf.zeros([4, 12]), tf.zeros([12])
    )
    ```
    """
    units = recurrent_kernel.shape[0]
    states = _scan_of(units)(inputs, recurrent_kernel, recurrent_bias)
    return tf.ensure_shape(states, [*inputs.shape[:2], units])


@functools.cache
def _scan_of(units: int):
    """The scan of a size; steps and rows may be any."""

    @tf.custom_gradient
    def scan(inputs, kernel, bias):
        states = _forward(inputs, kernel, bias)

        def gradient(states_gradient):
            return _backward(inputs, kernel, bias, states, states_gradient)

        return states, gradient

    # A function of its own, for in eager mode each op of each step would be a call.
    return tf.function(
        scan,
        input_signature=[
            tf.TensorSpec([None, None, 3 * units]),
            tf.TensorSpec([units, 3 * units]),
            tf.TensorSpec([3 * units]),
        ],
        autograph=False,
    )


def _forward(inputs, kernel, bias):
    blocks = _blocks(inputs)
    count = tf.shape(blocks)[0]

    def run_block(index, state, states):
        gates = [tf.unstack(gate, _UNROLLED) for gate in _split(blocks[index])]
        of_block = []
        for input_gates in zip(*gates, strict=True):
            update, _, new, _ = _gates(input_gates, state, kernel, bias)
            state = new + update * (state - new)
            of_block.append(state)
        return index + 1, state, states.write(index, tf.stack(of_block))

    state = tf.zeros_like(inputs[0, :, : kernel.shape[0]])
    _, _, states = tf.while_loop(
        lambda index, *_: index < count,
        run_block,
        (0, state, tf.TensorArray(tf.float32, count)),
    )
    return _steps(states, like=inputs, units=kernel.shape[0])


def _gates(input_gates: Sequence, state, kernel, bias):
    """Update, reset, new and what reset is multiplied by, at one step or at all."""
    input_update, input_reset, input_new = input_gates
    update, reset, recurrent_new = _split(tf.matmul(state, kernel) + bias)
    update = tf.sigmoid(input_update + update)
    reset = tf.sigmoid(input_reset + reset)
    new = tf.tanh(input_new + reset * recurrent_new)
    return update, reset, new, recurrent_new


def _backward(inputs, kernel, bias, states, states_gradient):
    previous = tf.concat([tf.zeros_like(states[:1]), states[:-1]], axis=0)
    # All steps at once, in products of two matrices: those of stacks are slow.
    shape = tf.shape(states)
    previous, flat_inputs = _flatten(previous), _flatten(inputs)
    update, reset, new, recurrent_new = _gates(
        _split(flat_inputs), previous, kernel, bias
    )
    # The gradient before each gate, for a gradient of one on the step's state.
    of_update = (previous - new) * update * (1 - update)
    of_new = (1 - update) * (1 - tf.square(new))
    of_reset = of_new * recurrent_new * reset * (1 - reset)
    of_recurrent = tf.stack([of_update, of_reset, of_new * reset], axis=1)
    state_gradients = _flatten(
        _backward_loop(
            states_gradient,
            tf.reshape(of_recurrent, tf.concat([shape[:2], [3, shape[2]]], axis=0)),
            tf.reshape(update, shape),
            tf.transpose(kernel),
        )
    )
    recurrent_gradient = _flatten_gates(of_recurrent * state_gradients[:, None, :])
    inputs_gradient = tf.concat(
        [gate * state_gradients for gate in (of_update, of_reset, of_new)], axis=-1
    )
    return (
        tf.reshape(inputs_gradient, tf.shape(inputs)),
        tf.matmul(previous, recurrent_gradient, transpose_a=True),
        tf.reduce_sum(recurrent_gradient, axis=0),
    )


def _backward_loop(states_gradient, of_recurrent, update, transposed_kernel):
    """The whole gradient on every step's state, from above and from later steps."""
    from_above, weights, updates = map(_blocks, (states_gradient, of_recurrent, update))
    count = tf.shape(updates)[0]

    def run_block(index, from_later, gradients):
        steps = [
            tf.unstack(blocks[index], _UNROLLED)
            for blocks in (from_above, weights, updates)
        ]
        of_block = []
        for above, weight, keep in reversed(list(zip(*steps, strict=True))):
            gradient = above + from_later
            gates = _flatten_gates(weight * gradient[:, None, :])
            from_later = keep * gradient + tf.matmul(gates, transposed_kernel)
            of_block.insert(0, gradient)
        return index - 1, from_later, gradients.write(index, tf.stack(of_block))

    _, _, gradients = tf.while_loop(
        lambda index, *_: index >= 0,
        run_block,
        (count - 1, tf.zeros_like(update[0]), tf.TensorArray(tf.float32, count)),
    )
    return _steps(gradients, like=update, units=update.shape[-1])


def _blocks(values):
    """`(C, ...)` to `(blocks, _UNROLLED, ...)`, the last block filled with zeros."""
    shape = tf.shape(values)
    filled = -(-shape[0] // _UNROLLED) * _UNROLLED
    rest = [[0, 0]] * (values.shape.rank - 1)
    values = tf.pad(values, [[0, filled - shape[0]], *rest])
    return tf.reshape(values, tf.concat([[-1, _UNROLLED], shape[1:]], axis=0))


def _steps(blocks: tf.TensorArray, like, units: int):
    """`_blocks` undone: as many steps as `like` has."""
    shape = tf.shape(like)
    steps = tf.reshape(blocks.stack(), [-1, shape[1], units])[: shape[0]]
    return tf.ensure_shape(steps, [*like.shape[:2], units])


def _split(gates):
    return tf.split(gates, 3, axis=-1)


def _flatten(values):
    """`(C, B, ...)` to `(C * B, ...)`."""
    return tf.reshape(values, tf.concat([[-1], tf.shape(values)[2:]], axis=0))


def _flatten_gates(gates):
    """`(rows, 3, units)` to `(rows, 3 * units)`."""
    return tf.reshape(gates, [-1, 3 * gates.shape[-1]])


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
