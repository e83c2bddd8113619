r"""The adversary's search with versions scored together, and one by one.

  python -m benchmarks.adversary --task=tagging --input=test.txt \
      --model=my_tagger/preset --examples=100 --attack=drop

Searches for the worst single edit twice: with a loss that batches all versions of all
examples by their length, and with one that gives the model a version at a time, in a
graph that is traced beforehand. Prints the time that both losses took, features
included, their ratio, and for how many examples both found the same worst version.
Besides, how long the model takes for one of these versions when it is called as in a
notebook, `model(model.preprocessor(x))`, and the ratio of that.
"""

import random
import time

import numpy as np
import tensorflow as tf
from absl import flags

from charbert_tf.attacks import get_attack
from charbert_tf.families.named_tasks import OptionUse
from charbert_tf.robustness.adversary import Adversary
from charbert_tf.robustness.losses import ModelLoss, summed_losses
from official import command, option_flags, task_flags

_USES = (OptionUse.READING, OptionUse.PREDICTING)

_MODEL = flags.DEFINE_string(
    "model", None, "Preset that official.finetune wrote.", required=True
)
_INPUT = flags.DEFINE_string("input", None, "Labelled file.", required=True)
_EXAMPLES = flags.DEFINE_integer("examples", 100, "The first so many.", lower_bound=1)
_ATTACK = flags.DEFINE_string("attack", "drop", "What the edits are.")

option_flags.define(_USES)

_CALLS = 100


class _Timed:
    """A loss that knows how long it took, and of how many examples."""

    def __init__(self, loss):
        self._loss = loss
        self.elapsed = self.processor = self.count = 0
        self.examples = []

    def __call__(self, examples):
        begin, processor_begin = time.perf_counter(), time.process_time()
        losses = self._loss(examples)
        self.elapsed += time.perf_counter() - begin
        self.processor += time.process_time() - processor_begin
        self.count += len(examples)
        self.examples += examples
        return losses


def _one_by_one(task, model):
    """A loss that scores each example alone, as it would without a batch."""

    @tf.function(reduce_retracing=True)
    def score(inputs, label_ids):
        losses, weights = summed_losses(model, model.preprocessor(inputs, label_ids))
        return losses[0] / tf.maximum(weights[0], 1)

    def loss(examples):
        tensors = [
            (task.head.inputs([example]), task.head.label_ids([example], model.labels))
            for example in task.head.windows(model, examples).windows
        ]
        # Traced and warm before the clock of this part begins.
        for of_example in tensors[:3]:
            score(*of_example)
        return timed(tensors)

    timed = _Timed(lambda tensors: np.array([float(score(*of)) for of in tensors]))
    return loss, timed


def _called(task, model, versions) -> tuple[float, float]:
    """The time of a call of the model for one version, and that of the processor."""
    windows = task.head.windows(model, versions).windows
    model(model.preprocessor(task.head.inputs(windows[:1])), training=False)
    begin, processor_begin = time.perf_counter(), time.process_time()
    for window in windows:
        model(model.preprocessor(task.head.inputs([window])), training=False)
    times = time.perf_counter() - begin, time.process_time() - processor_begin
    return tuple(elapsed / len(versions) for elapsed in times)


def main() -> None:
    """Runs the benchmark."""
    data = task_flags.task_data(_USES)
    task, examples = data.task, data.read(_INPUT.value)[: _EXAMPLES.value]
    model = task.load_model(_MODEL.value)
    task.check(examples, model.labels, _INPUT.value)
    attack = get_attack(_ATTACK.value)
    together = _Timed(ModelLoss(task, model))
    alone, timed_alone = _one_by_one(task, model)
    worst = [
        [
            version.example
            for version in Adversary(loss, attack).worst_versions(examples)
        ]
        for loss in (together, alone)
    ]
    for name, timed in (("together", together), ("one by one", timed_alone)):
        print(
            f"{name:12}{timed.count:8} versions {timed.elapsed:8.1f} s"
            f"{1000 * timed.elapsed / timed.count:8.2f} ms each"
            f"{timed.processor:8.1f} s of processor time"
        )
    same = sum(first == second for first, second in zip(*worst, strict=True))
    print(
        f"ratio {timed_alone.elapsed / together.elapsed:.1f}, by processor time "
        f"{timed_alone.processor / together.processor:.1f}; {same} of {len(examples)} "
        "worst versions are the same"
    )
    chosen = random.Random(0).sample(together.examples, _CALLS)
    elapsed, processor = _called(task, model, chosen)
    print(
        f"called one by one: {1000 * elapsed:.0f} ms each, of {_CALLS} versions; ratio "
        f"{elapsed / together.elapsed * together.count:.1f}, by processor time "
        f"{processor / together.processor * together.count:.1f}"
    )


if __name__ == "__main__":
    command.run(main)
