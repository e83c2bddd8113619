r"""Fine-tunes CharBERT, or a plain BERT, on labelled examples.

On a data set of the paper, from its files or from tensorflow-datasets:

  python -m official.finetune --task=conll2003 --train=train.txt --dev=dev.txt \
      --init=my_run/preset --output=my_tagger
  python -m official.finetune --task=cola --data=tfds --train=train \
      --dev=validation --seeds=0,1,2 --init=my_run/preset --output=my_cola

On files of your own:

  python -m official.finetune --task=classification --train=train.tsv \
      --dev=dev.tsv --text_column=sentence --label_column=label \
      --init=my_run/preset --output=my_classifier

--init is what official.pretrain made, or a Hugging Face folder (BERT, RoBERTa, XLM-R),
which gives a plain encoder. Learning rate, batch size, epochs and sequence length are
the task's own unless they are given; docs/finetuning.md lists them.

The model is in my_tagger/preset when it is done: with --dev that of the best epoch,
whose scores are in results.json and results.md. With several seeds each has a folder of
its own, my_cola/seed-0 and so on, and my_cola/results.json and results.md have their
mean. The same command started again goes on from the last checkpoint; with more seeds
than the two or more that it was begun with, it trains those that are new.
"""

import dataclasses
import json
import os
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import training
from charbert_tf.families.score_tables import SeedScores, score_text
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.run_folder import RunFolder
from charbert_tf.training.seed_runs import refuse_run_of_one_seed, seed_directory
from official import command, metric_flag, seeds_flag, task_flags, training_flags

if TYPE_CHECKING:
    from charbert_tf.families.family import Family
    from charbert_tf.families.named_tasks import HyperParameters

_TRAIN = flags.DEFINE_string(
    "train", None, "Training file; with --data=tfds a split.", required=True
)
_DEV = flags.DEFINE_string(
    "dev", None, "File, or split, to choose the best epoch's model by."
)
_INIT = flags.DEFINE_string(
    "init", None, "Preset or Hugging Face folder to start from.", required=True
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
_EPOCHS = flags.DEFINE_integer("epochs", None, "Passes over --train.", lower_bound=1)
_PATIENCE = flags.DEFINE_integer(
    "patience",
    None,
    "Epochs without a better first score on --dev after which training stops; by "
    "default it never does.",
    lower_bound=1,
)
# Without a default of their own: runs from before there were these flags go on.
_WARMUP = flags.DEFINE_float(
    "warmup",
    None,
    "Share of the steps in which the learning rate rises; by default "
    f"{training_flags.WARMUP}.",
    lower_bound=0.0,
    upper_bound=1.0,
)
_WEIGHT_DECAY = flags.DEFINE_float(
    "weight_decay", None, "Of AdamW; by default 0.01.", lower_bound=0.0
)
_EPSILON = flags.DEFINE_float(
    "epsilon", None, "Of AdamW; by default 1e-7.", lower_bound=0.0
)
_SEEDS = seeds_flag.define("Of new weights, order and dropout: a training for each.")


@flags.multi_flags_validator(["patience", "dev"], "--patience needs --dev")
def _can_stop_early(values) -> bool:
    return values["patience"] is None or values["dev"] is not None


@dataclasses.dataclass(frozen=True)
class _Job:
    """What all seeds share."""

    task: "Family"
    train: list
    dev: list | None
    labels: list[str]
    hyper_parameters: "HyperParameters"


def main() -> None:
    """Runs the command."""
    job = _job()
    settings = command.settings(ignored=training_flags.NOT_SETTINGS)
    settings |= dataclasses.asdict(job.hyper_parameters)
    settings["train"] = task_flags.describe(_TRAIN.value)
    if _DEV.value is not None:
        settings["dev"] = task_flags.describe(_DEV.value)
    seeds = [int(seed) for seed in _SEEDS.value]
    folders = []
    if len(seeds) > 1:
        refuse_run_of_one_seed(_OUTPUT.value)
        folders = [RunFolder(_OUTPUT.value, settings, "a training run", "seeds")]
    runs = {
        seed: training.TrainingRun(_directory(seed), settings | {"seeds": [str(seed)]})
        for seed in seeds
    }
    strategy = None
    for seed, run in runs.items():
        if run.is_finished:
            run.tidy()
            print(f"{run.preset} is finished already.")
            continue
        strategy = strategy or training_flags.set_up()
        _finetune(job, seed, [*folders, run], strategy)
    if folders and (strategy is None or training.is_chief(strategy)):
        _summarize(runs)


def _job() -> _Job:
    task = task_flags.task(metric=metric_flag.METRIC.value)
    train = task_flags.read(task, _TRAIN.value)
    labels = task.labels(train, _TRAIN.value)
    dev = None
    if _DEV.value is not None:
        dev = task_flags.read(task, _DEV.value)
        task.check(dev, labels, _DEV.value)
    given = {
        "learning_rate": training_flags.LEARNING_RATE.value,
        "batch_size": training_flags.BATCH_SIZE.value,
        "epochs": _EPOCHS.value,
        "sequence_length": training_flags.SEQUENCE_LENGTH.value,
    }
    given = {name: value for name, value in given.items() if value is not None}
    hyper_parameters = dataclasses.replace(task_flags.hyper_parameters(), **given)
    return _Job(task, train, dev, labels, hyper_parameters)


def _directory(seed: int) -> str:
    if len(_SEEDS.value) == 1:
        return _OUTPUT.value
    return seed_directory(_OUTPUT.value, seed)


def _finetune(job: _Job, seed: int, folders: list, strategy) -> None:
    """Trains, goes on or finishes; the last folder is the seed's run."""
    training_flags.start(seed)
    with training.building_scope(strategy):
        model = job.task.make_model(
            _INIT.value, job.labels, job.hyper_parameters.sequence_length
        )
    if training.is_chief(strategy):
        for folder in folders:
            folder.begin()
    run = folders[-1]
    evaluation = _train(job, model, seed, run, strategy)
    if training.is_chief(strategy):
        results = {"train_examples": len(job.train)}
        if evaluation is not None:
            results |= _dev_results(evaluation, seed, run)
        _finish(model, results, run)


def _train(job: _Job, model, seed: int, run, strategy):
    """Returns the `DevEvaluation`, if there are development examples."""
    epochs = job.hyper_parameters.epochs
    dataset = job.task.training_dataset(
        model, job.train, job.hyper_parameters.batch_size, epochs, seed
    )
    # Not counted from the examples: a long one may give several rows.
    total_steps = int(dataset.cardinality())
    flags_given = (_WARMUP, _WEIGHT_DECAY, _EPSILON)
    options = {f.name: f.value for f in flags_given if f.value is not None}
    evaluation = None
    if job.dev is not None:
        evaluation = training.DevEvaluation(
            job.task, job.dev, model, run, _PATIENCE.value
        )
        options |= {"epoch_steps": total_steps // epochs, "on_epoch_end": evaluation}
    training_flags.train(
        training.CrossEntropy(model),
        dataset,
        total_steps,
        run.directory,
        job.hyper_parameters.learning_rate,
        strategy,
        **options,
    )
    return evaluation


def _dev_results(evaluation, seed: int, run) -> dict:
    """Prints, tabulates and returns the best epoch's scores."""
    scores = evaluation.best_scores
    print(f"{_DEV.value}: {score_text(scores)}")
    with atomic_file(os.path.join(run.directory, "results.md")) as file:
        file.write(SeedScores({seed: scores}).table())
    return {"best_epoch": evaluation.best_epoch, "dev": scores}


def _finish(model, results: dict, run) -> None:
    with atomic_file(os.path.join(run.directory, "results.json")) as file:
        json.dump(results, file, indent=2)
    run.finish(model)
    print(f"Saved {run.preset}", flush=True)


def _summarize(runs: dict) -> None:
    """Writes and prints the mean over the seeds."""
    if _DEV.value is None:
        return
    results = {}
    for seed, run in runs.items():
        with open(os.path.join(run.directory, "results.json")) as file:
            results[seed] = json.load(file)
    scores = SeedScores({seed: results[seed]["dev"] for seed in runs})
    with atomic_file(os.path.join(_OUTPUT.value, "results.json")) as file:
        json.dump({"dev": scores.summary(), "seeds": results}, file, indent=2)
    with atomic_file(os.path.join(_OUTPUT.value, "results.md")) as file:
        file.write(scores.table())
    print(scores.table(), end="")


if __name__ == "__main__":
    command.run(main)
