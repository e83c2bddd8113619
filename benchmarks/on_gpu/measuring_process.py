"""The process that measures, as the one that prints the table sees it."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence

# How a line for the table begins among what TensorFlow prints.
_MARK = "gpu_check row: "
# Trying each product's variants in Triton takes most of XLA's time.
_XLA_FLAGS = "--xla_gpu_enable_triton_gemm=false"


def tell(values: dict) -> None:
    """Tells the process that prints the table of something.

    Args:
        values: What JSON can hold.
    """
    print(_MARK + json.dumps(values), flush=True)


class MeasuringProcess:
    """Measures in a process of its own, for what is measured may crash or hang.

    Args:
        arguments: Of `benchmarks.gpu_check`.

    Example:

    ```python
    process = MeasuringProcess(["--first=0"])
    values = process.next(seconds=60)
    ```
    """

    def __init__(self, arguments: Sequence[str]):
        xla_flags = f"{_XLA_FLAGS} {os.environ.get('XLA_FLAGS', '')}".strip()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.gpu_check", *arguments],
            env=os.environ | {"XLA_FLAGS": xla_flags},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, seconds: float) -> dict | None:
        """Waits for what the process tells next.

        Args:
            seconds: float. For how long.

        Returns:
            The values, or `None` when the process has ended.

        Raises:
            TimeoutError: If it told nothing; it is killed then.
        """
        try:
            return self._lines.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            self._process.kill()
            self._process.wait()
            raise TimeoutError from None

    def status(self) -> int:
        """The status with which the process ended."""
        return self._process.wait()

    def _read(self) -> None:
        for line in self._process.stdout:
            if line.startswith(_MARK):
                self._lines.put(json.loads(line.removeprefix(_MARK)))
        self._lines.put(None)
