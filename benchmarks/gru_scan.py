"""The character encoder's bidirectional GRU: our scan against Keras's layer.

  python -m benchmarks.gru_scan

Times forward and backward pass of both in turn, in this run, and prints the ratio.
"""

import statistics
import time

import keras
import tensorflow as tf

from charbert_tf.models.gru_scan import gru_scan
from official import command

# 8 sequences of 128 tokens, hidden size 384, as in MiniLM.
_BATCH, _CHARACTERS, _UNITS, _INPUTS = 8, 768, 96, 256
_ROUNDS = 10


def main() -> None:
    """Runs the benchmark."""
    keras.utils.set_random_seed(0)
    characters = tf.random.normal([_BATCH, _CHARACTERS, _INPUTS])
    layers = [keras.layers.GRU(_UNITS, return_sequences=True) for _ in range(2)]
    for layer in layers:
        layer.build(characters.shape)

    def of_keras(inputs):
        return tf.stack([layer(inputs) for layer in layers])

    def of_ours(inputs):
        return tf.stack([_scan(layer.cell, inputs) for layer in layers])

    variables = [weight.value for layer in layers for weight in layer.weights]
    steps = {
        "Keras layers": _training_step(of_keras, variables),
        "gru_scan": _training_step(of_ours, variables),
    }
    seconds = {name: [] for name in steps}
    for step in steps.values():
        step(characters)
    for _ in range(_ROUNDS):
        for name, step in steps.items():
            begin = time.perf_counter()
            step(characters)
            seconds[name].append(time.perf_counter() - begin)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median in medians.items():
        print(f"{name:15} {1000 * median:8.0f} ms")
    slow, fast = medians.values()
    print(f"{'ratio':15} {slow / fast:8.1f}")


def _scan(cell, inputs):
    projected = tf.matmul(inputs, cell.kernel.value) + cell.bias.value[0]
    states = gru_scan(
        tf.transpose(projected, [1, 0, 2]),
        cell.recurrent_kernel.value,
        cell.bias.value[1],
    )
    return tf.transpose(states, [1, 0, 2])


def _training_step(run, variables):
    @tf.function
    def step(inputs):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(run(inputs))
        return tape.gradient(loss, variables)

    return step


if __name__ == "__main__":
    command.run(main)
