"""pretrain: CharBERT (MLM + NLM), or a plain BERT (MLM), on text."""

import contextlib
import dataclasses
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from charbert_tf import pretraining, training, vocabularies
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.extended_pretraining import PretrainingExtension
from charbert_tf.recipes.notices import Notice, load_tensorflow, print_notice
from charbert_tf.recipes.pretraining_settings import (
    INTERACTIONS,
    PRETRAINING_RULES,
    SIZES,
    PretrainingSettings,
)
from charbert_tf.recipes.settings import make_own_settings

if TYPE_CHECKING:
    import tensorflow as tf

    from charbert_tf.models.pretrainer import Pretrainer
    from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
    from charbert_tf.pretraining.held_out_evaluation import HeldOutEvaluation
    from charbert_tf.pretraining.initial_pretrainer import InitialPretrainer
    from charbert_tf.pretraining.pretraining_text import PretrainingText
    from charbert_tf.training.training_run import TrainingRun

# The character encoder alone bears, and needs, a high one.
_WARM_START_LEARNING_RATE = 2e-3
_HELD_OUT_BATCHES, _HELD_OUT_TIMES = 20, 20


@dataclasses.dataclass(frozen=True)
class PretrainingResult:
    """What a pretraining has made.

    Args:
        preset: the folder of the model.
        was_finished: whether it was there already.
        history: the progress since the start or the restart, as `Progress.reports` has
            it: `step`, `loss`, `mlm_loss`, `mlm_accuracy` and so on.
        held_out: the last measures on `dev_input`, by the same names.
    """

    preset: str
    was_finished: bool = False
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    held_out: dict[str, float] = dataclasses.field(default_factory=dict)


def pretrain(*, notice: Notice = print_notice, **settings: Any) -> PretrainingResult:
    """Pretrains CharBERT (MLM + NLM), or a plain BERT (MLM), on text.

    What official.pretrain does. Called again with the same settings it goes on from the
    last checkpoint, whoever began it. Sources: Ma et al., 2020, section 3.3.

    Args:
        notice: shows what is loaded and traced, and on which device.
        **settings: `input`, `output` and others, see `PretrainingSettings`.

    Returns:
        Where the model is, and how training went.

    Raises:
        UserError: if an input cannot be read, settings do not go together, or the
            output holds anything else.
        TypeError: if there is no such setting, or one is missing.
        TrainingTerminatedError: after SIGTERM or Ctrl-C, with a checkpoint.

    Example:

    ```python
    result = charbert_tf.pretrain(
        input=["text.txt"],
        vocabulary="vocabulary",
        output="my_run",
        num_layers=4,
        hidden_dim=256,
        num_heads=4,
        steps=10_000,
    )
    charbert_tf.Pretrainer.from_preset(result.preset)
    ```
    """
    job = _job(settings, notice)
    values = job.values
    if values.extend:
        extension = PretrainingExtension(values.output, job.described)
        if extension.more_steps:
            return _extend(extension, job, notice)
    run = training.TrainingRun(values.output, job.described, job.told)
    if run.tidy_if_finished():
        return PretrainingResult(run.preset, was_finished=True)
    result, _ = _run(job, [run], notice)
    return result


@dataclasses.dataclass(frozen=True)
class _Job:
    """What is asked for: `given` as it was, and with all that is not."""

    given: Mapping[str, Any]
    values: PretrainingSettings
    text: "PretrainingText"
    dev_text: "PretrainingText | None"
    described: dict[str, Any]

    @property
    def told(self) -> dict[str, Any]:
        """What the model's card says that it was made with.

        Without the form of the fusion where there is none, or where `init` may have
        its own: then it is refused, and so the default.
        """
        is_default = self.values.interaction == INTERACTIONS[0]
        if self.values.characters and not (self.values.init and is_default):
            return self.described
        return {n: v for n, v in self.described.items() if n != "interaction"}


def _job(given: Mapping[str, Any], notice: Notice) -> _Job:
    values = make_own_settings(PretrainingSettings, PRETRAINING_RULES, given)
    if values.init is not None:
        _refuse(given.keys() & set(SIZES), "--init has its own")
    load_tensorflow(notice)
    text = pretraining.PretrainingText(values.input)
    described = _described(values) | {"input": text.description}
    dev_text = None
    if values.dev_input is not None:
        dev_text = pretraining.PretrainingText(values.dev_input)
        described["dev_input"] = dev_text.description
    return _Job(given, values, text, dev_text, described)


def _extend(
    extension: PretrainingExtension, job: _Job, notice: Notice
) -> PretrainingResult:
    result = PretrainingResult(extension.preset, was_finished=True)
    with contextlib.closing(extension):
        if extension.is_made:
            # Waits for the other workers, of whom none may find it finished before.
            strategy = job.values.make_strategy(notice)
        else:
            inner = _job(extension.settings(job.given), notice)
            run = training.TrainingRun(
                inner.values.output, inner.described, job.told, extension.note
            )
            result, strategy = _run(inner, [extension, run], notice)
            result = dataclasses.replace(result, preset=extension.preset)
        # The other workers come here while this one still saves the result.
        if training.is_chief(strategy):
            extension.begin()
            kept = extension.finish()
            moved = f"Moved to {extension.preset}; the model of before is in {kept}"
            print(moved, flush=True)
    return result


def _run(
    job: _Job, folders: "list[PretrainingExtension | TrainingRun]", notice: Notice
) -> "tuple[PretrainingResult, tf.distribute.Strategy]":
    """Trains in the last folder, and returns also on what: it tells who writes."""
    run = folders[-1]
    if not run.has_begun:
        job.text.check_lines()
    if job.dev_text is not None:
        job.dev_text.check_lines()
    strategy = job.values.make_strategy(notice)
    with job.values.session(job.values.seed), contextlib.closing(run):
        history, held_out = _train(job, folders, strategy, notice)
    return PretrainingResult(run.preset, history=history, held_out=held_out), strategy


def _described(values: PretrainingSettings) -> dict[str, Any]:
    """What a run that is gone on with must have been begun with, for JSON."""
    described = values.record()
    # With --init, that has its own sizes.
    ignored = {"extend", *(SIZES if values.init is not None else ())}
    return {name: value for name, value in described.items() if name not in ignored}


def _train(
    job: _Job,
    folders: "list[PretrainingExtension | TrainingRun]",
    strategy: "tf.distribute.Strategy",
    notice: Notice,
) -> tuple[list[dict[str, float]], dict[str, float]]:
    values, text, dev_text, run = job.values, job.text, job.dev_text, folders[-1]
    if values.init is not None:
        notice(f"Loading {values.init}")
    with training.building_scope(strategy):
        initial = _initial_pretrainer(values)
    _refuse_what_a_charbert_has(initial, values, job.given)
    pretrainer = initial.pretrainer
    preprocessor = _training_preprocessor(pretrainer.preprocessor, values.jit_compile)
    text.check(preprocessor, values.batch_size, training.input_context(strategy))
    if dev_text is not None:
        # Its batches are the first worker's alone.
        dev_text.check(preprocessor, values.batch_size)
    if training.is_chief(strategy):
        for folder in folders:
            folder.begin()
    if values.warm_start_steps and not run.has_checkpoint:
        _warm_start(pretrainer, values, text, run.stage("warm_start"), strategy, notice)
    objective = training.CrossEntropy(pretrainer)
    evaluation, options = _held_out(objective, job, run.directory)
    history = values.fit(
        objective,
        text.worker_dataset(preprocessor, values.batch_size, values.seed),
        values.steps,
        run.directory,
        values.learning_rate,
        strategy,
        notice,
        multiplier=values.new_weights_multiplier,
        new_variables=initial.new_variables,
        jit_compile=values.jit_compile,
        **options,
    )
    scores = {}
    if training.is_chief(strategy):
        if evaluation is not None:
            evaluation.evaluate(values.steps)
            scores = evaluation.scores
        run.finish(pretrainer, {f"held-out {name}": v for name, v in scores.items()})
    return history, scores


def _held_out(
    objective: "training.CrossEntropy", job: _Job, directory: str
) -> "tuple[HeldOutEvaluation | None, dict[str, Any]]":
    """What measures on `dev_input`, and what `fit` must know to ask it."""
    values = job.values
    if job.dev_text is None:
        return None, {}
    batches = job.dev_text.dataset(
        objective.model.preprocessor, values.batch_size, values.seed
    ).take(_HELD_OUT_BATCHES)
    epoch_steps = max(1, values.steps // _HELD_OUT_TIMES)
    evaluation = pretraining.HeldOutEvaluation(
        # Kept: to noise and to shuffle the text anew takes longer than to evaluate.
        objective,
        batches.cache(),
        epoch_steps,
        directory,
    )

    def on_epoch_end(epoch: int) -> bool:
        # What comes after the last step is measured in any case.
        return epoch * epoch_steps < values.steps and evaluation(epoch)

    return evaluation, {"epoch_steps": epoch_steps, "on_epoch_end": on_epoch_end}


def _initial_pretrainer(values: PretrainingSettings) -> "InitialPretrainer":
    folder = values.vocabulary
    options = {
        "vocabularies": folder and vocabularies.VocabularyFolder(folder),
        "has_characters": values.characters,
        "interaction": values.interaction,
        "sequence_length": values.sequence_length,
        "noise_rate": values.noise_rate,
        "seed": values.seed,
    }
    if values.init is not None:
        return pretraining.InitialPretrainer.from_folder(values.init, **options)
    sizes = {name: getattr(values, name) for name in SIZES}
    sizes["intermediate_dim"] = values.intermediate_dim or 4 * values.hidden_dim
    sizes["max_sequence_length"] = max(512, values.sequence_length)
    return pretraining.InitialPretrainer.from_scratch(encoder_options=sizes, **options)


def _training_preprocessor(
    preprocessor: "PretrainerPreprocessor", static_shapes: bool
) -> "PretrainerPreprocessor":
    """What is saved with the model need not pad as what it is compiled for does."""
    if not static_shapes:
        return preprocessor
    return type(preprocessor).from_config(
        preprocessor.get_config()
        | {"tokenizer": preprocessor.tokenizer, "static_shapes": True}
    )


def _refuse_what_a_charbert_has(
    initial: "InitialPretrainer", values: PretrainingSettings, given: Collection[str]
) -> None:
    if not initial.was_charbert:
        return
    _refuse({"interaction"} & set(given), "--init is a CharBERT, which has its own")
    if values.warm_start_steps:
        raise UserError(
            "--warm_start_steps: --init is a CharBERT, whose trained character encoder "
            "and NLM head it would overwrite: leave it out"
        )


def _refuse(given: Collection[str], reason: str) -> None:
    """Refuses settings that would have no effect."""
    if given:
        names = [f.name for f in dataclasses.fields(PretrainingSettings)]
        flags = ", ".join(f"--{name}" for name in names if name in given)
        raise UserError(f"{flags}: {reason}: leave it out")


def _warm_start(
    pretrainer: "Pretrainer",
    values: PretrainingSettings,
    text: "PretrainingText",
    directory: str,
    strategy: "tf.distribute.Strategy",
    notice: Notice,
) -> None:
    with training.building_scope(strategy):
        objective = pretraining.CharEncoderWarmStart(pretrainer)
    values.fit(
        objective,
        # Whole batches, of which it compares the rows; not those that come after it.
        text.dataset(objective.preprocessor, values.batch_size, values.seed + 1),
        values.warm_start_steps,
        directory,
        _WARM_START_LEARNING_RATE,
        strategy,
        notice,
    )
