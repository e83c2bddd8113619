"""A pretraining step of CharBERT beside one of a plain keras-nlp BERT.

  python -m benchmarks.training_step
  python -m benchmarks.training_step --size=base --models=charbert --rounds=1

Takes a step of each in turn, MLM + NLM and MLM, forward, backward and AdamW, in float32
with dropout, and a large matrix product. Prints the fastest step of each, their ratio,
and the share of the product's speed that each of them reaches. What counts as an
operation is in `compared_models.forward_operations`; a step counts three times that. A
first step includes its compilation. Memory is the most that the process ever had.
"""

import dataclasses
import resource
import time

import keras
import tensorflow as tf
from absl import flags

from benchmarks import compared_models, timing
from benchmarks.pretraining_step import pretraining_step
from official import command

_SIZE = flags.DEFINE_enum("size", "small", list(compared_models.SIZES), "Model's size.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 8, "Sequences.", lower_bound=1)
_MODELS = flags.DEFINE_multi_enum(
    "models", ["bert", "charbert"], ["bert", "charbert"], "What to time."
)
_ROUNDS = flags.DEFINE_integer("rounds", 15, "Steps that are timed.", lower_bound=1)


def main() -> None:
    """Runs the benchmark."""
    size = dataclasses.replace(
        compared_models.SIZES[_SIZE.value], batch_size=_BATCH_SIZE.value
    )
    keras.utils.set_random_seed(0)
    product, operations_of_product = timing.large_product()
    functions, operations = (
        {"large product": product},
        {"large product": operations_of_product},
    )
    for name in _MODELS.value:
        functions[name] = _training_step(name, size)
        operations[name] = 3 * compared_models.forward_operations(
            size, has_characters=name == "charbert", has_heads=True
        )
        begin = time.perf_counter()
        functions[name]()
        print(f"{name}: first step took {time.perf_counter() - begin:.1f} s")
    timings = timing.time_in_turn(functions, _ROUNDS.value)
    timing.print_speeds(timings, operations, peak="large product")
    if len(_MODELS.value) == 2:
        timing.print_ratio("charbert / bert", timings["charbert"], timings["bert"])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"most memory {most / 2**20:.1f} GiB")


def _training_step(name, size):
    backbone = {"bert": compared_models.bert, "charbert": compared_models.charbert}
    model = compared_models.pretrainer(backbone[name](size))
    batch = compared_models.random_batch(model, size)
    spec = tf.data.Dataset.from_tensors(batch).element_spec
    step = pretraining_step(model, spec)
    return lambda: step(*batch).numpy()


if __name__ == "__main__":
    command.run(main)
