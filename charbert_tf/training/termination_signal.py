"""TerminationSignal: notices a wish to stop, to do so at a good moment."""

import signal
import threading
from typing import Self


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
