r"""Measures how models stand typos: a report with intervals, significance and charts.

  python -m official.robustness --task=conll2003 --input=test.txt \
      --models=BERT=bert_tagger/preset,CharBERT=my_tagger/preset \
      --attacks=mix,drop --seeds=0,1,2 --output=report

The report folder then holds report.md (all tables), results.json (all numbers),
results.csv (the scores), significance.csv (the comparisons of each two models),
curves.png and .svg (score against the share of edited words), drops.png and .svg (how
far each attack lowers each score), changed.html (predictions that were right and became
wrong, with the texts), and changed.jsonl (all of these). Every model sees the same
typos; each two are compared.

A model is a preset of official.finetune or a SavedModel of official.export. With a word
recogniser each model, or those of --recognized, is scored a second time behind it, as
"NAME + WordRec":

  python -m official.robustness --task=conll2003 --input=test.txt \
      --models=BERT=bert_tagger/preset,CharBERT=my_tagger/preset \
      --recognizer=my_recognizer/preset --recognized=BERT --output=report
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import robustness
from charbert_tf.attacks.named_attacks import ATTACKS
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from official import (
    attack_flags,
    attacked_text_flag,
    command,
    metric_flag,
    named_models_flag,
    seeds_flag,
    task_flags,
    word_recognizer_flags,
)

if TYPE_CHECKING:
    from charbert_tf.families.family import Family
    from charbert_tf.robustness.evaluated_model import EvaluatedModel
    from charbert_tf.robustness.robustness_result import RobustnessResult, Score

_MODELS = named_models_flag.define(
    "presets, output folders of official.finetune with one seed, or SavedModels. Each "
    "two are compared: the later to the earlier one."
)
_INPUT = flags.DEFINE_string(
    "input", None, "Labelled file; with --data=tfds a split.", required=True
)
_ATTACKS = flags.DEFINE_list(
    "attacks",
    ["mix"],
    f"Which attacks: {', '.join(ATTACKS)}; or several of these as one, joined by "
    "'+'; or one of your own, my_package.my_module:MyAttack. The clean text is "
    "always scored.",
)
_SEEDS = seeds_flag.define("Of the typos: scores are means over them.")
_RATES = flags.DEFINE_list(
    "rates",
    ["0.25", "0.5", "0.75", "1"],
    "Shares of the words to attack, of those that an attack may edit, for the curves; "
    "tables are of the highest.",
)
_RECOGNIZED = flags.DEFINE_list(
    "recognized",
    None,
    "Names of the models that --recognizer corrects the words for; all unless given.",
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to make.", required=True)


@flags.validator("attacks", "must name an attack")
def _are_attacks(values) -> bool:
    return bool(values)


@flags.multi_flags_validator(
    ["recognizer", "recognized"],
    "--recognized needs a recogniser: give --recognizer",
)
def _has_recognizer(values) -> bool:
    return values["recognizer"] is not None or values["recognized"] is None


@flags.validator("rates", "must be numbers from 0 to 1, one of them above 0")
def _are_rates(values) -> bool:
    try:
        rates = [float(value) for value in values]
    except ValueError:
        return False
    return all(0 <= rate <= 1 for rate in rates) and any(rates)


def main() -> None:
    """Runs the command."""
    # Claimed first: scoring takes minutes, for nothing if the folder is taken.
    with atomic_folder(_OUTPUT.value) as folder:
        task = task_flags.task(attacked_text_flag.HOLDERS, metric_flag.METRIC.value)
        result = _measure(task)
        robustness.write_report(result, folder, command.settings(ignored=["output"]))
    print(f"Saved {_OUTPUT.value}")


def _measure(task: "Family") -> "RobustnessResult":
    attacks = {name: attack_flags.attack(name) for name in _ATTACKS.value}
    examples = task_flags.read(task, _INPUT.value)
    models = _models(task, examples)
    width = max(len(model.name) for model in models)
    evaluation = robustness.RobustnessEvaluation(task, examples, models)
    return evaluation.measure(
        attacks,
        [int(seed) for seed in _SEEDS.value],
        sorted({float(rate) for rate in _RATES.value} - {0.0}),
        lambda score: _print(score, width),
    )


def _models(task: "Family", examples: list) -> list["EvaluatedModel"]:
    folders = named_models_flag.models_by_name(_MODELS.value)
    recognized = _recognized(folders)
    corrector = word_recognizer_flags.corrector()
    models = [
        robustness.EvaluatedModel.from_folder(
            name, folder, task, examples, _INPUT.value
        )
        for name, folder in folders.items()
    ]
    if corrector is None:
        return models
    versions = []
    for model in models:
        versions.append(model)
        if model.name in recognized:
            versions.append(model.behind(corrector, task))
    return versions


def _recognized(names: Collection[str]) -> Collection[str]:
    """The names of the models that a recogniser corrects the words for."""
    for name in _RECOGNIZED.value or ():
        if name not in names:
            raise UserError(
                f"--recognized={name}: no model has this name: choose from "
                f"{', '.join(names)}"
            )
    return names if _RECOGNIZED.value is None else _RECOGNIZED.value


def _print(score: "Score", width: int) -> None:
    line = f"{score.model:{width}}  {score.attack:10} {score.rate:4.0%}  "
    line += f"{score.measure} {score.score}"
    if score.attack != robustness.CLEAN:
        line += f"  drop {score.drop}"
    print(line, flush=True)


if __name__ == "__main__":
    command.run(main)
