"""TrainingSetup: what every recipe that trains does alike."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

from charbert_tf import training
from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.notices import Notice, tell_device
from charbert_tf.third_party_internals import deterministic_operations

if TYPE_CHECKING:
    import tensorflow as tf

    from charbert_tf.training.objective import Objective
    from charbert_tf.training.trainer import WorkerDataset

WARMUP = 0.1
"""The share of the steps in which the learning rate rises, unless told otherwise."""

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
"""What matrices are computed in."""

DISTRIBUTIONS = ("auto", "one_device", "mirrored", "multi_worker")
"""What is trained on, as `make_strategy` takes it."""

# On the devices and the parts depends which numbers dropout draws, and nothing else.
_MAY_CHANGE = (
    "output",
    "distribution",
    "accumulation_steps",
    "checkpoint_seconds",
    "jit_compile",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingSetup:
    """On what a training runs, and how it is kept; not what it learns.

    Args:
        precision: of the matrices, one of `PRECISIONS`.
        distribution: what to train on, as `make_strategy` takes it.
        accumulation_steps: parts that each device computes its share of a batch in, to
            save memory.
        checkpoint_seconds: time between two checkpoints: what a kill may cost.

    Example:

    ```python
    setup = TrainingSetup(precision="mixed_bfloat16")
    strategy = setup.make_strategy(print_notice)
    with setup.session(seed=0):
        setup.fit(objective, dataset, 1000, "my_run", 3e-5, strategy, print_notice)
    ```
    """

    precision: Annotated[str, Limits(choices=PRECISIONS)] = PRECISIONS[0]
    distribution: Annotated[str, Limits(choices=DISTRIBUTIONS)] = DISTRIBUTIONS[0]
    accumulation_steps: Annotated[int, Limits(least=1)] = 1
    checkpoint_seconds: Annotated[float, Limits(least=0)] = 120.0

    def record(self) -> dict[str, Any]:
        """Returns the settings that a run must have been begun with to be gone on with.

        Example:
            >>> TrainingSetup(accumulation_steps=2).record()
            {'precision': 'float32'}
        """
        settings = dataclasses.asdict(self)
        return {n: value for n, value in settings.items() if n not in _MAY_CHANGE}

    def make_strategy(self, notice: Notice) -> "tf.distribute.Strategy":
        """Makes the strategy to build models in.

        Args:
            notice: shows what is trained on.

        Returns:
            The strategy.

        Raises:
            UserError: if TF_CONFIG does not say what is needed.

        Example:

        ```python
        strategy = TrainingSetup().make_strategy(print_notice)
        ```
        """
        strategy = training.make_strategy(self.distribution)
        tell_device(notice, strategy)
        return strategy

    @contextlib.contextmanager
    def session(self, seed: int) -> Iterator[None]:
        """Makes what is inside independent of what was before it in this process.

        On CPUs it computes the same bits each time.

        Args:
            seed: of all random numbers from now on.

        Yields:
            Nothing; the process's precision and operations are then what they were.

        Example:

        ```python
        with TrainingSetup().session(seed=0):
            model = task.make_model("my_run/preset", labels, sequence_length=128)
        ```
        """
        # Not above: recipes' settings are listed without TensorFlow.
        import keras
        import tensorflow as tf

        with contextlib.ExitStack() as stack:
            if not tf.config.list_physical_devices("GPU"):
                # They cost nothing on CPUs; on GPUs they do, and some are lacking.
                stack.enter_context(deterministic_operations())
            stack.callback(keras.config.set_dtype_policy, keras.config.dtype_policy())
            keras.utils.clear_session()
            keras.utils.set_random_seed(seed)
            keras.config.set_dtype_policy(self.precision)
            yield

    def fit(
        self,
        objective: "Objective",
        dataset: "tf.data.Dataset | WorkerDataset",
        total_steps: int,
        directory: str,
        learning_rate: float,
        strategy: "tf.distribute.Strategy",
        notice: Notice,
        epoch_steps: int | None = None,
        on_epoch_end: Callable[[int], bool] | None = None,
        jit_compile: bool = False,
        warmup: float = WARMUP,
        **optimizer_options: object,
    ) -> list[dict[str, float]]:
        """Trains with AdamW, warm-up and linear decay, progress on the screen.

        Args:
            objective: what to minimise, built in the strategy's scope.
            dataset: the batches, as `Trainer.train` takes them.
            total_steps: how many steps, with those before a restart.
            directory: where checkpoints and TensorBoard's files go.
            learning_rate: the peak.
            strategy: the distribution strategy.
            notice: shows that the step is traced.
            epoch_steps: as in `Trainer.train`.
            on_epoch_end: as in `Trainer.train`.
            jit_compile: as `Trainer` takes it.
            warmup: the share of the steps in which the learning rate rises.
            **optimizer_options: other arguments of `GroupedAdamW`.

        Returns:
            The reports since the start, or since the restart; see `Progress.reports`.

        Raises:
            TrainingTerminatedError: after SIGTERM or Ctrl-C, with a checkpoint.

        Example:

        ```python
        setup.fit(objective, dataset, 1000, "my_run", 3e-5, strategy, print_notice)
        ```
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
            accumulation_steps=self.accumulation_steps,
            checkpoint_seconds=self.checkpoint_seconds,
            jit_compile=jit_compile,
        )
        reports = training.is_chief(strategy)
        progress = training.Progress(directory if reports else None, is_printed=reports)
        notice("Tracing the training step: the first one takes longer")
        trainer.train(dataset, total_steps, progress, epoch_steps, on_epoch_end)
        return progress.reports
