"""The character encoder alone, each way to compute it, forward and with backward."""

import functools
from collections.abc import Callable, Iterator

import keras
import tensorflow as tf

from benchmarks.on_gpu.cell import Cell, milliseconds
from charbert_tf.models.gru_scan import cudnn_gru, cudnn_parameters, gru_scan

# Characters, rows, units: of the steps that are measured.
_SIZES = {"small 256x768": (768, 256, 96), "base 32x2304": (2304, 32, 192)}
_TOY, _FEATURES = (12, 2, 4), 256
# A padded step's update gate is so near to one that the state stays as it is.
_KEEP = 1e4
# Columns that say whether a step is padding: a tensor core wants several.
_FLAGS = 8


def char_encoder(size: str, toy: bool) -> Iterator[Cell]:
    """All ways at a size.

    Args:
        size: Its name.
        toy: Whether to take a tiny one.

    Yields:
        The cells.
    """
    steps, rows, units = _TOY if toy else _SIZES[size]
    for way, run in _WAYS.items():
        measure = functools.partial(_measure, run, steps, rows, units)
        yield Cell(f"GRUs, {size}, {way}", measure)


def _measure(run: Callable, steps: int, rows: int, units: int) -> dict:
    """Times a way, and tells how far its states are from the portable ones."""
    keras.utils.set_random_seed(0)
    inputs = tf.random.stateless_normal([steps, rows, _FEATURES], (0, 1))
    lengths = tf.random.stateless_uniform([rows], (0, 2), steps // 2, steps, tf.int32)
    layers = [keras.layers.GRU(units, return_sequences=True) for _ in range(2)]
    for layer in layers:
        layer.build((None, None, _FEATURES))
    variables = [v.value for layer in layers for v in layer.trainable_variables]

    @tf.function(autograph=False)
    def states():
        return run(inputs, lengths, variables[:3], variables[3:])

    @tf.function(autograph=False)
    def gradient():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(run(inputs, lengths, *_halves(variables))))
        return tf.add_n([tf.norm(g) for g in tape.gradient(loss, variables)])

    expected = tf.function(_scans, autograph=False)(
        inputs, lengths, variables[:3], variables[3:]
    )
    seen = tf.transpose(tf.sequence_mask(lengths, steps, tf.float32))[:, :, None]
    difference = float(tf.reduce_max(tf.abs(seen * (states() - expected))))
    forward = milliseconds(lambda: states()[0, 0, 0])
    both = milliseconds(gradient)
    return {
        "ms": both["ms"],
        "first s": forward["first s"] + both["first s"],
        "note": f"forward {forward['ms']:.1f} ms; states differ by {difference:.0e}",
    }


def _halves(variables):
    return variables[:3], variables[3:]


def _keras(inputs, lengths, forward, backward):
    """As it was: Keras's layers, one call of cuDNN after the other."""
    outputs = []
    for weights, is_backward in ((forward, False), (backward, True)):
        x = tf.reverse_sequence(inputs, lengths, 0, 1) if is_backward else inputs
        output, *_ = tf.raw_ops.CudnnRNNV3(
            input=tf.transpose(x, [1, 0, 2]),
            input_h=tf.zeros([tf.shape(x)[1], 1, weights[1].shape[0]]),
            input_c=tf.zeros([]),
            params=cudnn_parameters([weights]),
            sequence_lengths=tf.fill([tf.shape(x)[1]], tf.shape(x)[0]),
            rnn_mode="gru",
            is_training=True,
            time_major=False,
        )
        output = tf.transpose(output, [1, 0, 2])
        if is_backward:
            output = tf.reverse_sequence(output, lengths, 0, 1)
        outputs.append(output)
    return tf.concat(outputs, axis=-1)


def _one_call(inputs, lengths, forward, backward):
    return cudnn_gru(inputs, lengths, (forward, backward))


def _autotuned(inputs, lengths, forward, backward):
    """cuDNN's fastest algorithm for the shape; it knows no lengths, so a flag of padded
    steps holds the state where it is.
    """
    steps, rows, _ = inputs.shape
    is_padding = ~tf.transpose(tf.sequence_mask(lengths, steps))
    flags = tf.cast(is_padding, tf.float32)[:, :, None] * tf.one_hot(0, _FLAGS)
    directions = []
    for kernel, recurrent_kernel, bias in (forward, backward):
        units = recurrent_kernel.shape[0]
        hold = tf.concat([tf.fill([1, units], _KEEP), tf.zeros([1, 2 * units])], 1)
        hold = tf.concat([hold, tf.zeros([_FLAGS - 1, 3 * units])], 0)
        directions.append((tf.concat([kernel, hold], 0), recurrent_kernel, bias))
    output, *_ = tf.raw_ops.CudnnRNNV2(
        input=tf.concat([inputs, flags], -1),
        input_h=tf.zeros([2, rows, forward[1].shape[0]]),
        input_c=tf.zeros([]),
        params=cudnn_parameters(directions),
        rnn_mode="gru",
        direction="bidirectional",
        is_training=True,
    )
    return output


def _scans(inputs, lengths, forward, backward):
    """What exported models have."""
    outputs = []
    for (kernel, recurrent_kernel, bias), is_backward in (
        (forward, False),
        (backward, True),
    ):
        x = tf.reverse_sequence(inputs, lengths, 0, 1) if is_backward else inputs
        output = gru_scan(
            tf.einsum("cbf,fg->cbg", x, kernel) + bias[0], recurrent_kernel, bias[1]
        )
        if is_backward:
            output = tf.reverse_sequence(output, lengths, 0, 1)
        outputs.append(output)
    return tf.concat(outputs, axis=-1)


def _compiled_scans(inputs, lengths, forward, backward):
    """The same, compiled for this width alone."""
    return tf.function(_scans, jit_compile=True, autograph=False)(
        inputs, lengths, forward, backward
    )


_WAYS = {
    "two cuDNN calls (before)": _keras,
    "one cuDNN call": _one_call,
    "one cuDNN call, autotuned": _autotuned,
    "core operations": _scans,
    "core operations, XLA": _compiled_scans,
}
