"""The flags and the set-up that pretraining and fine-tuning share."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from absl import flags

if TYPE_CHECKING:
    import tensorflow as tf

    from charbert_tf.training.objective import Objective

BATCH_SIZE = flags.DEFINE_integer(
    "batch_size", 16, "Examples of a batch.", lower_bound=1
)
SEQUENCE_LENGTH = flags.DEFINE_integer(
    "sequence_length", 128, "Tokens of an example at most.", lower_bound=8
)
LEARNING_RATE = flags.DEFINE_float(
    "learning_rate",
    5e-5,
    "Peak learning rate; 10 % warm-up, then linear decay.",
    lower_bound=0.0,
)
SEED = flags.DEFINE_integer(
    "seed",
    0,
    "Of new weights, order, noise and masks.",
    lower_bound=0,
    upper_bound=1_000_000_000,
)
_PRECISION = flags.DEFINE_enum(
    "precision", "float32", ["float32", "mixed_bfloat16"], "Precision of the matrices."
)
_CHECKPOINT_SECONDS = flags.DEFINE_float(
    "checkpoint_seconds",
    120.0,
    "Time between two checkpoints: what a kill may cost.",
    lower_bound=0.0,
)

# What a run's result does not depend on.
NOT_SETTINGS = ("output", "checkpoint_seconds")


def set_up() -> "tf.distribute.Strategy":
    """Sets the seed and the precision; returns the strategy to build the model in."""
    import keras

    from charbert_tf.training.strategy import default_strategy

    keras.utils.set_random_seed(SEED.value)
    keras.config.set_dtype_policy(_PRECISION.value)
    return default_strategy()


def train(
    objective: "Objective",
    dataset_from: "Callable[[int], tf.data.Dataset]",
    total_steps: int,
    directory: str,
    learning_rate: float,
    **optimizer_options,
) -> None:
    """Trains with AdamW, warm-up and linear decay, progress on the screen.

    Args:
        objective: What to minimise, built in the strategy's scope.
        dataset_from: Gives the batches from a step on.
        total_steps: int.
        directory: Where checkpoints and TensorBoard's files go.
        learning_rate: float. The peak.
        **optimizer_options: Other arguments of `GroupedAdamW`.
    """
    from charbert_tf.training.grouped_adamw import GroupedAdamW
    from charbert_tf.training.progress import Progress
    from charbert_tf.training.strategy import default_strategy
    from charbert_tf.training.trainer import Trainer
    from charbert_tf.training.warmup_linear_decay import WarmupLinearDecay

    strategy = default_strategy()
    schedule = WarmupLinearDecay(learning_rate, total_steps, total_steps // 10)
    with strategy.scope():
        optimizer = GroupedAdamW(schedule, **optimizer_options)
    trainer = Trainer(
        objective,
        optimizer,
        strategy,
        directory,
        checkpoint_seconds=_CHECKPOINT_SECONDS.value,
    )
    trainer.train(dataset_from, total_steps, Progress(directory))
