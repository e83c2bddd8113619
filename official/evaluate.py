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

from absl import flags

from charbert_tf import recipes
from charbert_tf.attacks.named_attacks import ATTACKS
from charbert_tf.recipes.evaluation_recipe import EVALUATION_RULES, EvaluationSettings
from charbert_tf.recipes.task_data import SCORING_USES
from official import (
    attack_flags,  # noqa: F401  Flags alone.
    attack_once_flags,  # noqa: F401
    command,
    metric_flag,  # noqa: F401
    named_models_flag,
    option_flags,
    task_flags,
    word_recognizer_flags,  # noqa: F401
)

named_models_flag.define(
    "presets that official.finetune wrote, its output folders, or SavedModels of "
    "official.export."
)
flags.DEFINE_string(
    "input",
    None,
    "Labelled file, or for classification one without labels, to be predicted; with "
    "--data=tfds a split.",
    required=True,
)
flags.DEFINE_list(
    "attacks",
    list(EvaluationSettings.attacks),
    f"Which attacks: none, {', '.join(ATTACKS)}; or several of these as one, "
    "joined by '+'; or one of your own, my_package.my_module:MyAttack.",
)
flags.DEFINE_string("output", None, "JSON file to write the scores to.")
flags.DEFINE_string(
    "predictions",
    None,
    "Folder to make of the predictions, a file for each model and attack.",
)
option_flags.define(SCORING_USES)


command.keep_rules(EVALUATION_RULES)


def main() -> None:
    """Runs the command."""
    recipes.evaluate(**task_flags.given(), notice=command.notice)


if __name__ == "__main__":
    command.run(main)
