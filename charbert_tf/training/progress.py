"""Progress: one line that tells how training goes, and TensorBoard."""

import os
import sys
import time
from collections.abc import Callable, Mapping

import tensorflow as tf

from charbert_tf.files.run_folder import TENSORBOARD
from charbert_tf.training.objective import (
    Term,
    accuracies_text,
    means_of,
    measures_of,
)


class ScalarWriter:
    """Writes numbers by name to `tensorboard/` in a run's folder.

    Its file is made when there is something to write: of several workers the first one
    alone has anything.

    Args:
        directory: The run's folder; `None` to write nothing.
        group: What TensorBoard shows the names under, such as "dev"; by default none.

    Example:

    ```python
    ScalarWriter("my_run", group="dev").write(878, {"f1": 0.91})
    ```
    """

    def __init__(self, directory: str | None, group: str | None = None):
        self._directory = directory
        self._prefix = "" if group is None else f"{group}/"
        self._writer = None

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Writes some numbers.

        Args:
            step: int. The training step they are of.
            values: The numbers by name.
        """
        if self._directory is None:
            return
        if self._writer is None:
            folder = os.path.join(self._directory, TENSORBOARD)
            self._writer = tf.summary.create_file_writer(folder)
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(f"{self._prefix}{name}", value)
        self._writer.flush()


class Progress:
    """Prints a progress line and writes TensorBoard scalars.

    On a terminal the line is rewritten in place; in a log it comes once in a while.

    Args:
        directory: Folder for `tensorboard/`, or `None`.
        is_printed: bool. Whether to print the line.
        seconds: float. How often to report.

    Attributes:
        reports: What was reported so far, in order: `step`, `loss`, each term's loss
            and accuracy, and `tokens_per_second` where it is known.

    Example:

    ```python
    trainer.train(dataset, 1000, Progress("my_run"))
    # step 420/1000  loss 5.321  mlm 31.2 %  nlm 24.0 %  310 tokens/s  4:12 left
    ```
    """

    def __init__(
        self,
        directory: str | None = None,
        is_printed: bool = True,
        seconds: float = 10.0,
    ):
        self._is_printed = is_printed
        self._seconds = seconds
        self._scalars = ScalarWriter(directory)
        self.reports: list[dict[str, float]] = []
        self._last: dict[str, float] = {}
        self._is_line_open = False

    def start(
        self,
        step: int,
        total_steps: int,
        learning_rate: Callable[[], tf.Tensor] | None = None,
    ) -> None:
        """Begins.

        Args:
            step: int. Steps done before.
            total_steps: int.
            learning_rate: Gives the present one, to be reported too.
        """
        self._learning_rate = learning_rate
        self._total_steps = total_steps
        self._step = self._reported_step = self._begin_step = step
        self._reported_at = time.monotonic()
        self._first_step_at: float | None = None
        self._finished_at: float | None = None
        self._sums: dict[str, Term] | None = None
        self._tokens = 0.0
        self._gradient_norm: tf.Tensor | None = None
        if self._is_printed and 0 < step < total_steps:
            print(f"Going on from step {step}", flush=True)

    def add(
        self,
        step: int,
        terms: dict[str, Term],
        tokens: tf.Tensor,
        gradient_norm: tf.Tensor | None = None,
    ) -> None:
        """Takes a step's sums, and reports if it is time.

        Args:
            step: int. The step they are of.
            terms: The objective's terms, summed over the batch.
            tokens: float scalar, the real tokens of the batch.
            gradient_norm: float scalar; a report has the last step's.
        """
        self._gradient_norm = gradient_norm
        if self._sums is not None:
            terms, tokens = tf.nest.map_structure(
                tf.add, (terms, tokens), (self._sums, self._tokens)
            )
        self._sums, self._tokens, self._step = terms, tokens, step
        now = time.monotonic()
        if self._first_step_at is None:
            # The first step compiles: it says nothing of the speed.
            self._first_step_at = self._reported_at = now
            self._tokens = 0.0
        if now - self._reported_at >= self._seconds:
            self._report(now)

    def finish(self) -> dict[str, float]:
        """Reports what is left, and ends the line: others may print, or it goes on.

        Returns:
            The last report.
        """
        if self._sums is not None:
            self._report(time.monotonic())
        if self._is_line_open:
            print(flush=True)
            self._is_line_open = False
        self._finished_at = time.monotonic()
        return self._last

    def go_on(self) -> None:
        """Goes on after `finish`; what was done meanwhile does not count."""
        pause = time.monotonic() - self._finished_at
        self._reported_at += pause
        self._first_step_at += pause

    def _report(self, now: float) -> None:
        seconds = max(now - self._reported_at, 1e-9)
        means = means_of(self._sums)
        report = {"loss": sum(term.loss for term in means.values())}
        report |= measures_of(means)
        if self._gradient_norm is not None:
            report["gradient_norm"] = float(self._gradient_norm)
        if self._learning_rate is not None:
            # A variable that each replica has is no number by itself.
            rate = tf.convert_to_tensor(self._learning_rate())
            report["learning_rate"] = float(rate)
        # Of the first step alone it is unknown.
        if self._step > self._begin_step + 1:
            report["tokens_per_second"] = float(self._tokens) / seconds
        self._last = report
        self.reports.append({"step": self._step, **report})
        self._scalars.write(self._step, report)
        if self._is_printed:
            self._print(means, report, now)
        self._reported_step, self._reported_at = self._step, now
        self._sums, self._tokens = None, 0.0

    def _print(self, means, report, now) -> None:
        speed = report.get("tokens_per_second")
        told_speed = "?" if speed is None else f"{speed:,.0f}"
        line = (
            f"step {self._step}/{self._total_steps}  loss {report['loss']:.3f}  "
            f"{accuracies_text(means)}  {told_speed} tokens/s  "
            f"{self._time_left(now)} left"
        )
        if sys.stdout.isatty():
            print(f"\r\033[K{line}", end="", flush=True)
            self._is_line_open = True
        else:
            print(line, flush=True)

    def _time_left(self, now: float) -> str:
        done = self._step - self._begin_step - 1
        left = self._total_steps - self._step
        if done < 1:
            return "?" if left else "0:00"
        seconds = round((now - self._first_step_at) / done * left)
        hours, seconds = divmod(seconds, 3600)
        minutes, seconds = divmod(seconds, 60)
        return (
            f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        )
