r"""Fine-tunes CharBERT, or a plain BERT, on labelled files.

  python -m official.finetune --task=tagging --train=train.txt --dev=dev.txt \
      --init=my_run/preset --output=my_tagger
  python -m official.finetune --task=classification --train=train.tsv \
      --dev=dev.tsv --text_column=sentence --label_column=label \
      --init=my_run/preset --output=my_classifier

--init is what official.pretrain made, or a Hugging Face folder (BERT, RoBERTa, XLM-R),
which gives a plain encoder. The model is in my_tagger/preset when it is done, its
scores on --dev in my_tagger/results.json. The same command started again goes on from
the last checkpoint.
"""

import json
import math
import os
import time

from absl import flags

from official import command, task_flags, training_flags

_TRAIN = flags.DEFINE_string("train", None, "Training file.", required=True)
_DEV = flags.DEFINE_string("dev", None, "File to score the trained model on.")
_INIT = flags.DEFINE_string(
    "init", None, "Preset or Hugging Face folder to start from.", required=True
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
_EPOCHS = flags.DEFINE_integer("epochs", 3, "Passes over --train.", lower_bound=1)


def main() -> None:
    """Runs the command."""
    from charbert_tf.training.distribution import is_chief
    from charbert_tf.training.training_run import TrainingRun

    task = task_flags.task()
    examples = task.read(_TRAIN.value)
    labels = task.labels(examples, _TRAIN.value)
    dev = None
    if _DEV.value is not None:
        dev = task.read(_DEV.value)
        task.check(dev, labels, _DEV.value)
    settings = command.settings(ignored=training_flags.NOT_SETTINGS)
    run = TrainingRun(_OUTPUT.value, settings)
    if run.is_finished:
        print(f"{run.preset} is finished already.")
        return
    strategy = training_flags.set_up()
    with strategy.scope():
        model = task.make_model(
            _INIT.value, labels, training_flags.SEQUENCE_LENGTH.value
        )
    if is_chief(strategy):
        run.begin()
    begin = time.monotonic()
    _train(task, model, examples, run.directory, strategy)
    results = {"train_examples": len(examples), "seconds": time.monotonic() - begin}
    if is_chief(strategy):
        _finish(task, model, dev, results, run)


def _train(task, model, examples, directory: str, strategy) -> None:
    from charbert_tf.training.cross_entropy import CrossEntropy

    batch_size = training_flags.BATCH_SIZE.value
    training_flags.train(
        CrossEntropy(model),
        task.training_dataset(
            model, examples, batch_size, _EPOCHS.value, training_flags.SEED.value
        ),
        _EPOCHS.value * math.ceil(len(examples) / batch_size),
        directory,
        training_flags.LEARNING_RATE.value,
        strategy,
    )


def _finish(task, model, dev, results, run) -> None:
    from charbert_tf.atomic_output import atomic_file

    if dev is not None:
        results["dev"] = task.scores(dev, task.predict(model, dev), model.labels)
        scores = "  ".join(f"{k} {100 * v:.1f}" for k, v in results["dev"].items())
        print(f"{_DEV.value}: {scores}")
    with atomic_file(os.path.join(_OUTPUT.value, "results.json")) as file:
        json.dump(results, file, indent=2)
    run.finish(model)
    print(f"Saved {run.preset}")


if __name__ == "__main__":
    command.run(main)
