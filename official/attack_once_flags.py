"""The flags of commands that attack a text once: how many of its words, which seed."""

from absl import flags

from charbert_tf.recipes.evaluation_recipe import EvaluationSettings
from charbert_tf.recipes.limits import flag_bounds

RATE = flags.DEFINE_float(
    "rate",
    1.0,
    "Share of the words that are attacked.",
    **flag_bounds(EvaluationSettings, "rate"),
)
SEED = flags.DEFINE_integer(
    "seed", 0, "Of the typos.", **flag_bounds(EvaluationSettings, "seed")
)
