"""Trainer: the one training loop, under any tf.distribute strategy."""

import time
from collections.abc import Callable

import keras
import tensorflow as tf

from charbert_tf.atomic_output import clear_write_errors
from charbert_tf.errors import UserError
from charbert_tf.training.objective import Objective, Term
from charbert_tf.training.progress import Progress


class Trainer:
    """Minimises an objective, and goes on from its last checkpoint.

    Losses are divided by the labels of the whole batch, not of a replica's part, so
    that the same batch gives the same step on any number of replicas.

    Args:
        objective: What to minimise; its model was built in the strategy's scope.
        optimizer: A Keras optimizer.
        strategy: The distribution strategy; by default the current one.
        directory: Folder for `checkpoints/` and `tensorboard/`; `None` for neither.
        clip_norm: float. The gradients' global norm is clipped to this.
        checkpoint_seconds: float. Time between two checkpoints: what a kill may cost.

    Example:

    ```python
    trainer = Trainer(CrossEntropy(classifier), GroupedAdamW(5e-5))
    trainer.train(lambda step: dataset.skip(step), total_steps=1000)
    ```
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: keras.optimizers.Optimizer,
        strategy: tf.distribute.Strategy | None = None,
        directory: str | None = None,
        clip_norm: float = 1.0,
        checkpoint_seconds: float = 120.0,
    ):
        self.objective = objective
        self.optimizer = optimizer
        self.strategy = strategy or tf.distribute.get_strategy()
        self.directory = directory
        self.clip_norm = clip_norm
        self.checkpoint_seconds = checkpoint_seconds
        model = objective.model
        self._variables = model.trainable_variables
        with self.strategy.scope():
            optimizer.build(self._variables)
        self._step = tf.Variable(0, dtype=tf.int64, trainable=False)
        checkpoint = tf.train.Checkpoint(
            model=model,
            optimizer=optimizer,
            step=self._step,
            random_states=_random_states(model),
        )
        self._checkpoints = None
        if directory is not None:
            self._checkpoints = tf.train.CheckpointManager(
                checkpoint, f"{directory}/checkpoints", max_to_keep=2
            )
            self._restore()
        self._saved_step = self.step

    @property
    def step(self) -> int:
        """The number of steps done, those before a restart included."""
        return int(self._step.numpy())

    def train(
        self,
        dataset_from: Callable[[int], tf.data.Dataset],
        total_steps: int,
        progress: Progress | None = None,
    ) -> dict[str, float]:
        """Trains until `total_steps` are done, checkpoints on the way and at the end.

        Args:
            dataset_from: Gives the batches from a step on, of the global size.
            total_steps: int. Steps in all, those before a restart included.
            progress: What to report to; by default nothing is printed.

        Returns:
            The last report: the loss, and each term's loss and accuracy.

        Raises:
            ValueError: If the batches end before `total_steps`.
            UserError: If a checkpoint cannot be written, or the loss is not a number.
        """
        dataset = self.strategy.experimental_distribute_dataset(dataset_from(self.step))
        step_function = tf.function(
            self._distributed_step, input_signature=[dataset.element_spec]
        )
        progress = progress or Progress(self.directory, is_printed=False)
        progress.start(self.step, total_steps)
        saved_at = time.monotonic()
        batches = iter(dataset)
        for step in range(self.step + 1, total_steps + 1):
            batch = next(batches, None)
            if batch is None:
                raise ValueError(f"The batches ended before step {step}.")
            progress.add(step, *step_function(batch))
            self._step.assign(step)
            if time.monotonic() - saved_at > self.checkpoint_seconds:
                self._save()
                saved_at = time.monotonic()
        report = progress.finish()
        self._save()
        return report

    def _save(self) -> None:
        if self._checkpoints is None or self.step == self._saved_step:
            return
        with clear_write_errors(self._checkpoints.directory):
            self._checkpoints.save(checkpoint_number=self._step)
        self._saved_step = self.step

    def _restore(self) -> None:
        try:
            self._checkpoints.restore_or_initialize()
        except (tf.errors.OpError, ValueError) as error:
            raise UserError(
                "the last checkpoint cannot be read: remove this folder to begin again",
                self._checkpoints.directory,
            ) from error

    def _distributed_step(self, batch) -> tuple[dict[str, Term], tf.Tensor]:
        per_replica = self.strategy.run(self._replica_step, args=(batch,))
        return tf.nest.map_structure(
            lambda value: self.strategy.reduce("SUM", value, axis=None), per_replica
        )

    def _replica_step(self, batch):
        replica = tf.distribute.get_replica_context()

        def sum_over_replicas(values):
            return replica.all_reduce(tf.distribute.ReduceOp.SUM, values)

        with tf.GradientTape() as tape:
            terms = self.objective(batch, training=True)
            total = sum_over_replicas([term.weight for term in terms.values()])
            loss = tf.add_n(
                [
                    tf.math.divide_no_nan(term.loss, weight)
                    for term, weight in zip(terms.values(), total, strict=True)
                ]
            )
        gradients = tape.gradient(
            loss, [variable.value for variable in self._variables]
        )
        trained = [
            (gradient, variable)
            for gradient, variable in zip(gradients, self._variables, strict=True)
            if gradient is not None
        ]
        # The norm is that of the whole batch's gradient, so it is summed first; the
        # optimizer sums over replicas once more, hence the division.
        gradients = sum_over_replicas(
            [tf.convert_to_tensor(gradient) for gradient, _ in trained]
        )
        gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm)
        replicas = replica.num_replicas_in_sync
        self.optimizer.apply(
            [gradient / replicas for gradient in gradients],
            [variable for _, variable in trained],
        )
        features = batch[0]
        return terms, tf.reduce_sum(tf.cast(features["padding_mask"], tf.float32))


def _random_states(model: keras.Model) -> list[tf.Variable]:
    """The states of dropout's random numbers, which a checkpoint of a model lacks."""
    weights = {id(weight) for weight in model.weights}
    return [v.value for v in model.variables if id(v) not in weights]
