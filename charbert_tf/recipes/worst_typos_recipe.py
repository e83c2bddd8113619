"""find_worst_typos: the search for the typos that do a model most harm."""

import dataclasses
import functools
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from charbert_tf import export, robustness
from charbert_tf.families.metric import share
from charbert_tf.families.score_tables import score_text
from charbert_tf.files.atomic_output import atomic_file, refuse_to_replace_file
from charbert_tf.files.seed_runs import preset_of_run
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.notices import (
    Notice,
    load_tensorflow,
    print_notice,
    tell_device,
)
from charbert_tf.recipes.settings import make_settings
from charbert_tf.recipes.task_data import SCORING_USES, SOURCES, TaskData
from charbert_tf.recipes.typos import MINIMUM_LENGTH, MinimumLength, make_attacks

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack
    from charbert_tf.attacks.edit import Edit
    from charbert_tf.families.example import Example
    from charbert_tf.families.family import Family
    from charbert_tf.robustness.adversary import (
        Adversary,
        ExampleEdit,
        WorstVersion,
    )
    from charbert_tf.robustness.evaluated_model import EvaluatedModel
    from charbert_tf.robustness.losses import ModelLoss, PredictionLoss

_SECONDS_BETWEEN_REPORTS = 30


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorstTyposSettings:
    """The settings of `find_worst_typos`; official.adversary has a flag for each.

    Args:
        minimum_length: of the words that are edited, in characters; shorter ones stay.
        protected_words: a file of words that stay, one a line.
        metric: the place of a metric of yours that comes before the task's own scores.
        task: a family or data set by its name, or the place of one of yours, as
            `TaskData` takes it.
        data: where examples come from, "files" or "tfds".
        model: a preset, the output folder of a `finetune` of one seed, or a SavedModel.
        input: a labelled file; of tensorflow-datasets a split.
        output: a JSON file to write what is found to.
        examples: only so many, the first ones.
        attack: what the edits are: the name of an attack, several of these as one
            joined by `"+"`, or the place of yours.
        edits: the most edits of an example, one a word.
        beam_width: how many versions are edited further.
        most_words: edit only so many words of an example, those whose first edit raises
            the loss most: faster, but the worst version may be missed.
    """

    # In the order in which the file of what is found has them.
    minimum_length: MinimumLength = MINIMUM_LENGTH
    protected_words: str | None = None
    metric: str | None = None
    task: str
    data: Annotated[str, Limits(choices=SOURCES)] = SOURCES[0]
    model: str
    input: str
    output: str | None = None
    examples: Annotated[int | None, Limits(least=1)] = None
    attack: str = "mix"
    edits: Annotated[int, Limits(least=1)] = 1
    beam_width: Annotated[int, Limits(least=1)] = 1
    most_words: Annotated[int | None, Limits(least=1)] = None


@dataclasses.dataclass(frozen=True)
class WorstTypos:
    """What the search has found for an example.

    Args:
        clean: the example.
        adversarial: its worst version, with the same label; the example itself where no
            edit raises the loss.
        edits: what makes the one of the other, in order.
        loss: of both, `"clean"` and `"adversarial"`.
        prediction: what the model predicts of both.
    """

    clean: "Example"
    adversarial: "Example"
    edits: "Sequence[ExampleEdit]"
    loss: dict[str, float]
    prediction: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class WorstTyposResult:
    """What a search for the worst typos has found.

    Args:
        scores: by `"clean"` and `"adversarial"`, and by measure, in [0, 1].
        attack_success_rate: the share of the right examples that became wrong.
        model_queries: how many versions were scored.
        examples: each example and its worst version, in order.
    """

    scores: dict[str, dict[str, float]]
    attack_success_rate: float
    model_queries: int
    examples: list[WorstTypos]


def find_worst_typos(
    *, notice: Notice = print_notice, **settings: Any
) -> WorstTyposResult:
    """Searches for the typos that do a fine-tuned model most harm, by example.

    What official.adversary does: it prints the scores, clean and under the adversary,
    the attack success rate and the model queries.

    Args:
        notice: shows what is loaded and traced, and on which device.
        **settings: `task`, `model`, `input` and others, see `WorstTyposSettings`; and
            the options of the task, such as `text_column`.

    Returns:
        The scores, and each example with its worst version.

    Raises:
        UserError: if a file or a model cannot be read, or settings do not go together.
        TypeError: if there is no such setting or option, or one is missing.

    Example:

    ```python
    result = charbert_tf.find_worst_typos(
        task="sst2", model="my_classifier", input="dev.tsv", attack="drop", examples=100
    )
    result.attack_success_rate, result.examples[0].adversarial.text
    ```
    """
    values, options = make_settings(WorstTyposSettings, (), settings)
    if values.output is not None:
        refuse_to_replace_file(values.output)
    (attack,) = make_attacks(
        [values.attack],
        minimum_length=values.minimum_length,
        protected_words=values.protected_words,
    ).values()
    data = TaskData(values.task, values.data, options, SCORING_USES, values.metric)
    if values.output is None:
        return _search(values, data, attack, notice)
    # Opened first: it takes minutes, for nothing if the file cannot be written.
    with atomic_file(values.output) as file:
        result = _search(values, data, attack, notice)
        found = vars(result) | {"examples": [_record(of) for of in result.examples]}
        found = {"settings": data.record(values), **found}
        json.dump(found, file, ensure_ascii=False, indent=2)
    return result


def _search(
    values: WorstTyposSettings, data: TaskData, attack: "Attack", notice: Notice
) -> WorstTyposResult:
    """Prints the scores."""
    task = data.task
    # An exported tagger does not tell its labels: they are those of the whole file.
    notice(f"Reading {values.input}")
    examples = data.read(values.input)
    model, loss = _model_and_loss(values, task, examples, notice)
    examples = examples[: values.examples]
    adversary = robustness.Adversary(
        loss,
        attack,
        edits=values.edits,
        beam_width=values.beam_width,
        most_words=values.most_words,
        attacked_text=task.attacked_text,
    )
    worst = _worst_versions(adversary, examples, notice)
    return _result(task, model, examples, worst, loss)


def _model_and_loss(
    values: WorstTyposSettings, task: "Family", examples: list, notice: Notice
) -> "tuple[EvaluatedModel, ModelLoss | PredictionLoss]":
    folder, path = preset_of_run(values.model), values.input
    load_tensorflow(notice)
    tell_device(notice)
    notice(f"Loading {folder}")
    if export.ServedModel.is_one(folder):
        model = robustness.EvaluatedModel.from_folder(
            folder, folder, task, examples, path
        )
        return model, robustness.PredictionLoss(task, model)
    finetuned = task.load_model(folder)
    task.check(examples, finetuned.labels, path)
    predict = functools.partial(task.predict, finetuned)
    model = robustness.EvaluatedModel(folder, predict, finetuned.labels)
    return model, robustness.ModelLoss(task, finetuned, path)


def _worst_versions(
    adversary: "Adversary", examples: list, notice: Notice
) -> "list[WorstVersion]":
    notice("Tracing the model: its first versions take longer")
    worst, begin, reported = [], time.monotonic(), time.monotonic()
    for group in adversary.groups_of_worst_versions(examples):
        worst += group
        is_due = time.monotonic() - reported > _SECONDS_BETWEEN_REPORTS
        if is_due and len(worst) < len(examples):
            reported = time.monotonic()
            left = (reported - begin) * (len(examples) / len(worst) - 1)
            print(
                f"{len(worst)} of {len(examples)} examples, {left:.0f} s left",
                flush=True,
            )
    return worst


def _result(
    task: "Family",
    model: "EvaluatedModel",
    examples: list,
    worst: "list[WorstVersion]",
    loss: "ModelLoss | PredictionLoss",
) -> WorstTyposResult:
    """Prints the scores and returns them with the examples."""
    versions = {
        "clean": examples,
        "adversarial": [version.example for version in worst],
    }
    predictions = {name: model.predict(of) for name, of in versions.items()}
    scores = {
        name: task.scores(of, predictions[name], model.labels)
        for name, of in versions.items()
    }
    for name, of in scores.items():
        print(f"{name:11}  {score_text(of, width=5)}", flush=True)
    success_rate = _success_rate(task, versions, predictions, model.labels)
    print(f"{loss.queries:,} model queries", flush=True)
    found = [
        WorstTypos(
            example,
            version.example,
            version.edits,
            {"clean": version.clean_loss, "adversarial": version.loss},
            dict(zip(predictions, of_example, strict=True)),
        )
        for example, version, *of_example in zip(
            examples, worst, *predictions.values(), strict=True
        )
    ]
    return WorstTyposResult(scores, success_rate, loss.queries, found)


def _success_rate(
    task: "Family",
    versions: dict[str, list],
    predictions: dict[str, list],
    labels: Sequence[str],
) -> float:
    """Prints and returns the share of the right examples that became wrong."""
    before, after = (
        task.metric.are_right(task.metric.counts(of, predictions[name], labels))
        for name, of in versions.items()
    )
    right = int(before.sum())
    lost = int((before & ~after).sum())
    rate = share(lost, right)
    print(f"attack success rate {100 * rate:.1f}: {lost} of {right} right examples")
    return rate


def _record(found: WorstTypos) -> dict[str, object]:
    """As JSON has it."""
    return vars(found) | {
        "clean": dataclasses.asdict(found.clean),
        "adversarial": dataclasses.asdict(found.adversarial),
        "edits": [_edit_record(*edit) for edit in found.edits],
        "prediction": {name: _plain(of) for name, of in found.prediction.items()},
    }


def _edit_record(text: str | None, edit: "Edit") -> dict[str, object]:
    """As official.attack logs it."""
    return edit.record() if text is None else {"text": text, **edit.record()}


def _plain(prediction: object) -> object:
    """A label, tags, or the text of an answer."""
    return getattr(prediction, "text", prediction)
