"""finetune: CharBERT, or a plain BERT, on labelled examples."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from charbert_tf import training
from charbert_tf.families.score_tables import SeedScores, score_text
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.json_files import read_json_object
from charbert_tf.files.run_folder import RunFolder
from charbert_tf.files.seed_runs import refuse_run_of_one_seed, seed_directory
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.notices import Notice, load_tensorflow, print_notice
from charbert_tf.recipes.settings import SEEDS_RULE, Rule, make_settings
from charbert_tf.recipes.task_data import SOURCES, TaskData
from charbert_tf.recipes.training_setup import TrainingSetup
from charbert_tf.recipes.typos import NOISE_RULES, make_noise

if TYPE_CHECKING:
    import tensorflow as tf

    from charbert_tf.families.named_tasks import HyperParameters
    from charbert_tf.models.encoder_task import EncoderTask
    from charbert_tf.noise.training_noise import TrainingNoise
    from charbert_tf.training.dev_evaluation import DevEvaluation
    from charbert_tf.training.training_run import TrainingRun

FINETUNING_RULES = (
    Rule(
        ["patience", "dev"],
        lambda v: v["patience"] is None or v["dev"] is not None,
        "--patience needs --dev",
    ),
    SEEDS_RULE,
    *NOISE_RULES,
)
"""What must hold between the settings."""

_OF_THE_OPTIMIZER = ("warmup", "weight_decay", "epsilon")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinetuningSettings(TrainingSetup):
    """The settings of `finetune`; official.finetune has a flag for each.

    Args:
        task: a family or data set by its name, such as "conll2003", or the place of
            one of yours, as `TaskData` takes it.
        train: the training file; of tensorflow-datasets a split.
        init: a preset or Hugging Face folder to start from.
        output: the folder to write to.
        dev: a file, or split, to choose the best epoch's model by.
        data: where examples come from, "files" or "tfds".
        metric: the place of a metric of yours that models are compared by.
        seeds: of new weights, order and dropout: a training for each.
        learning_rate: the peak; by default the task's own, as the next three.
        batch_size: examples of a batch.
        epochs: passes over the training examples.
        sequence_length: tokens of an example at most.
        patience: epochs without a better first score on `dev` after which training
            stops; by default it never does.
        warmup: share of the steps in which the learning rate rises; by default 0.1.
        weight_decay: of AdamW; by default 0.01.
        epsilon: of AdamW; by default 1e-7.
        noise_rate: the share of the words that get a typo in training, such as "0.5";
            or the least and the highest, between which each example draws its own:
            "0.3-1.0". By default there is no noise.
        noise_attacks: names of attacks, one of which each example draws; by default
            the paper's mix.
        clean_share: share of the examples that stay clean in an epoch; by default
            none.
    """

    task: str
    train: str
    init: str
    output: str
    dev: str | None = None
    data: Annotated[str, Limits(choices=SOURCES)] = SOURCES[0]
    metric: str | None = None
    seeds: Sequence[int] = (0,)
    learning_rate: Annotated[float | None, Limits(least=0)] = None
    batch_size: Annotated[int | None, Limits(least=1)] = None
    epochs: Annotated[int | None, Limits(least=1)] = None
    sequence_length: Annotated[int | None, Limits(least=8)] = None
    patience: Annotated[int | None, Limits(least=1)] = None
    # Without a default of their own: runs from before there were these go on.
    warmup: Annotated[float | None, Limits(0, 1)] = None
    weight_decay: Annotated[float | None, Limits(least=0)] = None
    epsilon: Annotated[float | None, Limits(least=0)] = None
    noise_rate: str | float | None = None
    noise_attacks: Sequence[str] | None = None
    clean_share: Annotated[float | None, Limits(0, 1)] = None


@dataclasses.dataclass(frozen=True)
class FinetunedSeed:
    """What a fine-tuning with one seed has made.

    Args:
        preset: the folder of the model.
        was_finished: whether it was there already.
        history: the progress since the start or the restart, as `Progress.reports` has
            it.
        best_epoch: the epoch whose model it is, from 1; None without `dev`.
        dev: the scores on `dev` by the measures' names; None without it.
    """

    preset: str
    was_finished: bool = False
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    best_epoch: int | None = None
    dev: Mapping[str, float] | None = None


@dataclasses.dataclass(frozen=True)
class FinetuningResult:
    """What a fine-tuning has made.

    Args:
        seeds: what was made with each seed.
        dev: mean and standard deviation of each measure over the seeds; None without
            `dev`, or with one seed.
    """

    seeds: Mapping[int, FinetunedSeed]
    dev: Mapping[str, Mapping[str, float]] | None = None

    @property
    def preset(self) -> str:
        """The folder of the model of the first seed."""
        return next(iter(self.seeds.values())).preset


@dataclasses.dataclass(frozen=True)
class _Job:
    """What all seeds share."""

    settings: FinetuningSettings
    data: TaskData
    train: list
    dev: list | None
    labels: list[str]
    hyper_parameters: "HyperParameters"
    noise: "TrainingNoise | None"
    strategy: "tf.distribute.Strategy"
    notice: Notice


def finetune(*, notice: Notice = print_notice, **settings: Any) -> FinetuningResult:
    """Fine-tunes CharBERT, or a plain BERT, on labelled examples.

    What official.finetune does. Called again with the same settings it goes on from the
    last checkpoint, whoever began it; with more seeds than the two or more that it was
    begun with, it trains those that are new.

    Args:
        notice: shows what is loaded and traced, and on which device.
        **settings: `task`, `train`, `init`, `output` and others, see
            `FinetuningSettings`; and the options of the task, such as `text_column`.

    Returns:
        Where the models are, and their scores.

    Raises:
        UserError: if an input cannot be read, settings do not go together, or the
            output holds anything else.
        TypeError: if there is no such setting or option.
        TrainingTerminatedError: after SIGTERM or Ctrl-C, with a checkpoint.

    Example:

    ```python
    result = charbert_tf.finetune(
        task="classification",
        train="train.tsv",
        dev="dev.tsv",
        label_column="stars",
        init="my_run/preset",
        output="my_classifier",
    )
    result.seeds[0].dev["accuracy"]
    ```
    """
    values, options = make_settings(FinetuningSettings, FINETUNING_RULES, settings)
    data = TaskData(values.task, values.data, options, metric=values.metric)
    strategy = None
    if values.data == "tfds":
        # It starts TensorFlow, which then joins no other workers any more.
        load_tensorflow(notice)
        strategy = values.make_strategy(notice)
    train, labels, dev = _examples(data, values, notice)
    load_tensorflow(notice)
    hyper_parameters = _hyper_parameters(data, values)
    noise = make_noise(values.noise_rate, values.noise_attacks, values.clean_share)
    described = _described(data, values, hyper_parameters)
    folders = []
    if len(values.seeds) > 1:
        refuse_run_of_one_seed(values.output)
        folders = [RunFolder(values.output, described, "a training run", "seeds")]
    runs = {
        seed: training.TrainingRun(
            _directory(values, seed), described | {"seeds": [str(seed)]}
        )
        for seed in values.seeds
    }
    job = None
    made = {}
    with contextlib.ExitStack() as stack:
        for folder in [*folders, *runs.values()]:
            stack.callback(folder.close)
        for seed, run in runs.items():
            if run.tidy_if_finished():
                made[seed] = _finetuned(run, was_finished=True)
                continue
            job = job or _Job(
                *(values, data, train, dev, labels, hyper_parameters, noise),
                *(strategy or values.make_strategy(notice), notice),
            )
            with values.session(seed):
                history = _finetune(job, seed, [*folders, run])
            made[seed] = _finetuned(run, history=history)
        summary = None
        if folders and (job is None or training.is_chief(job.strategy)):
            summary = _summarize(values, runs)
    return FinetuningResult(made, summary)


def _examples(
    data: TaskData, values: FinetuningSettings, notice: Notice
) -> tuple[list, list[str], list | None]:
    task = data.task
    notice(f"Reading {values.train}")
    train = data.read(values.train)
    labels = task.labels(train, values.train)
    if values.dev is None:
        return train, labels, None
    dev = data.read(values.dev)
    task.check(dev, labels, values.dev)
    return train, labels, dev


def _hyper_parameters(data: TaskData, values: FinetuningSettings) -> "HyperParameters":
    names = [field.name for field in dataclasses.fields(data.hyper_parameters)]
    given = {name: getattr(values, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(data.hyper_parameters, **given)


def _described(
    data: TaskData, values: FinetuningSettings, hyper_parameters: "HyperParameters"
) -> dict[str, Any]:
    """What a run that is gone on with must have been begun with, for JSON."""
    described = values.record() | data.settings
    described |= dataclasses.asdict(hyper_parameters)
    described["seeds"] = [str(seed) for seed in values.seeds]
    described["train"] = data.describe(values.train)
    if values.noise_rate is not None:  # The command has it as text.
        described["noise_rate"] = str(values.noise_rate)
    if values.dev is not None:
        described["dev"] = data.describe(values.dev)
    return described


def _directory(values: FinetuningSettings, seed: int) -> str:
    if len(values.seeds) == 1:
        return values.output
    return seed_directory(values.output, seed)


def _finetune(
    job: _Job, seed: int, folders: "list[RunFolder | TrainingRun]"
) -> list[dict[str, float]]:
    """Trains, goes on or finishes; the last folder is the seed's run."""
    job.notice(f"Loading {job.settings.init}")
    with training.building_scope(job.strategy):
        model = job.data.task.make_model(
            job.settings.init,
            job.labels,
            job.hyper_parameters.sequence_length,
            training_noise=job.noise,
        )
    if training.is_chief(job.strategy):
        for folder in folders:
            folder.begin()
    run = folders[-1]
    evaluation, history = _train(job, model, seed, run)
    if training.is_chief(job.strategy):
        results = {"train_examples": len(job.train)}
        if evaluation is not None:
            results |= _dev_results(job.settings.dev, evaluation, seed, run)
        _finish(model, results, run)
    return history


def _train(
    job: _Job, model: "EncoderTask", seed: int, run: "TrainingRun"
) -> "tuple[DevEvaluation | None, list[dict[str, float]]]":
    """Returns what chooses the best epoch, if there are development examples."""
    epochs = job.hyper_parameters.epochs
    dataset = job.data.task.training_dataset(
        model, job.train, job.hyper_parameters.batch_size, epochs, seed
    )
    # Not counted from the examples: a long one may give several rows.
    total_steps = int(dataset.cardinality())
    options = {name: getattr(job.settings, name) for name in _OF_THE_OPTIMIZER}
    options = {name: value for name, value in options.items() if value is not None}
    evaluation = None
    if job.dev is not None:
        epoch_steps = total_steps // epochs
        evaluation = training.DevEvaluation(
            *(job.data.task, job.dev, model, run),
            *(job.settings.patience, epoch_steps),
        )
        options |= {"epoch_steps": epoch_steps, "on_epoch_end": evaluation}
    history = job.settings.fit(
        training.CrossEntropy(model),
        dataset,
        total_steps,
        run.directory,
        job.hyper_parameters.learning_rate,
        job.strategy,
        job.notice,
        **options,
    )
    return evaluation, history


def _dev_results(
    dev: str, evaluation: "DevEvaluation", seed: int, run: "TrainingRun"
) -> dict[str, Any]:
    """Prints, tabulates and returns the best epoch's scores."""
    scores = evaluation.best_scores
    print(f"{dev}: {score_text(scores)}")
    with atomic_file(os.path.join(run.directory, "results.md")) as file:
        file.write(SeedScores({seed: scores}).table())
    return {"best_epoch": evaluation.best_epoch, "dev": scores}


def _finish(model: "EncoderTask", results: dict[str, Any], run: "TrainingRun") -> None:
    with atomic_file(os.path.join(run.directory, "results.json")) as file:
        json.dump(results, file, indent=2)
    scores = results.get("dev", {})
    run.finish(model, {f"dev {name}": score for name, score in scores.items()})


def _finetuned(
    run: "TrainingRun",
    was_finished: bool = False,
    history: list[dict[str, float]] | None = None,
) -> FinetunedSeed:
    """What stands in a run's folder; of several workers the others may be faster."""
    path = os.path.join(run.directory, "results.json")
    results = _read(path) if os.path.exists(path) else {}
    return FinetunedSeed(
        *(run.preset, was_finished, history or []),
        *(results.get("best_epoch"), results.get("dev")),
    )


def _summarize(
    values: FinetuningSettings, runs: "dict[int, TrainingRun]"
) -> dict[str, dict[str, float]] | None:
    """Writes, prints and returns the mean over the seeds."""
    if values.dev is None:
        return None
    results = {
        seed: _read(os.path.join(run.directory, "results.json"))
        for seed, run in runs.items()
    }
    scores = SeedScores({seed: results[seed]["dev"] for seed in runs})
    summary = scores.summary()
    with atomic_file(os.path.join(values.output, "results.json")) as file:
        json.dump({"dev": summary, "seeds": results}, file, indent=2)
    with atomic_file(os.path.join(values.output, "results.md")) as file:
        file.write(scores.table())
    print(scores.table(), end="", flush=True)
    return summary


def _read(path: str) -> dict[str, Any]:
    return read_json_object(path, "choose another --output")
