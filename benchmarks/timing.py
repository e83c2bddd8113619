"""Times several functions in turn, so that what else a machine does hits them alike."""

import time
from collections.abc import Callable, Mapping

import tensorflow as tf

_PEAK_SIZE = 2048


class Timing:
    """How long the calls of a function took.

    Attributes:
        elapsed: Seconds of each call.
        processor: Seconds of processor time of each call, summed over the cores. Other
            processes have little influence on it.
    """

    def __init__(self):
        self.elapsed = []
        self.processor = []

    def measure(self, function: Callable[[], object]) -> None:
        """Calls once.

        Args:
            function: What to call; it returns when its work is done.
        """
        begin, processor_begin = time.perf_counter(), time.process_time()
        function()
        self.elapsed.append(time.perf_counter() - begin)
        self.processor.append(time.process_time() - processor_begin)


def time_in_turn(
    functions: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, Timing]:
    """Calls each function once a round, after one round that is not timed.

    Args:
        functions: What to time, by name; a function returns when its work is done.
        rounds: int. Calls of each that are timed.

    Returns:
        The timing of each by name.
    """
    timings = {name: Timing() for name in functions}
    for function in functions.values():
        function()
    for _ in range(rounds):
        for name, function in functions.items():
            timings[name].measure(function)
    return timings


def large_product() -> tuple[Callable[[], object], float]:
    """The matrix product that stands for what the machine can do at most.

    Returns:
        A function that multiplies two float32 matrices of 2048 x 2048, and the
        floating-point operations of a call.
    """
    matrix = tf.random.stateless_normal([_PEAK_SIZE, _PEAK_SIZE], (0, 0))
    return lambda: tf.matmul(matrix, matrix).numpy(), 2.0 * _PEAK_SIZE**3


def print_speeds(
    timings: Mapping[str, Timing], operations: Mapping[str, float], peak: str
) -> None:
    """Prints the fastest call of each, and its speed as a share of the peak.

    Args:
        timings: By name.
        operations: Floating-point operations of a call by name; without an entry a
            function gets its time alone.
        peak: str. The name of the one that is the peak.
    """
    print(
        f"{'':24}{'ms':>8}{'GFLOP':>8}{'GFLOP/s':>9}{'of peak':>9}{'same, by cpu':>14}"
    )
    for name, timing in timings.items():
        elapsed = min(timing.elapsed)
        line = f"{name:24}{1000 * elapsed:8.1f}"
        if name in operations:
            share, processor_share = (
                operations[name]
                / min(seconds)
                / (operations[peak] / min(seconds_of_peak))
                for seconds, seconds_of_peak in (
                    (timing.elapsed, timings[peak].elapsed),
                    (timing.processor, timings[peak].processor),
                )
            )
            speed = operations[name] / elapsed / 1e9
            line += f"{operations[name] / 1e9:8.1f}{speed:9.0f}"
            line += f"{share:9.0%}{processor_share:14.0%}"
        print(line)


def print_ratio(name: str, above: Timing, below: Timing) -> None:
    """Prints by what factor one takes longer than another, their fastest calls.

    Args:
        name: What the ratio is of.
        above: What takes longer.
        below: What it is compared with.
    """
    print(
        f"{name}: {min(above.elapsed) / min(below.elapsed):.2f} "
        f"({min(above.processor) / min(below.processor):.2f} by processor time)"
    )
