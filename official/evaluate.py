r"""Scores fine-tuned models on labelled files, clean and attacked with typos.

  python -m official.evaluate --task=tagging --input=test.txt \
      --models=my_tagger/preset,bert_tagger/preset --attacks=none,mix

Each attack puts one typo into every word of four letters or more: drop loses a
character, add puts one in, swap exchanges two neighbours, keyboard hits a key's
neighbour, mix does each equally often. First and last characters stay. The same seed
gives the same typos to every model.

A word recogniser can stand in front of the models, and correct the typos before:

  python -m official.evaluate --task=tagging --input=test.txt \
      --models=bert_tagger/preset --recognizer=my_recognizer/preset
"""

import json

from absl import flags

from official import command, task_flags, word_recognizer_flags

_MODELS = flags.DEFINE_list(
    "models", None, "Presets that official.finetune wrote.", required=True
)
_INPUT = flags.DEFINE_string(
    "input", None, "Labelled file; with --data=tfds a split.", required=True
)
_ATTACKS = flags.DEFINE_list(
    "attacks",
    ["none", "drop", "add", "swap", "keyboard"],
    "Which attacks: none, drop, add, swap, keyboard, mix.",
)
_RATE = flags.DEFINE_float(
    "rate",
    1.0,
    "Share of the words that are attacked.",
    lower_bound=0.0,
    upper_bound=1.0,
)
_SEED = flags.DEFINE_integer("seed", 0, "Of the typos.", lower_bound=0)
_OUTPUT = flags.DEFINE_string("output", None, "JSON file to write the scores to.")


def main() -> None:
    """Runs the command."""
    from charbert_tf.atomic_output import atomic_file

    if _OUTPUT.value is None:
        _evaluate()
        return
    # Opened first: scoring takes minutes, for nothing if the file cannot be written.
    with atomic_file(_OUTPUT.value) as file:
        settings = command.settings(ignored=["output"])
        json.dump({"settings": settings, "scores": _evaluate()}, file, indent=2)


def _evaluate() -> dict[str, dict[str, dict[str, float]]]:
    """Prints the scores and returns them by model, attack and measure."""
    from charbert_tf.attacks import get_attack
    from charbert_tf.tasks.score_text import score_text

    task = task_flags.task()
    examples = task_flags.read(task, _INPUT.value)
    corrector = word_recognizer_flags.corrector()
    versions = {
        name: examples
        if name == "none"
        else task.attacked(examples, get_attack(name, rate=_RATE.value), _SEED.value)
        for name in _ATTACKS.value
    }
    if corrector is not None:
        versions = {
            name: task.corrected(version, corrector)
            for name, version in versions.items()
        }
    results = {}
    width = max(map(len, _MODELS.value))
    for folder in _MODELS.value:
        model = task.load_model(folder)
        task.check(examples, model.labels, _INPUT.value)
        results[folder] = {}
        for name, attacked in versions.items():
            scores = task.scores(attacked, task.predict(model, attacked), model.labels)
            results[folder][name] = scores
            printed = score_text(scores, width=5)
            print(f"{folder:{width}}  {name:8}  {printed}", flush=True)
    return results


if __name__ == "__main__":
    command.run(main)
