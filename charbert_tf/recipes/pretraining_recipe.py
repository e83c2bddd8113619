"""pretrain: CharBERT (MLM + NLM), or a plain BERT (MLM), on text."""

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from charbert_tf import pretraining, training, vocabularies
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.extended_pretraining import PretrainingExtension
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.notices import Notice, load_tensorflow, print_notice
from charbert_tf.recipes.settings import HIGHEST_SEED, Rule, make_own_settings
from charbert_tf.recipes.training_setup import TrainingSetup

if TYPE_CHECKING:
    import tensorflow as tf

    from charbert_tf.models.pretrainer import Pretrainer
    from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
    from charbert_tf.pretraining.held_out_evaluation import HeldOutEvaluation
    from charbert_tf.pretraining.initial_pretrainer import InitialPretrainer
    from charbert_tf.pretraining.pretraining_text import PretrainingText

# The character encoder alone bears, and needs, a high one.
_WARM_START_LEARNING_RATE = 2e-3
_HELD_OUT_BATCHES, _HELD_OUT_TIMES = 20, 20
INTERACTIONS = ("paper", "released")
"""Forms of the layer that fuses the channels."""

PRETRAINING_RULES = (
    Rule(
        ["hidden_dim", "num_heads"],
        lambda v: v["hidden_dim"] % math.lcm(4, v["num_heads"]) == 0,
        "--hidden_dim must be a multiple of 4 and of --num_heads",
    ),
    Rule(
        ["warm_start_steps", "init", "characters"],
        lambda v: not v["warm_start_steps"] or (v["init"] and v["characters"]),
        "--warm_start_steps needs an encoder to learn from, --init, and --characters",
    ),
    Rule(
        ["vocabulary", "init"],
        lambda v: v["vocabulary"] is not None or v["init"] is not None,
        "--vocabulary must be given, or --init: official.build_vocabulary makes one",
    ),
)
"""What must hold between the settings."""

_SIZES = ("num_layers", "num_heads", "hidden_dim", "intermediate_dim")


@dataclasses.dataclass(frozen=True, kw_only=True)
class PretrainingSettings(TrainingSetup):
    """The settings of `pretrain`; official.pretrain has a flag for each.

    Args:
        input: text files or globs, a paragraph a line; or one folder of
            official.prepare_data.
        output: the folder to write to.
        vocabulary: the folder of vocabularies, as official.build_vocabulary writes it.
            Not needed if `init` is a CharBERT that was pretrained here.
        init: a preset or Hugging Face folder to start from; by default random weights.
        characters: whether to add the character channel: CharBERT, or plain BERT.
        interaction: one of `INTERACTIONS`, unless `init` has one.
        steps: training steps.
        dev_input: held-out text as `input` takes it. MLM and NLM on some of it are
            measured twenty times and at the end.
        extend: whether a finished run in `output` gets more steps, up to `steps`. It
            warms up and decays again, on other noise and order, and keeps the model of
            before beside the new one.
        warm_start_steps: steps that teach the character encoder the encoder's
            embeddings first; for `init`.
        new_weights_multiplier: what the learning rate of the weights that `init` does
            not hold is multiplied by.
        noise_rate: share of words with a typo.
        num_layers: transformer layers, without `init`.
        num_heads: attention heads, without `init`.
        hidden_dim: hidden size, without `init`.
        intermediate_dim: feed-forward size, without `init`; by default four times the
            hidden one.
        learning_rate: the peak; the default is the paper's.
        batch_size: examples of a batch. The paper does not say how large its are.
        sequence_length: tokens of an example; the default is for a first try, the paper
            has 384.
        seed: of new weights, order, noise and masks.
        jit_compile: whether XLA compiles the step but for the character encoder, for
            GPUs. All batches are then padded to `sequence_length`.
    """

    input: Sequence[str]
    output: str
    vocabulary: str | None = None
    init: str | None = None
    characters: bool = True
    interaction: Annotated[str, Limits(choices=INTERACTIONS)] = INTERACTIONS[0]
    steps: Annotated[int, Limits(least=1)] = 100_000
    dev_input: Sequence[str] | None = None
    extend: bool = False
    warm_start_steps: Annotated[int, Limits(least=0)] = 0
    new_weights_multiplier: Annotated[float, Limits(least=0)] = 1.0
    noise_rate: Annotated[float, Limits(0, 1)] = 0.15
    num_layers: Annotated[int, Limits(least=1)] = 12
    num_heads: Annotated[int, Limits(least=1)] = 12
    hidden_dim: Annotated[int, Limits(least=4)] = 768
    intermediate_dim: Annotated[int | None, Limits(least=1)] = None
    learning_rate: Annotated[float, Limits(least=0)] = 3e-5
    batch_size: Annotated[int, Limits(least=1)] = 32
    sequence_length: Annotated[int, Limits(least=8)] = 128
    seed: Annotated[int, Limits(0, HIGHEST_SEED)] = 0
    jit_compile: bool = False


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
    run = training.TrainingRun(values.output, job.described)
    if run.tidy_if_finished():
        return PretrainingResult(run.preset, was_finished=True)
    result, _ = _run(job, run, notice)
    return result


@dataclasses.dataclass(frozen=True)
class _Job:
    """What is asked for: `given` as it was, and with all that is not."""

    given: Mapping[str, Any]
    values: PretrainingSettings
    text: "PretrainingText"
    described: dict[str, Any]


def _job(given: Mapping[str, Any], notice: Notice) -> _Job:
    values = make_own_settings(PretrainingSettings, PRETRAINING_RULES, given)
    if values.init is not None:
        _refuse(given.keys() & set(_SIZES), "--init has its own")
    load_tensorflow(notice)
    text = pretraining.PretrainingText(values.input)
    return _Job(given, values, text, _described(values, text))


def _extend(
    extension: PretrainingExtension, job: _Job, notice: Notice
) -> PretrainingResult:
    result = PretrainingResult(extension.preset, was_finished=True)
    if extension.is_made:
        # Waits for the other workers, of whom none may find it finished before.
        strategy = job.values.make_strategy(notice)
    else:
        inner = _job(extension.settings(job.given), notice)
        run = training.TrainingRun(inner.values.output, inner.described)
        result, strategy = _run(inner, run, notice)
        result = dataclasses.replace(result, preset=extension.preset)
    # The other workers come here while this one still saves the result.
    if training.is_chief(strategy):
        kept = extension.finish()
        moved = f"Moved to {extension.preset}; the model of before is in {kept}"
        print(moved, flush=True)
    return result


def _run(
    job: _Job, run: "training.TrainingRun", notice: Notice
) -> "tuple[PretrainingResult, tf.distribute.Strategy]":
    """Trains; also returns on what, which tells who of several workers writes."""
    if not run.has_begun:
        job.text.check_lines()
    strategy = job.values.make_strategy(notice)
    with job.values.session(job.values.seed):
        history, held_out = _train(job, run, strategy, notice)
    return PretrainingResult(run.preset, history=history, held_out=held_out), strategy


def _described(values: PretrainingSettings, text: "PretrainingText") -> dict[str, Any]:
    """What a run that is gone on with must have been begun with, for JSON."""
    described = values.record() | {"input": text.description}
    if values.dev_input is not None:
        dev_text = pretraining.PretrainingText(values.dev_input)
        described["dev_input"] = dev_text.description
    # With --init, that has its own sizes.
    ignored = {"extend", *(_SIZES if values.init is not None else ())}
    return {name: value for name, value in described.items() if name not in ignored}


def _train(
    job: _Job,
    run: "training.TrainingRun",
    strategy: "tf.distribute.Strategy",
    notice: Notice,
) -> tuple[list[dict[str, float]], dict[str, float]]:
    values, text = job.values, job.text
    if values.init is not None:
        notice(f"Loading {values.init}")
    with training.building_scope(strategy):
        initial = _initial_pretrainer(values)
    _refuse_what_a_charbert_has(initial, values, job.given)
    pretrainer = initial.pretrainer
    preprocessor = _training_preprocessor(pretrainer.preprocessor, values.jit_compile)
    text.check(preprocessor, values.batch_size, training.input_context(strategy))
    if training.is_chief(strategy):
        run.begin()
    if values.warm_start_steps and not run.has_checkpoint:
        _warm_start(pretrainer, values, text, run.stage("warm_start"), strategy, notice)
    objective = training.CrossEntropy(pretrainer)
    evaluation, options = _held_out(objective, values, run.directory)
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
    objective: "training.CrossEntropy", values: PretrainingSettings, directory: str
) -> "tuple[HeldOutEvaluation | None, dict[str, Any]]":
    """What measures on `dev_input`, and what `fit` must know to ask it."""
    if values.dev_input is None:
        return None, {}
    text = pretraining.PretrainingText(values.dev_input)
    text.check_lines()
    batches = text.dataset(
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
    sizes = {name: getattr(values, name) for name in _SIZES}
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
