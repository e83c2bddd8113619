"""Trainer: the one training loop, under any tf.distribute strategy."""

import functools
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import keras
import numpy as np
import tensorflow as tf

from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.errors import UserError
from charbert_tf.files.run_folder import CHECKPOINTS
from charbert_tf.training.checkpointer import Checkpointer
from charbert_tf.training.distribution import (
    clear_errors_of_other_workers,
    input_context,
    is_chief,
)
from charbert_tf.training.objective import Objective
from charbert_tf.training.progress import Progress
from charbert_tf.training.training_step import TrainingStep


class TrainingTerminatedError(Exception):
    """Training was asked to stop, and stopped after a checkpoint.

    Args:
        step: The step that it stopped after.
        number: The signal that asked; SIGTERM if it asked another worker.
    """

    def __init__(self, step: int, number: int = signal.SIGTERM):
        self.step = step
        self.number = number
        super().__init__(f"stopped at step {step}")


class TerminationSignal:
    """Notes that SIGTERM or Ctrl-C came, instead of dying of it, while its block lasts.

    A second Ctrl-C does what it always does. What the process ignores stays ignored.
    Only a main thread may ask for signals; in another nothing changes.

    Attributes:
        number: The signal that came; SIGTERM if none did.
        has_come: Whether one did.

    Example:

    ```python
    with TerminationSignal() as termination:
        while not termination.has_come:
            train_a_step()
    ```
    """

    def __init__(self):
        self.number: int = signal.SIGTERM
        self.has_come = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        """Begins to listen."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                before = signal.getsignal(number)
                if before is not signal.SIG_IGN:
                    self._before[number] = before
                    signal.signal(number, self._note)
        return self

    def __exit__(self, *unused: object) -> None:
        """Lets the signals be what they were."""
        for number, before in self._before.items():
            signal.signal(number, before)

    def _note(self, number, unused_frame):
        self.number, self.has_come = number, True
        if number == signal.SIGINT:
            # A step, or an evaluation, may take longer than a user is patient.
            signal.signal(number, self._before[number])


WorkerDataset = Callable[[int, tf.distribute.InputContext], tf.data.Dataset]

# Names of operations, around the message proper of an error.
_OF_TENSORFLOW = re.compile(r"\{\{.*?\}\}|\[Op:.*", re.DOTALL)


class Trainer:
    """Minimises an objective, and goes on from its last checkpoint.

    A checkpoint holds the weights, the optimizer, the step, the states of random
    numbers and the position in the data: a training that is killed and started again
    makes the same steps as one that is not.

    Of several workers each runs it on the same batches, or on its rows of them; the
    first one writes, and all read what it wrote, so `directory` must be one that they
    share.

    Args:
        objective: What to minimise; its model was built in the strategy's scope.
        optimizer: A Keras optimizer.
        strategy: The distribution strategy; by default the current one.
        directory: Folder for `checkpoints/` and `tensorboard/`; `None` for neither.
        clip_norm: float. The gradient's global norm is clipped to this.
        accumulation_steps: int. Parts that a replica computes a batch in, one after
            the other, to save memory.
        checkpoint_seconds: float. Time between two checkpoints: what a kill may cost.
        jit_compile: bool. As `TrainingStep` takes it.

    Example:

    ```python
    trainer = Trainer(CrossEntropy(classifier), GroupedAdamW(5e-5))
    trainer.train(dataset, total_steps=1000)
    ```
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: keras.optimizers.Optimizer,
        strategy: tf.distribute.Strategy | None = None,
        directory: str | None = None,
        clip_norm: float = 1.0,
        accumulation_steps: int = 1,
        checkpoint_seconds: float = 120.0,
        jit_compile: bool = False,
    ):
        self.strategy = strategy or tf.distribute.get_strategy()
        self.directory = directory
        self.checkpoint_seconds = checkpoint_seconds
        self._is_chief = is_chief(self.strategy)
        self._step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._training_step = TrainingStep(
            objective,
            optimizer,
            self.strategy,
            clip_norm,
            accumulation_steps,
            jit_compile,
        )

    @property
    def step(self) -> int:
        """The number of steps done, those before a restart included."""
        return int(self._step.numpy())

    def train(
        self,
        dataset: tf.data.Dataset | WorkerDataset,
        total_steps: int,
        progress: Progress | None = None,
        epoch_steps: int | None = None,
        on_epoch_end: Callable[[int], bool] | None = None,
    ) -> dict[str, float]:
        """Trains until `total_steps` are done, checkpoints on the way and at the end.

        Args:
            dataset: Batches of the global size from the first step on, the same for
                each worker; the checkpoint holds the position in them. Or a function
                that is called with the number of steps done and with a
                `tf.distribute.InputContext`, and gives this worker's rows of the
                batches that follow: of n workers, worker w has the rows w, w + n, ...
                The objective must then need no other rows than those of its `batch`.
            total_steps: int. Steps in all, those before a restart included.
            progress: What to report to; by default nothing is printed.
            epoch_steps: int. The steps of an epoch, if something is to happen at its
                end.
            on_epoch_end: Called with the number of epochs done, on the first worker,
                after that epoch's checkpoint; all workers stop if it returns True. A
                training that is started again at an epoch's end calls it again.

        Returns:
            The last report: the loss, each term's loss and accuracy, the gradient's
            norm and the learning rate.

        Raises:
            ValueError: If the batches end before `total_steps`.
            UserError: If a checkpoint cannot be written or read, if the data cannot be
                read, if the loss is not a number any more, or if another worker is
                gone.
            TrainingTerminatedError: If SIGTERM or Ctrl-C came, here or to another
                worker; the checkpoint is written by then.
        """
        checkpointer, batches, context = self._go_on(dataset)
        step_function = _compile(
            self._training_step, batches.element_spec, context.num_input_pipelines
        )
        progress = progress or self._silent_progress()
        optimizer = self._training_step.optimizer
        progress.start(self.step, total_steps, lambda: optimizer.learning_rate)
        if self._is_last_epoch(epoch_steps, on_epoch_end):
            return progress.finish()
        saved_at = time.monotonic()
        with TerminationSignal() as termination:
            for step in range(self.step + 1, total_steps + 1):
                batch = _next(batches, step)
                with clear_errors_of_other_workers(self.strategy):
                    report = step_function(batch, step, termination.has_come)
                    # Waits for the step, so that its error comes here.
                    is_broken = bool(report.is_broken)
                    is_stop_wanted = bool(report.is_stop_wanted)
                if is_broken:
                    self._refuse(batch, step, context)
                self._step.assign(step)
                progress.add(step, report.terms, report.tokens, report.gradient_norm)
                is_due = time.monotonic() - saved_at > self.checkpoint_seconds
                is_epoch_end = step % (epoch_steps or total_steps) == 0
                if is_due or is_stop_wanted or is_epoch_end or step == total_steps:
                    checkpointer.save(step)
                    saved_at = time.monotonic()
                if is_stop_wanted:
                    break
                if is_epoch_end:
                    progress.finish()
                    if self._is_last_epoch(epoch_steps, on_epoch_end):
                        break
                    progress.go_on()
            # Also after the last step: what follows may take hours.
            with clear_errors_of_other_workers(self.strategy):
                is_stop_wanted = self._sum_over_replicas(int(termination.has_come))
        report = progress.finish()
        if is_stop_wanted:
            raise TrainingTerminatedError(self.step, termination.number)
        return report

    def _is_last_epoch(
        self, epoch_steps: int | None, on_epoch_end: Callable[[int], bool] | None
    ) -> bool:
        """Acts if an epoch has just ended; the workers take one decision."""
        if on_epoch_end is None or not self.step or self.step % epoch_steps:
            return False
        is_last = self._is_chief and on_epoch_end(self.step // epoch_steps)
        # The others wait here for the first worker's word.
        with clear_errors_of_other_workers(self.strategy):
            return self._sum_over_replicas(int(is_last)) > 0

    def _go_on(
        self, dataset
    ) -> tuple[Checkpointer, Iterator, tf.distribute.InputContext]:
        """The batches after the last checkpoint's, and how workers share them."""
        if isinstance(dataset, tf.data.Dataset):
            batches = iter(dataset)
            checkpointer = self._restore(batches=batches)
            return checkpointer, batches, tf.distribute.InputContext()
        checkpointer = self._restore()
        context = input_context(self.strategy)
        return checkpointer, iter(dataset(self.step, context)), context

    def _restore(self, **position) -> Checkpointer:
        step = self._training_step
        checkpoint = tf.train.Checkpoint(
            model=step.objective.model,
            optimizer=step.optimizer,
            step=self._step,
            dropout_states=step.dropout_states,
            **position,
        )
        if step.loss_scale is not None:
            checkpoint.loss_scale = step.loss_scale
        directory = self.directory and os.path.join(self.directory, CHECKPOINTS)
        checkpointer = Checkpointer(directory, checkpoint, self._is_chief)
        checkpointer.restore()
        with clear_errors_of_other_workers(self.strategy):
            self._check_that_workers_agree()
        return checkpointer

    def _check_that_workers_agree(self) -> None:
        steps = self._sum_over_replicas(self.step)
        if steps != self.step * self.strategy.num_replicas_in_sync:
            raise UserError(
                f"this worker would go on from step {self.step}, another one from "
                "another: give an --output that all workers share",
                self.directory,
            )

    def _sum_over_replicas(self, value: int) -> int:
        """Adds up what each worker has, as many times as it has replicas."""
        value = tf.constant(value, tf.int64)
        return int(
            self.strategy.reduce(
                "SUM", self.strategy.run(tf.identity, args=(value,)), axis=None
            )
        )

    def _silent_progress(self) -> Progress:
        return Progress(self.directory if self._is_chief else None, is_printed=False)

    def _refuse(self, batch, step: int, context: tf.distribute.InputContext) -> None:
        """Keeps the batch that broke the training, and tells of it."""
        message = f"the loss or its gradient is not a number any more at step {step}"
        if self.directory is None:
            raise UserError(f"{message}: begin again with a lower learning rate")
        is_shared = context.num_input_pipelines > 1
        worker = f"_worker_{context.input_pipeline_id}" if is_shared else ""
        whose = "this worker's rows of " if is_shared else ""
        path = os.path.join(self.directory, f"broken_batch_{step}{worker}.npz")
        if is_shared or self._is_chief:
            with atomic_file(path, "wb") as file:
                np.savez(file, **_arrays(batch))
        raise UserError(
            f"{message}; this file holds {whose}its batch: begin again in another "
            "--output with a lower --learning_rate",
            path,
        )


def _compile(
    training_step: TrainingStep, element_spec, input_pipelines: int
) -> Callable:
    number, is_stop_wanted = tf.TensorSpec((), tf.int64), tf.TensorSpec((), tf.bool)
    return tf.function(
        functools.partial(training_step, input_pipelines=input_pipelines),
        input_signature=[element_spec, number, is_stop_wanted],
        # All control flow is explicit: to look for more takes seconds.
        autograph=False,
    )


def _next(batches: Iterator, step: int) -> tuple:
    try:
        batch = next(batches, None)
    except tf.errors.OpError as error:
        reason = _OF_TENSORFLOW.sub("", error.message).strip()
        raise UserError(
            f"the training data cannot be read at step {step} ({reason}): fetch "
            "or prepare them again; the same command then goes on from the last "
            "checkpoint"
        ) from error
    if batch is None:
        raise ValueError(f"The batches ended before step {step}.")
    return batch


def _arrays(batch: tuple) -> dict[str, np.ndarray]:
    """A batch's tensors by names such as `features/token_ids`."""
    parts = dict(zip(("features", "labels", "weights"), batch, strict=False))
    return {
        "/".join(path): value.numpy()
        for path, value in keras.tree.flatten_with_path(parts)
    }
