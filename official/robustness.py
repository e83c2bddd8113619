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

from absl import flags

from charbert_tf import recipes
from charbert_tf.attacks.named_attacks import ATTACKS
from charbert_tf.recipes.robustness_recipe import ROBUSTNESS_RULES, RobustnessSettings
from charbert_tf.recipes.task_data import SCORING_USES
from official import (
    attack_flags,  # noqa: F401  Flags alone.
    command,
    metric_flag,  # noqa: F401
    named_models_flag,
    option_flags,
    seeds_flag,
    task_flags,
    word_recognizer_flags,  # noqa: F401
)

named_models_flag.define(
    "presets, output folders of official.finetune with one seed, or SavedModels. Each "
    "two are compared: the later to the earlier one."
)
flags.DEFINE_string(
    "input", None, "Labelled file; with --data=tfds a split.", required=True
)
flags.DEFINE_list(
    "attacks",
    list(RobustnessSettings.attacks),
    f"Which attacks: {', '.join(ATTACKS)}; or several of these as one, joined by "
    "'+'; or one of your own, my_package.my_module:MyAttack. The clean text is "
    "always scored.",
)
seeds_flag.define("Of the typos: scores are means over them.")
flags.DEFINE_list(
    "rates",
    list(map(str, RobustnessSettings.rates)),
    "Shares of the words to attack, of those that an attack may edit, for the curves; "
    "tables are of the highest.",
)
flags.DEFINE_list(
    "recognized",
    None,
    "Names of the models that --recognizer corrects the words for; all unless given.",
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to make.", required=True)
option_flags.define(SCORING_USES)


command.keep_rules(ROBUSTNESS_RULES)


def main() -> None:
    """Runs the command."""
    recipes.measure_robustness(
        **seeds_flag.given(task_flags.given()), notice=command.notice
    )
    print(f"Saved {_OUTPUT.value}")


if __name__ == "__main__":
    command.run(main)
