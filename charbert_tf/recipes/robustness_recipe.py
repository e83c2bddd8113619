"""measure_robustness: how models stand typos, with intervals, tests and charts."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from charbert_tf import robustness
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.named_models import (
    NamedModels,
    load_models,
    models_by_name,
)
from charbert_tf.recipes.notices import (
    Notice,
    load_tensorflow,
    print_notice,
    tell_device,
)
from charbert_tf.recipes.settings import SEEDS_RULE, Rule, make_settings, plain_settings
from charbert_tf.recipes.task_data import SOURCES, TaskData
from charbert_tf.recipes.typos import (
    BACKOFFS,
    MINIMUM_LENGTH,
    RECOGNIZER_RULES,
    load_corrector,
    make_attacks,
)

if TYPE_CHECKING:
    from charbert_tf.robustness.evaluated_model import EvaluatedModel
    from charbert_tf.robustness.robustness_result import RobustnessResult, Score


def _are_rates(rates: Sequence[float | str]) -> bool:
    try:
        numbers = [float(rate) for rate in rates]
    except ValueError:
        return False
    return all(0 <= rate <= 1 for rate in numbers) and any(numbers)


ROBUSTNESS_RULES = (
    Rule(["attacks"], lambda v: bool(v["attacks"]), "must name an attack"),
    Rule(
        ["recognizer", "recognized"],
        lambda v: v["recognizer"] is not None or v["recognized"] is None,
        "--recognized needs a recogniser: give --recognizer",
    ),
    Rule(
        ["rates"],
        lambda v: _are_rates(v["rates"]),
        "must be numbers from 0 to 1, one of them above 0",
    ),
    SEEDS_RULE,
    *RECOGNIZER_RULES,
)
"""What must hold between the settings."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RobustnessSettings:
    """The settings of `measure_robustness`; official.robustness has a flag for each.

    Args:
        task: a family or data set by its name, or the place of one of yours, as
            `TaskData` takes it.
        models: presets, output folders of `finetune` with one seed, or SavedModels:
            `"FOLDER"` or `"NAME=FOLDER"`, or folders by the models' names. Each two are
            compared: the later to the earlier one.
        input: a labelled file; of tensorflow-datasets a split.
        output: the folder of the report; None for none.
        data: where examples come from, "files" or "tfds".
        attacks: names of attacks, several of these as one joined by `"+"`, or places of
            yours. The clean text is always scored.
        seeds: of the typos: scores are means over them.
        rates: shares of the words to attack, of those that an attack may edit, for the
            curves; tables are of the highest.
        minimum_length: shorter words stay, in characters.
        protected_words: a file of words that stay, one a line.
        metric: the place of a metric of yours that models are compared by.
        recognizer: a preset of official.train_word_recognizer: each model is scored a
            second time behind it, as "NAME + WordRec".
        recognized: names of the models that are; by default all.
        backoff: what becomes of a word that the recogniser does not know, one of
            `BACKOFFS`.
        background_recognizer: a recogniser of more words, for the background.
    """

    task: str
    models: NamedModels
    input: str
    output: str | None = None
    data: str = SOURCES[0]
    attacks: Sequence[str] = ("mix", "small_letters")
    seeds: Sequence[int] = (0,)
    rates: Sequence[float] = (0.25, 0.5, 0.75, 1)
    minimum_length: int = MINIMUM_LENGTH
    protected_words: str | None = None
    metric: str | None = None
    recognizer: str | None = None
    recognized: Sequence[str] | None = None
    backoff: str = BACKOFFS[0]
    background_recognizer: str | None = None


def measure_robustness(
    *,
    notice: Notice = print_notice,
    described: Mapping[str, Any] | None = None,
    **settings: Any,
) -> "RobustnessResult":
    """Measures how models stand typos: intervals, significance, charts.

    What official.robustness does: every model sees the same typos, and each two are
    compared. It is not called as the package `charbert_tf.robustness`, whose parts it
    puts together.

    Args:
        notice: shows what is loaded and traced, and on which device.
        described: what the report says of how it was made; by default the settings that
            are given.
        **settings: `task`, `models`, `input` and others, see `RobustnessSettings`; and
            the options of the task, such as `text_column`.

    Returns:
        The scores with their intervals, the comparisons and the changed predictions.

    Raises:
        UserError: if a file or a model cannot be read, or settings do not go together.
        TypeError: if there is no such setting or option.

    Example:

    ```python
    result = charbert_tf.measure_robustness(
        task="conll2003",
        models={"BERT": "bert_tagger", "CharBERT": "my_tagger"},
        input="test.txt",
        output="report",
    )
    result.score("CharBERT", "mix").drop
    ```
    """
    values, options = make_settings(RobustnessSettings, ROBUSTNESS_RULES, settings)
    data = TaskData(values.task, values.data, options, True, values.metric)
    if values.output is None:
        return _measure(values, data, notice)
    # Claimed first: scoring takes minutes, for nothing if the folder is taken.
    with atomic_folder(values.output) as folder:
        result = _measure(values, data, notice)
        made = plain_settings(settings if described is None else described)
        robustness.write_report(result, folder, made)
    return result


def _measure(
    values: RobustnessSettings, data: TaskData, notice: Notice
) -> "RobustnessResult":
    task = data.task
    attacks = make_attacks(
        values.attacks,
        minimum_length=values.minimum_length,
        protected_words=values.protected_words,
    )
    notice(f"Reading {values.input}")
    examples = data.read(values.input)
    models = _models(values, data, examples, notice)
    width = max(len(model.name) for model in models)
    evaluation = robustness.RobustnessEvaluation(task, examples, models)
    return evaluation.measure(
        attacks,
        values.seeds,
        sorted({float(rate) for rate in values.rates} - {0.0}),
        lambda score: _print(score, width),
    )


def _models(
    values: RobustnessSettings, data: TaskData, examples: list, notice: Notice
) -> "list[EvaluatedModel]":
    folders = models_by_name(values.models)
    recognized = _recognized(values.recognized, folders)
    load_tensorflow(notice)
    tell_device(notice)
    corrector = load_corrector(
        *(values.recognizer, values.backoff, values.background_recognizer), notice
    )
    models = load_models(folders, data.task, examples, values.input, notice)
    if corrector is None:
        return models
    versions = []
    for model in models:
        versions.append(model)
        if model.name in recognized:
            versions.append(model.behind(corrector, data.task))
    return versions


def _recognized(
    recognized: Collection[str] | None, names: Collection[str]
) -> Collection[str]:
    """The names of the models that a recogniser corrects the words for."""
    for name in recognized or ():
        if name not in names:
            raise UserError(
                f"--recognized={name}: no model has this name: choose from "
                f"{', '.join(names)}"
            )
    return names if recognized is None else recognized


def _print(score: "Score", width: int) -> None:
    line = f"{score.model:{width}}  {score.attack:10} {score.rate:4.0%}  "
    line += f"{score.measure} {score.score}"
    if score.attack != robustness.CLEAN:
        line += f"  drop {score.drop}"
    print(line, flush=True)
