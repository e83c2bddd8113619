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

from absl import flags

from charbert_tf import recipes
from charbert_tf.recipes.limits import flag_bounds
from charbert_tf.recipes.task_data import SCORING_USES
from charbert_tf.recipes.worst_typos_recipe import WorstTyposSettings
from official import (
    attack_flags,  # noqa: F401  Flags alone.
    command,
    metric_flag,  # noqa: F401
    option_flags,
    task_flags,
)

flags.DEFINE_string(
    "model",
    None,
    "Preset that official.finetune wrote, its output folder if it had one seed, or "
    "SavedModel that official.export wrote.",
    required=True,
)
flags.DEFINE_string(
    "input", None, "Labelled file; with --data=tfds a split.", required=True
)
flags.DEFINE_string("output", None, "JSON file to write.", required=True)
flags.DEFINE_integer(
    "examples",
    WorstTyposSettings.examples,
    "Only so many, the first ones.",
    **flag_bounds(WorstTyposSettings, "examples"),
)
flags.DEFINE_string(
    "attack",
    WorstTyposSettings.attack,
    "What the edits are, as for official.attack.",
)
flags.DEFINE_integer(
    "edits",
    WorstTyposSettings.edits,
    "Edits of an example at most.",
    **flag_bounds(WorstTyposSettings, "edits"),
)
flags.DEFINE_integer(
    "beam_width",
    WorstTyposSettings.beam_width,
    "How many versions are edited further.",
    **flag_bounds(WorstTyposSettings, "beam_width"),
)
flags.DEFINE_integer(
    "most_words",
    WorstTyposSettings.most_words,
    "Edit only so many words of an example, those whose first edit raises the loss "
    "most: faster, but the worst version may be missed.",
    **flag_bounds(WorstTyposSettings, "most_words"),
)
option_flags.define(SCORING_USES)


def main() -> None:
    """Runs the command."""
    recipes.find_worst_typos(**task_flags.given(), notice=command.notice)


if __name__ == "__main__":
    command.run(main)
