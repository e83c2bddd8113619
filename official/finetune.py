r"""Fine-tunes CharBERT, or a plain BERT, on labelled examples.

On a data set of the paper, from its files or from tensorflow-datasets:

  python -m official.finetune --task=conll2003 --train=train.txt --dev=dev.txt \
      --init=my_run/preset --output=my_tagger
  python -m official.finetune --task=cola --data=tfds --train=train \
      --dev=validation --seeds=0,1,2 --init=my_run/preset --output=my_cola

On files of your own:

  python -m official.finetune --task=classification --train=train.tsv \
      --dev=dev.tsv --text_column=sentence --label_column=label \
      --init=my_run/preset --output=my_classifier

--init is what official.pretrain made, or a Hugging Face folder (docs/checkpoints.md
lists the encoders), which gives a plain encoder. Learning rate, batch size, epochs and
sequence length are the task's own unless they are given; docs/finetuning.md lists them.

The model is in my_tagger/preset when it is done: with --dev that of the best epoch,
whose scores are in results.json and results.md. With several seeds each has a folder of
its own, my_cola/seed-0 and so on, and my_cola/results.json and results.md have their
mean. The same command started again goes on from the last checkpoint; with more seeds
than the two or more that it was begun with, it trains those that are new.
"""

from absl import flags

from charbert_tf import recipes
from charbert_tf.recipes.finetuning_recipe import FINETUNING_RULES, FinetuningSettings
from charbert_tf.recipes.limits import flag_bounds
from charbert_tf.recipes.task_data import TRAINING_USES
from charbert_tf.recipes.training_setup import WARMUP
from official import (
    command,
    metric_flag,  # noqa: F401  Flags alone.
    option_flags,
    seeds_flag,
    task_flags,
    training_flags,  # noqa: F401
)

flags.DEFINE_string(
    "train", None, "Training file; with --data=tfds a split.", required=True
)
flags.DEFINE_string("dev", None, "File, or split, to choose the best epoch's model by.")
flags.DEFINE_string(
    "init", None, "Preset or Hugging Face folder to start from.", required=True
)
flags.DEFINE_string("output", None, "Folder to write to.", required=True)
flags.DEFINE_integer(
    "epochs", None, "Passes over --train.", **flag_bounds(FinetuningSettings, "epochs")
)
flags.DEFINE_integer(
    "patience",
    None,
    "Epochs without a better first score on --dev after which training stops; by "
    "default it never does.",
    **flag_bounds(FinetuningSettings, "patience"),
)
flags.DEFINE_float(
    "warmup",
    None,
    f"Share of the steps in which the learning rate rises; by default {WARMUP}.",
    **flag_bounds(FinetuningSettings, "warmup"),
)
flags.DEFINE_float(
    "weight_decay",
    None,
    "Of AdamW; by default 0.01.",
    **flag_bounds(FinetuningSettings, "weight_decay"),
)
flags.DEFINE_float(
    "epsilon",
    None,
    "Of AdamW; by default 1e-7.",
    **flag_bounds(FinetuningSettings, "epsilon"),
)
flags.DEFINE_string(
    "noise_rate",
    None,
    "Share of the words of four letters or more that get a typo in training, drawn "
    "anew in each epoch: a number, or two with '-' between them, such as 0.3-1.0, "
    "between which each example draws its own.",
)
flags.DEFINE_list(
    "noise_attacks",
    None,
    "Attacks as for official.attack, one of which each example draws; one that is "
    "named twice is drawn twice as often. By default mix. Letter case, such as "
    "small_letters, is of all words of an example.",
)
flags.DEFINE_float(
    "clean_share",
    None,
    "Share of the examples that stay clean in an epoch; by default none.",
    **flag_bounds(FinetuningSettings, "clean_share"),
)
seeds_flag.define("Of new weights, order and dropout: a training for each.")
option_flags.define(TRAINING_USES)


command.keep_rules(FINETUNING_RULES)


def main() -> None:
    """Runs the command."""
    recipes.finetune(**seeds_flag.given(task_flags.given()), notice=command.notice)


if __name__ == "__main__":
    command.run(main)
