"""TerminationSignal: notices SIGTERM, so that training can stop at a good moment."""

import signal
import threading
from typing import Self


class TrainingTerminatedError(Exception):
    """Training was asked to stop, and stopped after a checkpoint.

    Args:
        step: The step that it stopped after.
    """

    def __init__(self, step: int):
        self.step = step
        super().__init__(f"stopped at step {step}")


class TerminationSignal:
    """Notes that SIGTERM came, instead of dying of it, while its block lasts.

    Only a main thread may ask for signals; in another nothing changes.

    Example:

    ```python
    with TerminationSignal() as termination:
        while not termination.has_come:
            train_a_step()
    ```
    """

    def __init__(self):
        self.has_come = False

    def __enter__(self) -> Self:
        """Begins to listen."""
        self._is_main = threading.current_thread() is threading.main_thread()
        if self._is_main:
            self._before = signal.signal(signal.SIGTERM, self._note)
        return self

    def __exit__(self, *unused: object) -> None:
        """Lets SIGTERM be what it was."""
        if self._is_main:
            signal.signal(signal.SIGTERM, self._before)

    def _note(self, *unused):
        self.has_come = True
