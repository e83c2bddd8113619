"""PretrainingExtension: more steps for a pretraining that is finished."""

import os
import shutil
from collections.abc import Mapping
from typing import Any

from charbert_tf.files.errors import UserError
from charbert_tf.files.run_folder import (
    PRESET,
    TENSORBOARD,
    RunFolder,
    read_run_settings,
    write_run_settings,
)
from charbert_tf.recipes.settings import HIGHEST_SEED

# What the model that is gone on with has already.
_OF_THE_BEGINNING = (
    *("extend", "vocabulary", "interaction", "warm_start_steps"),
    *("new_weights_multiplier", "num_layers", "num_heads"),
    *("hidden_dim", "intermediate_dim"),
)


class PretrainingExtension:
    """A training run inside of a finished one, whose result replaces that one's.

    It may be killed at any point: the same settings then lead to the same end.

    Args:
        output: the folder of the finished run.
        described: the settings that the run is to have had when it is extended.

    Attributes:
        preset: the folder of the result.
        more_steps: how many steps there are to add; 0 if that was done already.
        is_made: whether they are made, and only `finish` has not come to its end.
        note: what the card of the result says of them.

    Raises:
        UserError: if there is no finished run, or one of other settings, or of more
            steps.

    Example:

    ```python
    extension = PretrainingExtension("my_run", described)
    extension.begin()
    pretrain(**extension.settings({"input": ["text.txt"], "output": "my_run"}))
    extension.finish()
    extension.close()
    ```
    """

    def __init__(self, output: str, described: Mapping[str, Any]):
        self.preset = os.path.join(output, PRESET)
        self._output, self._described = output, dict(described)
        steps = self._steps_before()
        self._kept = os.path.join(output, f"{PRESET}-{steps}")
        self.more_steps = self._described["steps"] - steps
        self.note = (
            f"The steps after the first {steps:,} were added with `--extend`; the "
            f"model of before is kept beside this one as `{PRESET}-{steps}`."
        )
        self._folder = os.path.join(output, f"extension-{steps}")
        self._result = os.path.join(self._folder, PRESET)
        self.is_made = os.path.exists(self._result) or os.path.exists(self._kept)
        self._before = RunFolder(
            output, {**self._described, "steps": steps}, "a training run"
        )
        if not os.path.exists(self.preset) and not self.is_made:
            raise UserError(
                "holds a pretraining that is not finished: go on with it without "
                "--extend first",
                output,
            )
        if self.more_steps < 0:
            raise UserError(
                f"has made {steps:,} steps already: give a higher --steps", output
            )
        if self.is_made and self.more_steps:
            self._check_made(steps)

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the settings of the run that adds the steps.

        Args:
            given: those that the extended run was asked for with.
        """
        kept = {n: value for n, value in given.items() if n not in _OF_THE_BEGINNING}
        return kept | {
            "init": self.preset,
            "output": self._folder,
            "steps": self.more_steps,
            # Else it would see the same noise in the same order again.
            "seed": (self._described["seed"] + self._described["steps"])
            % (HIGHEST_SEED + 1),
        }

    def begin(self) -> None:
        """Keeps the folder for this extension, as a run's is kept.

        Raises:
            UserError: if a run is going on there, or another has extended it since this
                object was made.
        """
        self._before.begin()

    def close(self) -> None:
        """Lets others begin there."""
        self._before.close()

    def finish(self) -> str:
        """Puts the result in the place of the one before, which is kept.

        Returns:
            The folder of the model of before.
        """
        if os.path.exists(self._result):
            if not os.path.exists(self._kept):
                os.rename(self.preset, self._kept)
            os.rename(self._result, self.preset)
        events = os.path.join(self._folder, TENSORBOARD)
        if os.path.exists(events):
            # The first run's may have been removed.
            parent = os.path.join(self._output, TENSORBOARD)
            os.makedirs(parent, exist_ok=True)
            os.rename(events, os.path.join(parent, os.path.basename(self._folder)))
        write_run_settings(self._output, self._described)
        shutil.rmtree(self._folder, ignore_errors=True)
        return self._kept

    def _check_made(self, steps: int) -> None:
        """Makes sure that what is made has the steps that are asked for."""
        try:
            made = int(read_run_settings(self._folder)["steps"])
        except (FileNotFoundError, ValueError, TypeError, KeyError) as error:
            raise UserError(
                f"holds an extension that does not tell its steps: put {self._kept} "
                "back in the place of preset, and extend it again",
                self._output,
            ) from error
        if made != self.more_steps:
            raise UserError(
                f"holds an extension to {steps + made:,} steps: give "
                f"--steps={steps + made} first, which puts it in its place",
                self._output,
            )

    def _steps_before(self) -> int:
        try:
            return int(read_run_settings(self._output)["steps"])
        except FileNotFoundError as error:
            raise UserError(
                "holds no pretraining to extend: leave out --extend", self._output
            ) from error
        except (ValueError, TypeError, KeyError) as error:
            raise UserError(
                f"is no pretraining's ({error}): choose another --output", self._output
            ) from error
