"""The flags of commands that attack a text once: how many of its words, which seed."""

from absl import flags

RATE = flags.DEFINE_float(
    "rate",
    1.0,
    "Share of the words that are attacked.",
    lower_bound=0.0,
    upper_bound=1.0,
)
SEED = flags.DEFINE_integer("seed", 0, "Of the typos.", lower_bound=0)
