"""The flags and the set-up that pretraining and fine-tuning share."""

import sys
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import training
from charbert_tf.training.trainer import TrainingTerminatedError

if TYPE_CHECKING:
    from collections.abc import Callable

    import tensorflow as tf

    from charbert_tf.training.objective import Objective
    from charbert_tf.training.trainer import WorkerDataset

WARMUP = 0.1
"""The share of the steps in which the learning rate rises, unless told otherwise."""

BATCH_SIZE = flags.DEFINE_integer(
    "batch_size", None, "Examples of a batch.", lower_bound=1
)
SEQUENCE_LENGTH = flags.DEFINE_integer(
    "sequence_length", None, "Tokens of an example at most.", lower_bound=8
)
LEARNING_RATE = flags.DEFINE_float(
    "learning_rate",
    None,
    "Peak learning rate, after the warm-up; then it falls linearly.",
    lower_bound=0.0,
)
_PRECISION = flags.DEFINE_enum(
    "precision",
    "float32",
    ["float32", "mixed_bfloat16", "mixed_float16"],
    "Precision of the matrices.",
)
_DISTRIBUTION = flags.DEFINE_enum(
    "distribution",
    "auto",
    ["auto", "one_device", "mirrored", "multi_worker"],
    "What to train on: one device, all GPUs of the machine, or the workers that "
    "TF_CONFIG names; auto takes all that there are.",
)
_ACCUMULATION_STEPS = flags.DEFINE_integer(
    "accumulation_steps",
    1,
    "Parts that each device computes its share of a batch in, to save memory.",
    lower_bound=1,
)
_CHECKPOINT_SECONDS = flags.DEFINE_float(
    "checkpoint_seconds",
    120.0,
    "Time between two checkpoints: what a kill may cost.",
    lower_bound=0.0,
)

# What a run may go on with another value of. On the devices and the parts depends which
# numbers dropout draws, and nothing else.
NOT_SETTINGS = (
    "output",
    "distribution",
    "accumulation_steps",
    "checkpoint_seconds",
    "jit_compile",
)

_SIGNALLED = 128  # to which shells add the number of the signal


def set_up() -> "tf.distribute.Strategy":
    """Returns the strategy to build models in, after setting determinism."""
    import tensorflow as tf  # Not above: --help must not import it.

    if not tf.config.list_physical_devices("GPU"):
        # Costs nothing on CPUs; on GPUs it is slower, and some operations lack it.
        tf.config.experimental.enable_op_determinism()
    return training.make_strategy(_DISTRIBUTION.value)


def define_seed(what: str) -> flags.FlagHolder[int]:
    """Defines `--seed`, for a command that trains once.

    Args:
        what: What depends on it, for its help.

    Returns:
        The flag.
    """
    return flags.DEFINE_integer(
        "seed", 0, what, lower_bound=0, upper_bound=1_000_000_000
    )


def start(seed: int) -> None:
    """Makes what comes after independent of what was before it in this process.

    Args:
        seed: Of all random numbers from now on.
    """
    import keras  # Not above: it imports TensorFlow, and --help must not.

    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(_PRECISION.value)


def train(
    objective: "Objective",
    dataset: "tf.data.Dataset | WorkerDataset",
    total_steps: int,
    directory: str,
    learning_rate: float,
    strategy: "tf.distribute.Strategy",
    epoch_steps: int | None = None,
    on_epoch_end: "Callable[[int], bool] | None" = None,
    jit_compile: bool = False,
    warmup: float = WARMUP,
    **optimizer_options,
) -> None:
    """Trains with AdamW, warm-up and linear decay, progress on the screen.

    Args:
        objective: What to minimise, built in the strategy's scope.
        dataset: The batches, as `Trainer.train` takes them.
        total_steps: int.
        directory: Where checkpoints and TensorBoard's files go.
        learning_rate: float. The peak.
        strategy: The distribution strategy.
        epoch_steps: As in `Trainer.train`.
        on_epoch_end: As in `Trainer.train`.
        jit_compile: As `Trainer` takes it.
        warmup: float. The share of the steps in which the learning rate rises.
        **optimizer_options: Other arguments of `GroupedAdamW`.

    Raises:
        SystemExit: After SIGTERM or Ctrl-C.
    """
    schedule = training.WarmupLinearDecay(
        learning_rate, total_steps, int(warmup * total_steps)
    )
    with training.building_scope(strategy):
        optimizer = training.GroupedAdamW(schedule, **optimizer_options)
    trainer = training.Trainer(
        objective,
        optimizer,
        strategy,
        directory,
        accumulation_steps=_ACCUMULATION_STEPS.value,
        checkpoint_seconds=_CHECKPOINT_SECONDS.value,
        jit_compile=jit_compile,
    )
    reports = training.is_chief(strategy)
    progress = training.Progress(directory if reports else None, is_printed=reports)
    try:
        trainer.train(dataset, total_steps, progress, epoch_steps, on_epoch_end)
    except TrainingTerminatedError as stop:
        print(
            f"Stopped after step {stop.step}, with a checkpoint: the same command "
            "goes on",
            flush=True,
        )
        sys.exit(_SIGNALLED + stop.number)
