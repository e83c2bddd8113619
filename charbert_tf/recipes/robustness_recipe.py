"""measure_robustness: how models stand typos, with intervals, tests and charts."""

import dataclasses
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from charbert_tf import robustness
from charbert_tf.attacks.named_attacks import CLEAN
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.notices import Notice, print_notice
from charbert_tf.recipes.scoring_setup import MODELS_RULE, ScoringSetup, models_by_name
from charbert_tf.recipes.settings import SEEDS_RULE, Rule, make_settings
from charbert_tf.recipes.task_data import TaskData
from charbert_tf.recipes.typos import RECOGNIZER_RULES

if TYPE_CHECKING:
    from charbert_tf.robustness.evaluated_model import EvaluatedModel
    from charbert_tf.robustness.robustness_result import RobustnessResult, Score


def _are_rates(rates: Sequence[float | str]) -> bool:
    try:
        numbers = [float(rate) for rate in rates]
    except (ValueError, TypeError):
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
class RobustnessSettings(ScoringSetup):
    """The settings of `measure_robustness`; official.robustness has a flag for each.

    Args:
        models: of one seed; each two are compared: the later to the earlier one.
        output: the folder of the report; None for none.
        attacks: names of attacks, several of these as one joined by `"+"`, or places of
            yours. The clean text is always scored.
        seeds: of the typos: scores are means over them.
        rates: shares of the words to attack, of those that an attack may edit, for the
            curves; tables are of the highest.
        recognizer: each model is scored a second time behind it, as "NAME + WordRec".
        recognized: names of the models that are; by default all.
    """

    output: str | None = None
    attacks: Sequence[str] = ("mix", "small_letters")
    seeds: Sequence[int] = (0,)
    rates: Sequence[float] = (0.25, 0.5, 0.75, 1)
    recognized: Sequence[str] | None = None


def measure_robustness(
    *, notice: Notice = print_notice, **settings: Any
) -> "RobustnessResult":
    """Measures how models stand typos: intervals, significance, charts.

    What official.robustness does: every model sees the same typos, and each two are
    compared. It is not called as the package `charbert_tf.robustness`, whose parts it
    puts together.

    Args:
        notice: shows what is loaded and traced, and on which device.
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
    rules = (MODELS_RULE, *ROBUSTNESS_RULES)
    values, options = make_settings(RobustnessSettings, rules, settings)
    data = values.task_data(options)
    if values.output is None:
        return _measure(values, data, notice)
    # Claimed first: scoring takes minutes, for nothing if the folder is taken.
    with atomic_folder(values.output) as folder:
        result = _measure(values, data, notice)
        robustness.write_report(result, folder, _record(values, data))
    return result


def _measure(
    values: RobustnessSettings, data: TaskData, notice: Notice
) -> "RobustnessResult":
    task = data.task
    attacks = values.make_attacks(values.attacks)
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


def _record(values: RobustnessSettings, data: TaskData) -> dict[str, Any]:
    """How the scores are made.

    Numbers of which there are several are texts, as those that commands are given.
    """
    several = {"seeds": values.seeds, "rates": values.rates}
    texts = {name: [*map(str, numbers)] for name, numbers in several.items()}
    return data.record(values) | texts


def _models(
    values: RobustnessSettings, data: TaskData, examples: list, notice: Notice
) -> "list[EvaluatedModel]":
    folders = models_by_name(values.models)
    recognized = _recognized(values.recognized, folders)
    models, corrector = values.load(folders, data.task, examples, notice)
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
    if score.attack != CLEAN:
        line += f"  drop {score.drop}"
    print(line, flush=True)
