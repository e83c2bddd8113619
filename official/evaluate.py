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
"""

import json

from absl import flags

from official import (
    attack_flags,
    attack_once_flags,
    attacked_text_flag,
    command,
    named_models_flag,
    task_flags,
    word_recognizer_flags,
)

_MODELS = named_models_flag.define(
    "presets that official.finetune wrote, or SavedModels of official.export."
)
_INPUT = flags.DEFINE_string(
    "input", None, "Labelled file; with --data=tfds a split.", required=True
)
_ATTACKS = flags.DEFINE_list(
    "attacks",
    ["none", "drop", "add", "swap", "keyboard"],
    f"Which attacks: none, {', '.join(attack_flags.ATTACKS)}; or several of these as "
    "one, joined by '+'.",
)
_OUTPUT = flags.DEFINE_string("output", None, "JSON file to write the scores to.")


@flags.validator("attacks", "must name an attack, or none")
def _are_attacks(values) -> bool:
    return bool(values)


def main() -> None:
    """Runs the command."""
    from charbert_tf.atomic_output import atomic_file, refuse_to_replace_file

    if _OUTPUT.value is None:
        _evaluate()
        return
    refuse_to_replace_file(_OUTPUT.value)
    # Opened first: scoring takes minutes, for nothing if the file cannot be written.
    with atomic_file(_OUTPUT.value) as file:
        settings = command.settings(ignored=["output"])
        json.dump({"settings": settings, "scores": _evaluate()}, file, indent=2)


def _evaluate() -> dict[str, dict[str, dict[str, float]]]:
    """Prints the scores and returns them by model, attack and measure."""
    from charbert_tf.robustness.evaluated_model import EvaluatedModel
    from charbert_tf.tasks.score_text import score_text

    attacks = {
        name: attack_flags.attack(name, attack_once_flags.RATE.value)
        for name in _ATTACKS.value
        if name != "none"
    }
    task = task_flags.task(attacked_text_flag.ATTACKED_TEXT.value)
    examples = task_flags.read(task, _INPUT.value)
    corrector = word_recognizer_flags.corrector()
    # All of them first, so that no mistake in a later one costs the first one's time.
    models = [
        EvaluatedModel.from_folder(name, folder, task, examples, _INPUT.value)
        for name, folder in named_models_flag.folders_by_name(_MODELS.value).items()
    ]
    versions = {
        name: task.attacked(examples, attacks[name], attack_once_flags.SEED.value)
        if name in attacks
        else examples
        for name in _ATTACKS.value
    }
    if corrector is not None:
        versions = {
            name: task.corrected(version, corrector)
            for name, version in versions.items()
        }
    results: dict = {model.name: {} for model in models}
    width = max(map(len, results))
    attack_width = max(8, *map(len, versions))
    for model in models:
        for name, attacked in versions.items():
            scores = task.scores(attacked, model.predict(attacked), model.labels)
            results[model.name][name] = scores
            printed = score_text(scores, width=5)
            print(f"{model.name:{width}}  {name:{attack_width}}  {printed}", flush=True)
    return results


if __name__ == "__main__":
    command.run(main)
