r"""Scores fine-tuned models on labelled files, clean and attacked with typos.

  python -m official.evaluate --task=tagging --input=test.txt \
      --models=my_tagger/preset,bert_tagger/preset --attacks=none,mix

Each attack puts one typo into every word of four letters or more: drop loses a
character, add puts one in, swap exchanges two neighbours, keyboard hits a key's
neighbour, mix does each equally often. First and last characters stay. The others are
told in docs/attacks.md. The same seed gives the same typos to every model.

A word recogniser can stand in front of the models, and correct the typos before:

  python -m official.evaluate --task=tagging --input=test.txt \
      --models=bert_tagger/preset --recognizer=my_recognizer/preset

The output folder of an official.finetune of several seeds is a model too: each seed's
model is scored, and their mean and standard deviation:

  python -m official.evaluate --task=conll2003 --input=test.txt \
      --models=CharBERT=my_tagger --predictions=predicted

--predictions makes a folder of what each model predicts, in the data set's own format:
predicted/CharBERT/seed-0/clean.txt, mix-seed-0.txt (the typos' seed) and so on.

Classification's file may lack the labels, as GLUE's test sets do. Then nothing is
scored or attacked, and --predictions has what goes to GLUE:

  python -m official.evaluate --task=sst2 --input=test.tsv \
      --models=my_sst2 --predictions=predicted
"""

import contextlib
import json
import os
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import robustness
from charbert_tf.attacks.named_attacks import ATTACKS
from charbert_tf.families.score_tables import SUMMARY, SeedScores, score_text
from charbert_tf.files.atomic_output import (
    atomic_file,
    atomic_folder,
    refuse_to_replace_file,
)
from charbert_tf.files.errors import UserError
from charbert_tf.training.seed_runs import model_folder, seed_directory, seed_presets
from official import (
    attack_flags,
    attack_once_flags,
    attacked_text_flag,
    command,
    metric_flag,
    named_models_flag,
    task_flags,
    word_recognizer_flags,
)

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack
    from charbert_tf.families.family import Family
    from charbert_tf.word_recognition.word_corrector import WordCorrector

_Scores = dict[str, dict[str, dict[str, float]]]

_CLEAN = "none"
_MODELS = named_models_flag.define(
    "presets that official.finetune wrote, its output folders, or SavedModels of "
    "official.export."
)
_INPUT = flags.DEFINE_string(
    "input",
    None,
    "Labelled file, or for classification one without labels, to be predicted; with "
    "--data=tfds a split.",
    required=True,
)
_ATTACKS = flags.DEFINE_list(
    "attacks",
    [_CLEAN, "drop", "add", "swap", "keyboard"],
    f"Which attacks: none, {', '.join(ATTACKS)}; or several of these as one, "
    "joined by '+'; or one of your own, my_package.my_module:MyAttack.",
)
_OUTPUT = flags.DEFINE_string("output", None, "JSON file to write the scores to.")
_PREDICTIONS = flags.DEFINE_string(
    "predictions",
    None,
    "Folder to make of the predictions, a file for each model and attack.",
)


@flags.validator("attacks", "must name an attack, or none")
def _are_attacks(values) -> bool:
    return bool(values)


def main() -> None:
    """Runs the command."""
    # Opened first: scoring takes minutes, for nothing if they cannot be written.
    with contextlib.ExitStack() as outputs:
        file = folder = None
        if _OUTPUT.value is not None:
            refuse_to_replace_file(_OUTPUT.value)
            file = outputs.enter_context(atomic_file(_OUTPUT.value))
        if _PREDICTIONS.value is not None:
            folder = outputs.enter_context(atomic_folder(_PREDICTIONS.value))
        scores, over_seeds = _evaluate(folder)
        if file is not None:
            settings = command.settings(ignored=["output", "predictions"])
            result = {"settings": settings, "scores": scores, "over_seeds": over_seeds}
            json.dump(result, file, indent=2)


def _evaluate(predictions_folder: str | None) -> tuple[_Scores, dict[str, dict]]:
    """Prints the scores and writes the predictions.

    Returns the scores by model, attack and measure, and what `_over_seeds` does.
    """
    attacks = {
        name: attack_flags.attack(name, attack_once_flags.RATE.value)
        for name in _ATTACKS.value
        if name != _CLEAN
    }
    folders, trainings = _folders()
    task = task_flags.task(attacked_text_flag.HOLDERS, metric_flag.METRIC.value)
    examples = task_flags.read_to_predict(task, _INPUT.value)
    is_scored = task.are_labelled(examples)
    if not is_scored:
        _refuse_what_needs_labels()
        attacks = {}
    corrector = word_recognizer_flags.corrector()
    # All of them first, so that no mistake in a later one costs the first one's time.
    models = [
        robustness.EvaluatedModel.from_folder(
            name, folder, task, examples, _INPUT.value
        )
        for name, folder in folders.items()
    ]
    names = _ATTACKS.value if is_scored else [_CLEAN]
    versions = _versions(task, examples, names, attacks, corrector)
    if not is_scored:
        print(f"{_INPUT.value}: has no labels: it is predicted, not scored", flush=True)
    width = max(map(len, [*folders, *map(_summary_name, trainings)]))
    scores: _Scores = {name: {} for name in folders}
    for model in models:
        for name, attacked in versions.items():
            predictions = model.predict(attacked)
            if is_scored:
                of_attack = task.scores(attacked, predictions, model.labels)
                scores[model.name][name] = of_attack
                _print(model.name, name, score_text(of_attack, width=5), width)
            if predictions_folder is not None:
                folder = os.path.join(predictions_folder, model.name)
                _write_predictions(folder, name, task, attacked, predictions)
    return scores, _over_seeds(scores, trainings if is_scored else {}, width)


def _refuse_what_needs_labels() -> None:
    """Refuses what makes no sense for a file that can only be predicted."""
    if _PREDICTIONS.value is None:
        raise UserError(
            "has no labels where this task reads them: give --predictions to have them "
            "predicted, or a file that has them (of --task=classification, "
            "--label_column says where)",
            _INPUT.value,
        )
    # Those that are attacked by default are not asked for.
    if _ATTACKS.present and set(_ATTACKS.value) != {_CLEAN}:
        raise UserError(
            f"--attacks={','.join(_ATTACKS.value)}: {_INPUT.value} has no labels, and "
            "an attack is measured by scores: leave it out"
        )
    if _OUTPUT.value is not None:
        raise UserError(
            f"--output: {_INPUT.value} has no labels, so there are no scores to write: "
            "leave it out"
        )


def _folders() -> tuple[dict[str, str], dict[str, dict[int, str]]]:
    """The models' folders by name, and the names of trainings' models by seed."""
    folders, trainings = {}, {}
    for name, folder in named_models_flag.folders_by_name(_MODELS.value).items():
        if _PREDICTIONS.value is not None and not _can_name_a_folder(name):
            raise UserError(
                f"--predictions: {name!r} cannot be the name of a folder: give the "
                "model a name of its own, --models=NAME=FOLDER"
            )
        presets = seed_presets(folder)
        if presets:
            trainings[name] = {seed: seed_directory(name, seed) for seed in presets}
            folders |= zip(trainings[name].values(), presets.values(), strict=True)
        else:
            folders[name] = model_folder(folder)
    return folders, trainings


def _versions(
    task: "Family",
    examples: list,
    names: list[str],
    attacks: "dict[str, Attack]",
    corrector: "WordCorrector | None",
) -> dict[str, list]:
    """The examples that the models see, by the attack."""
    versions = {
        name: task.attacked(examples, attacks[name], attack_once_flags.SEED.value)
        if name in attacks
        else examples
        for name in names
    }
    if corrector is None:
        return versions
    return {
        name: task.corrected(version, corrector) for name, version in versions.items()
    }


def _can_name_a_folder(name: str) -> bool:
    return os.sep not in name and name not in (os.curdir, os.pardir)


def _write_predictions(
    folder: str,
    attack: str,
    task: "Family",
    examples: list,
    predictions: list,
) -> None:
    os.makedirs(folder, exist_ok=True)
    seed = attack_once_flags.SEED.value
    stem = "clean" if attack == _CLEAN else f"{attack}-seed-{seed}"
    for ending, write in task.prediction_writers().items():
        path = os.path.join(folder, stem + ending)
        with open(path, "w", encoding="utf-8") as file:
            write(file, examples, predictions)


def _over_seeds(
    scores: _Scores, trainings: dict[str, dict[int, str]], width: int
) -> dict[str, dict]:
    """Prints and returns mean and deviation by training, attack and measure."""
    results: dict[str, dict] = {}
    for training, models in trainings.items():
        results[training] = {}
        for attack in dict.fromkeys(_ATTACKS.value):
            of_seeds = SeedScores(
                {seed: scores[model][attack] for seed, model in models.items()}
            )
            results[training][attack] = of_seeds.summary()
            texts = of_seeds.summary_texts().items()
            printed = "  ".join(f"{measure} {text}" for measure, text in texts)
            _print(_summary_name(training), attack, printed, width)
    return results


def _summary_name(training: str) -> str:
    return f"{training} {SUMMARY}"


def _print(model: str, attack: str, scores: str, width: int) -> None:
    attack_width = max(8, *map(len, _ATTACKS.value))
    print(f"{model:{width}}  {attack:{attack_width}}  {scores}", flush=True)


if __name__ == "__main__":
    command.run(main)
