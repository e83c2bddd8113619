"""Inference of CharBERT beside a plain keras-nlp BERT.

  python -m benchmarks.inference

Calls each in turn, in float32, on a batch of 8 sequences of 128 tokens and on a single
one, as TensorFlow runs them and compiled by XLA, and a large matrix product. Prints the
fastest call of each, the ratios, and the share of the product's speed that each of them
reaches. What counts as an operation is in `compared_models.forward_operations`.
"""

import dataclasses

import keras
import tensorflow as tf
from absl import flags

from benchmarks import compared_models, timing
from official import command

_ROUNDS = flags.DEFINE_integer("rounds", 20, "Calls that are timed.", lower_bound=1)
_XLA = flags.DEFINE_bool("xla", True, "Whether to time compiled calls, too.")


def main() -> None:
    """Runs the benchmark."""
    size = compared_models.SIZES["small"]
    keras.utils.set_random_seed(0)
    product, operations_of_product = timing.large_product()
    functions = {"large product": product}
    operations = {"large product": operations_of_product}
    models = {
        "bert": compared_models.bert(size),
        "charbert": compared_models.charbert(size),
    }
    variants = {
        f"{count} x {size.tokens}{', XLA' if compiled else ''}": (count, compiled)
        for compiled in ([False, True] if _XLA.value else [False])
        for count in (size.batch_size, 1)
    }
    for variant, (count, compiled) in variants.items():
        batch = dataclasses.replace(size, batch_size=count)
        for name, model in models.items():
            functions[f"{name} {variant}"] = _inference(model, batch, compiled)
            operations[f"{name} {variant}"] = compared_models.forward_operations(
                batch, has_characters=name == "charbert", has_heads=False
            )
    timings = timing.time_in_turn(functions, _ROUNDS.value)
    timing.print_speeds(timings, operations, peak="large product")
    for variant in variants:
        timing.print_ratio(
            f"charbert / bert, {variant}",
            timings[f"charbert {variant}"],
            timings[f"bert {variant}"],
        )


def _inference(model, size, compiled):
    features = compared_models.random_features(size)
    features = {name: tf.constant(features[name]) for name in model.input}

    @tf.function(jit_compile=compiled)
    def infer(features):
        return model(features, training=False)

    return lambda: [output.numpy() for output in infer(features).values()]


if __name__ == "__main__":
    command.run(main)
