"""evaluate: scores of models on labelled files, clean and attacked with typos."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from charbert_tf.attacks.named_attacks import CLEAN
from charbert_tf.families.score_tables import SUMMARY, SeedScores, score_text
from charbert_tf.files.atomic_output import (
    atomic_file,
    atomic_folder,
    refuse_to_replace_file,
)
from charbert_tf.files.errors import UserError
from charbert_tf.files.seed_runs import preset_of_run, seed_directory, seed_presets
from charbert_tf.recipes.notices import Notice, print_notice
from charbert_tf.recipes.scoring_setup import MODELS_RULE, ScoringSetup, folders_by_name
from charbert_tf.recipes.settings import Rule, make_settings
from charbert_tf.recipes.task_data import TaskData
from charbert_tf.recipes.typos import RECOGNIZER_RULES, AttackRate, AttackSeed

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack
    from charbert_tf.families.family import Family
    from charbert_tf.word_recognition.word_corrector import WordCorrector

Scores = dict[str, dict[str, dict[str, float]]]
"""Scores by model, attack and measure."""


def _are_nested(output: str | None, predictions: str | None) -> bool:
    """Tells whether the one place is the other, or in it."""
    if not output or not predictions:
        return False
    places = os.path.realpath(output), os.path.realpath(predictions)
    return os.path.commonpath(places) in places


EVALUATION_RULES = (
    Rule(["attacks"], lambda v: bool(v["attacks"]), "must name an attack, or none"),
    *RECOGNIZER_RULES,
    Rule(
        ["output", "predictions"],
        lambda v: not _are_nested(v["output"], v["predictions"]),
        "one is inside of the other, and each is written as a whole: give them places "
        "of their own",
    ),
)
"""What must hold of the settings."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluationSettings(ScoringSetup):
    """The settings of `evaluate`; official.evaluate has a flag for each.

    Args:
        input: may for classification be without labels, to be predicted.
        attacks: `"none"` for the clean text, names of attacks, several of these as one
            joined by `"+"`, or places of yours.
        rate: share of the words that are attacked.
        seed: of the typos.
        output: a JSON file to write the scores to.
        predictions: a folder to make of the predictions, a file for each model and
            attack.
    """

    attacks: Sequence[str] = (CLEAN, "drop", "add", "swap", "keyboard")
    rate: AttackRate = 1.0
    seed: AttackSeed = 0
    output: str | None = None
    predictions: str | None = None


@dataclasses.dataclass(frozen=True)
class EvaluationResult:
    """What an evaluation has found.

    Args:
        scores: by model, attack and measure, in [0, 1]; none of a file without labels.
        over_seeds: mean and standard deviation of each measure, by fine-tuning of
            several seeds and attack.
    """

    scores: Scores
    over_seeds: dict[str, dict[str, dict[str, dict[str, float]]]]


def evaluate(*, notice: Notice = print_notice, **settings: Any) -> EvaluationResult:
    """Scores fine-tuned models on a labelled file, clean and attacked with typos.

    What official.evaluate does: it prints a line for each model and attack.

    Args:
        notice: shows what is loaded and traced, and on which device.
        **settings: `task`, `models`, `input` and others, see `EvaluationSettings`; and
            the options of the task, such as `text_column`.

    Returns:
        The scores.

    Raises:
        UserError: if a file or a model cannot be read, or settings do not go together.
        TypeError: if there is no such setting or option.

    Example:

    ```python
    result = charbert_tf.evaluate(
        task="conll2003",
        models={"BERT": "bert_tagger", "CharBERT": "my_tagger"},
        input="test.txt",
        attacks=["none", "mix"],
    )
    result.scores["CharBERT"]["mix"]["f1"]
    ```
    """
    rules = (MODELS_RULE, *EVALUATION_RULES)
    values, options = make_settings(EvaluationSettings, rules, settings)
    # Opened first: scoring takes minutes, for nothing if they cannot be written.
    with contextlib.ExitStack() as outputs:
        file = folder = None
        if values.output is not None:
            refuse_to_replace_file(values.output)
            file = outputs.enter_context(atomic_file(values.output))
        if values.predictions is not None:
            folder = outputs.enter_context(atomic_folder(values.predictions))
        data = values.task_data(options)
        result = _evaluate(values, data, "attacks" in settings, folder, notice)
        if file is not None:
            found = dataclasses.asdict(result)
            json.dump({"settings": data.record(values), **found}, file, indent=2)
    return result


def _evaluate(
    values: EvaluationSettings,
    data: TaskData,
    are_attacks_asked_for: bool,
    predictions_folder: str | None,
    notice: Notice,
) -> EvaluationResult:
    """Prints the scores and writes the predictions."""
    attacks = values.make_attacks(
        [name for name in values.attacks if name != CLEAN], values.rate
    )
    folders, trainings = _folders(values)
    examples = _examples(data, values, are_attacks_asked_for, notice)
    is_scored = data.task.are_labelled(examples)
    # All of them first, so that no mistake in a later one costs the first one's time.
    models, corrector = values.load(folders, data.task, examples, notice)
    names = values.attacks if is_scored else [CLEAN]
    versions = {
        name: _version(data.task, examples, attacks.get(name), values.seed, corrector)
        for name in names
    }
    if not is_scored:
        print(f"{values.input}: has no labels: it is predicted, not scored", flush=True)
    width = max(map(len, [*folders, *map(_summary_name, trainings)]))
    columns = (width, max(8, *map(len, values.attacks)))
    scores: Scores = {name: {} for name in folders}
    for model in models:
        for name, version in versions.items():
            predictions = model.predict(version)
            if is_scored:
                of_attack = data.task.scores(version, predictions, model.labels)
                scores[model.name][name] = of_attack
                _print(model.name, name, score_text(of_attack, width=5), columns)
            if predictions_folder is not None:
                path = os.path.join(predictions_folder, model.name)
                stem = "clean" if name == CLEAN else f"{name}-seed-{values.seed}"
                _write_predictions(path, stem, data.task, version, predictions)
    names = list(dict.fromkeys(values.attacks))
    return EvaluationResult(
        scores, _over_seeds(scores, trainings if is_scored else {}, names, columns)
    )


def _examples(
    data: TaskData,
    values: EvaluationSettings,
    are_attacks_asked_for: bool,
    notice: Notice,
) -> list:
    task = data.task
    notice(f"Reading {values.input}")
    examples = data.read_to_predict(values.input)
    if not task.are_labelled(examples):
        _refuse_what_needs_labels(values, are_attacks_asked_for)
    return examples


def _refuse_what_needs_labels(
    values: EvaluationSettings, are_attacks_asked_for: bool
) -> None:
    """Refuses what makes no sense for a file that can only be predicted."""
    if values.predictions is None:
        raise UserError(
            "has no labels where this task reads them: give --predictions to have them "
            "predicted, or a file that has them (of --task=classification, "
            "--label_column says where)",
            values.input,
        )
    # Those that are attacked by default are not asked for.
    if are_attacks_asked_for and set(values.attacks) != {CLEAN}:
        raise UserError(
            f"--attacks={','.join(values.attacks)}: {values.input} has no labels, and "
            "an attack is measured by scores: leave it out"
        )
    if values.output is not None:
        raise UserError(
            f"--output: {values.input} has no labels, so there are no scores to write: "
            "leave it out"
        )


def _folders(
    values: EvaluationSettings,
) -> tuple[dict[str, str], dict[str, dict[int, str]]]:
    """The models' folders by name, and the names of trainings' models by seed."""
    folders, trainings = {}, {}
    for name, folder in folders_by_name(values.models).items():
        if values.predictions is not None and not _can_name_a_folder(name):
            raise UserError(
                f"--predictions: {name!r} cannot be the name of a folder: give the "
                "model a name of its own, --models=NAME=FOLDER"
            )
        presets = seed_presets(folder)
        if presets:
            trainings[name] = {seed: seed_directory(name, seed) for seed in presets}
            folders |= zip(trainings[name].values(), presets.values(), strict=True)
        else:
            folders[name] = preset_of_run(folder)
    return folders, trainings


def _version(
    task: "Family",
    examples: list,
    attack: "Attack | None",
    seed: int,
    corrector: "WordCorrector | None",
) -> list:
    """The examples as the models see them."""
    if attack is not None:
        examples = task.attacked(examples, attack, seed)
    return examples if corrector is None else task.corrected(examples, corrector)


def _can_name_a_folder(name: str) -> bool:
    return os.sep not in name and name not in (os.curdir, os.pardir)


def _write_predictions(
    folder: str, stem: str, task: "Family", examples: list, predictions: list
) -> None:
    os.makedirs(folder, exist_ok=True)
    for ending, write in task.prediction_writers().items():
        path = os.path.join(folder, stem + ending)
        with open(path, "w", encoding="utf-8") as file:
            write(file, examples, predictions)


def _over_seeds(
    scores: Scores,
    trainings: dict[str, dict[int, str]],
    attacks: Sequence[str],
    columns: tuple[int, int],
) -> dict[str, dict]:
    """Prints and returns mean and deviation by training, attack and measure."""
    results: dict[str, dict] = {}
    for training, models in trainings.items():
        results[training] = {}
        for attack in attacks:
            of_seeds = SeedScores(
                {seed: scores[model][attack] for seed, model in models.items()}
            )
            results[training][attack] = of_seeds.summary()
            texts = of_seeds.summary_texts().items()
            printed = "  ".join(f"{measure} {text}" for measure, text in texts)
            _print(_summary_name(training), attack, printed, columns)
    return results


def _summary_name(training: str) -> str:
    return f"{training} {SUMMARY}"


def _print(model: str, attack: str, scores: str, columns: tuple[int, int]) -> None:
    model_width, attack_width = columns
    print(f"{model:{model_width}}  {attack:{attack_width}}  {scores}", flush=True)
