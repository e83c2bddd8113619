"""The flags that all trainings share."""

from absl import flags

from charbert_tf.recipes.limits import flag_bounds
from charbert_tf.recipes.pretraining_settings import PretrainingSettings
from charbert_tf.recipes.training_setup import (
    DISTRIBUTIONS,
    PRECISIONS,
    TrainingSetup,
)

BATCH_SIZE = flags.DEFINE_integer(
    "batch_size",
    None,
    "Examples of a batch.",
    **flag_bounds(PretrainingSettings, "batch_size"),
)
SEQUENCE_LENGTH = flags.DEFINE_integer(
    "sequence_length",
    None,
    "Tokens of an example at most.",
    **flag_bounds(PretrainingSettings, "sequence_length"),
)
LEARNING_RATE = flags.DEFINE_float(
    "learning_rate",
    None,
    "Peak learning rate, after the warm-up; then it falls linearly.",
    **flag_bounds(PretrainingSettings, "learning_rate"),
)
flags.DEFINE_enum(
    "precision",
    TrainingSetup.precision,
    list(PRECISIONS),
    "Precision of the matrices.",
)
flags.DEFINE_enum(
    "distribution",
    TrainingSetup.distribution,
    list(DISTRIBUTIONS),
    "What to train on: one device, all GPUs of the machine, or the workers that "
    "TF_CONFIG names; auto takes all that there are.",
)
flags.DEFINE_integer(
    "accumulation_steps",
    TrainingSetup.accumulation_steps,
    "Parts that each device computes its share of a batch in, to save memory.",
    **flag_bounds(TrainingSetup, "accumulation_steps"),
)
flags.DEFINE_float(
    "checkpoint_seconds",
    TrainingSetup.checkpoint_seconds,
    "Time between two checkpoints: what a kill may cost.",
    **flag_bounds(TrainingSetup, "checkpoint_seconds"),
)


def define_seed(what: str) -> flags.FlagHolder[int]:
    """Defines `--seed`, for a command that trains once.

    Args:
        what: What depends on it, for its help.

    Returns:
        The flag.
    """
    return flags.DEFINE_integer(
        "seed", 0, what, **flag_bounds(PretrainingSettings, "seed")
    )
