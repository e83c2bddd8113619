r"""Analyses what vocabularies and models make of words (section 6 of the paper).

  python -m official.analyze --analysis=segmentation --task=tagging --tag_column=1 \
      --input=dev.txt --models=bert_folder --output=segmentation
  python -m official.analyze --analysis=word_vs_subword --task=tagging \
      --input=test.txt --models=my_tagger/preset,bert_tagger/preset --output=subwords
  python -m official.analyze --analysis=sensitivity --task=tagging --input=test.txt \
      --models=my_run/preset,bert_folder --output=sensitivity

segmentation: the share of the words that the models' vocabularies split, and of those
none of whose subwords is left after one edit; of nouns too, if the tags are parts of
speech. word_vs_subword: the scores of fine-tuned models on words that stay whole and on
words that are split. sensitivity: how far noise moves the words' vectors, over the file
and word by word in one sentence.

The output folder holds results.json, the table in results.md, and each chart as PNG
and SVG.
"""

from absl import flags

from charbert_tf import recipes
from charbert_tf.recipes.analysis_recipe import (
    ANALYSIS_USES,
    ATTACK_OF_ANALYSIS,
    AnalysisSettings,
)
from charbert_tf.recipes.limits import flag_bounds
from official import (
    attack_flags,  # noqa: F401  Flags alone.
    attack_once_flags,  # noqa: F401
    command,
    named_models_flag,
    option_flags,
    task_flags,
)

flags.DEFINE_enum(
    "analysis", None, list(ATTACK_OF_ANALYSIS), "Which analysis.", required=True
)
named_models_flag.define(
    "presets or Hugging Face folders; for word_vs_subword what official.finetune wrote."
)
flags.DEFINE_string(
    "input", None, "Labelled file; with --data=tfds a split.", required=True
)
flags.DEFINE_string(
    "attack",
    AnalysisSettings.attack,
    "What is done to the words, as for official.attack, or none. Unless given, drop "
    "for segmentation, none for word_vs_subword, mix for sensitivity.",
)
flags.DEFINE_integer(
    "sentence",
    AnalysisSettings.sentence,
    "For sensitivity: the sentence, counted from 0, that is drawn word by word.",
    **flag_bounds(AnalysisSettings, "sentence"),
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
option_flags.define(ANALYSIS_USES)


def main() -> None:
    """Runs the command."""
    recipes.analyze(**task_flags.given(), notice=command.notice)
    print(f"{_OUTPUT.value} has the numbers and the charts.")


if __name__ == "__main__":
    command.run(main)
