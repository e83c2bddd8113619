r"""Searches for the typos that do a fine-tuned model most harm, example by example.

  python -m official.adversary --task=classification --input=dev.tsv \
      --model=my_classifier/preset --output=worst.json --attack=drop --edits=1

With one edit every version of an example is tried, so the worst is found; with more,
the --beam_width worst ones are edited further, one edit a word. The worst version is
the one with the highest loss; where no edit raises it the example stays as it is. The
loss of a preset is the cross-entropy; that of a SavedModel, which is a black box, is
how much of its prediction is wrong.

Prints the scores, clean and under the adversary; the attack success rate, which is the
share of the examples that were right and became wrong; and the model queries, which are
the versions that were scored. The output file has these, and each example and its worst
version, the edits, the loss and the prediction before and after.
"""

import dataclasses
import functools
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import export, recipes, robustness
from charbert_tf.families.metric import share
from charbert_tf.families.score_tables import score_text
from charbert_tf.files.atomic_output import atomic_file, refuse_to_replace_file
from charbert_tf.files.seed_runs import preset_of_run
from charbert_tf.recipes.task_data import SCORING_USES
from official import (
    attack_flags,
    command,
    metric_flag,  # noqa: F401  Flags alone.
    option_flags,
    task_flags,
)

if TYPE_CHECKING:
    from charbert_tf.attacks.edit import Edit
    from charbert_tf.families.family import Family
    from charbert_tf.robustness.adversary import Adversary, WorstVersion
    from charbert_tf.robustness.evaluated_model import EvaluatedModel
    from charbert_tf.robustness.losses import ModelLoss, PredictionLoss

_MODEL = flags.DEFINE_string(
    "model",
    None,
    "Preset that official.finetune wrote, its output folder if it had one seed, or "
    "SavedModel that official.export wrote.",
    required=True,
)
_INPUT = flags.DEFINE_string(
    "input", None, "Labelled file; with --data=tfds a split.", required=True
)
_OUTPUT = flags.DEFINE_string("output", None, "JSON file to write.", required=True)
_EXAMPLES = flags.DEFINE_integer(
    "examples", None, "Only so many, the first ones.", lower_bound=1
)
_ATTACK = flags.DEFINE_string(
    "attack", "mix", "What the edits are, as for official.attack."
)
_EDITS = flags.DEFINE_integer("edits", 1, "Edits of an example at most.", lower_bound=1)
_BEAM_WIDTH = flags.DEFINE_integer(
    "beam_width", 1, "How many versions are edited further.", lower_bound=1
)
_MOST_WORDS = flags.DEFINE_integer(
    "most_words",
    None,
    "Edit only so many words of an example, those whose first edit raises the loss "
    "most: faster, but the worst version may be missed.",
    lower_bound=1,
)
option_flags.define(SCORING_USES)

_SECONDS_BETWEEN_REPORTS = 30


def main() -> None:
    """Runs the command."""
    refuse_to_replace_file(_OUTPUT.value)
    attack = attack_flags.attack(_ATTACK.value)
    # Opened first: it takes minutes, for nothing if the file cannot be written.
    with atomic_file(_OUTPUT.value) as file:
        data = task_flags.task_data(SCORING_USES)
        task = data.task
        # An exported tagger does not tell its labels: they are those of the whole file.
        command.notice(f"Reading {_INPUT.value}")
        examples = data.read(_INPUT.value)
        model, loss = _model_and_loss(task, examples)
        examples = examples[: _EXAMPLES.value]
        adversary = robustness.Adversary(
            loss,
            attack,
            edits=_EDITS.value,
            beam_width=_BEAM_WIDTH.value,
            most_words=_MOST_WORDS.value,
            attacked_text=task.attacked_text,
        )
        worst = _worst_versions(adversary, examples)
        result = _result(task, model, examples, worst, loss.queries)
        result = {"settings": task_flags.settings(data), **result}
        json.dump(result, file, ensure_ascii=False, indent=2)


def _model_and_loss(
    task: "Family", examples: list
) -> "tuple[EvaluatedModel, ModelLoss | PredictionLoss]":
    folder, path = preset_of_run(_MODEL.value), _INPUT.value
    recipes.load_tensorflow(command.notice)
    recipes.tell_device(command.notice)
    command.notice(f"Loading {folder}")
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


def _worst_versions(adversary: "Adversary", examples: list) -> "list[WorstVersion]":
    command.notice("Tracing the model: its first versions take longer")
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
    queries: int,
) -> dict[str, object]:
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
    print(f"{queries:,} model queries", flush=True)
    return {
        "scores": scores,
        "attack_success_rate": success_rate,
        "model_queries": queries,
        "examples": [
            _record(example, version, *of_example)
            for example, version, *of_example in zip(
                examples, worst, *predictions.values(), strict=True
            )
        ],
    }


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


def _record(
    example: object, worst: "WorstVersion", clean: object, adversarial: object
) -> dict[str, object]:
    return {
        "clean": dataclasses.asdict(example),
        "adversarial": dataclasses.asdict(worst.example),
        "edits": [_edit_record(*edit) for edit in worst.edits],
        "loss": {"clean": worst.clean_loss, "adversarial": worst.loss},
        "prediction": {"clean": _plain(clean), "adversarial": _plain(adversarial)},
    }


def _edit_record(text: str | None, edit: "Edit") -> dict[str, object]:
    """As official.attack logs it."""
    return edit.record() if text is None else {"text": text, **edit.record()}


def _plain(prediction: object) -> object:
    """A label, tags, or the text of an answer."""
    return getattr(prediction, "text", prediction)


if __name__ == "__main__":
    command.run(main)
