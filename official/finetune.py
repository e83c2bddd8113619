r"""Fine-tunes CharBERT, or a plain BERT, on labelled files.

  python -m official.finetune --task=tagging --train=train.txt --dev=dev.txt \
      --init=my_run/preset --output=my_tagger
  python -m official.finetune --task=classification --train=train.tsv \
      --dev=dev.tsv --text_column=sentence --label_column=label \
      --init=my_run/preset --output=my_classifier

--init is what official.pretrain made, or a Hugging Face BERT folder, which gives a
plain BERT. The model is in my_tagger/preset when it is done, its scores on --dev in
my_tagger/results.json. The same command started again goes on from the last checkpoint.
"""

import json
import math
import os
import time

from absl import flags

from official import command, task_flags

_TRAIN = flags.DEFINE_string("train", None, "Training file.", required=True)
_DEV = flags.DEFINE_string("dev", None, "File to score the trained model on.")
_INIT = flags.DEFINE_string(
    "init", None, "Preset or Hugging Face folder to start from.", required=True
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
_EPOCHS = flags.DEFINE_integer("epochs", 3, "Passes over --train.", lower_bound=1)
_BATCH_SIZE = flags.DEFINE_integer(
    "batch_size", 16, "Examples of a batch.", lower_bound=1
)
_SEQUENCE_LENGTH = flags.DEFINE_integer(
    "sequence_length", 128, "Tokens of an example at most.", lower_bound=8
)
_LEARNING_RATE = flags.DEFINE_float(
    "learning_rate",
    5e-5,
    "Peak learning rate; 10 % warm-up, then linear decay.",
    lower_bound=0.0,
)
_PRECISION = flags.DEFINE_enum(
    "precision", "float32", ["float32", "mixed_bfloat16"], "Precision of the matrices."
)
_SEED = flags.DEFINE_integer(
    "seed",
    0,
    "Of the new weights and of the order.",
    lower_bound=0,
    upper_bound=1_000_000_000,
)


def main() -> None:
    """Runs the command."""
    import keras

    from charbert_tf.atomic_output import atomic_file
    from charbert_tf.training.strategy import default_strategy
    from charbert_tf.training.training_run import TrainingRun

    task = task_flags.task()
    examples = task.read(_TRAIN.value)
    labels = task.labels(examples, _TRAIN.value)
    dev = None
    if _DEV.value is not None:
        dev = task.read(_DEV.value)
        task.check(dev, labels, _DEV.value)
    run = TrainingRun(_OUTPUT.value, command.settings(ignored=["output"]))
    if run.is_finished:
        print(f"{run.preset} is finished already.")
        return
    keras.utils.set_random_seed(_SEED.value)
    keras.config.set_dtype_policy(_PRECISION.value)
    strategy = default_strategy()
    with strategy.scope():
        model = task.make_model(_INIT.value, labels, _SEQUENCE_LENGTH.value)
    run.begin()
    begin = time.monotonic()
    _train(task, model, examples, strategy, run)
    results = {"train_examples": len(examples), "seconds": time.monotonic() - begin}
    if dev is not None:
        results["dev"] = task.scores(dev, task.predict(model, dev), labels)
        scores = "  ".join(f"{k} {100 * v:.1f}" for k, v in results["dev"].items())
        print(f"{_DEV.value}: {scores}")
    with atomic_file(os.path.join(_OUTPUT.value, "results.json")) as file:
        json.dump(results, file, indent=2)
    run.finish(model)
    print(f"Saved {run.preset}")


def _train(task, model, examples, strategy, run) -> None:
    from charbert_tf.training.cross_entropy import CrossEntropy
    from charbert_tf.training.grouped_adamw import GroupedAdamW
    from charbert_tf.training.progress import Progress
    from charbert_tf.training.trainer import Trainer
    from charbert_tf.training.warmup_linear_decay import WarmupLinearDecay

    steps = _EPOCHS.value * math.ceil(len(examples) / _BATCH_SIZE.value)
    with strategy.scope():
        optimizer = GroupedAdamW(
            WarmupLinearDecay(_LEARNING_RATE.value, steps, steps // 10)
        )
    trainer = Trainer(CrossEntropy(model), optimizer, strategy, run.directory)
    trainer.train(
        lambda step: task.training_dataset(
            model, examples, _BATCH_SIZE.value, _EPOCHS.value, _SEED.value, step
        ),
        steps,
        Progress(run.directory),
    )


if __name__ == "__main__":
    command.run(main)
