"""Cells of the table: what is measured, in the time there is, one after the other."""

import gc
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from benchmarks.on_gpu.measuring_process import tell

_SECONDS_OF_A_CELL, _FEWEST_CALLS, _MOST_CALLS = 1.5, 3, 50


class Cell(NamedTuple):
    """One row of the table.

    Attributes:
        name: What is measured.
        measure: Does it, and returns the row's values by column.
    """

    name: str
    measure: Callable[[], dict[str, float | str]]


def run_cells(cells: Sequence[Cell], first: int) -> None:
    """Measures one after the other; tells of each when it begins and when it ends.

    A cell that fails is a row that says how, and the next one is measured.

    Args:
        cells: The cells.
        first: int. The one to begin with.
    """
    tell({"plan": [cell.name for cell in cells]})
    for index, cell in enumerate(cells):
        if index < first:
            continue
        tell({"index": index, "name": cell.name})
        gc.collect()
        begin = time.perf_counter()
        try:
            values = cell.measure()
        except Exception as error:
            reason = (str(error).strip().splitlines() or ["no message"])[0]
            values = {"note": f"FAILED, {type(error).__name__}: {reason[:150]}"}
        seconds = {"row s": time.perf_counter() - begin}
        tell({"index": index, "name": cell.name} | values | seconds)


def milliseconds(function: Callable[[], tf.Tensor]) -> dict[str, float]:
    """Times a function; its first call, which compiles, apart.

    Args:
        function: Returns a tensor, which is waited for.

    Returns:
        `ms`, the shortest of several calls, and `first s`.
    """
    begin = time.perf_counter()
    function().numpy()
    first = time.perf_counter() - begin
    function().numpy()
    durations: list[float] = []
    while len(durations) < _MOST_CALLS and (
        len(durations) < _FEWEST_CALLS or sum(durations) < _SECONDS_OF_A_CELL
    ):
        begin = time.perf_counter()
        function().numpy()
        durations.append(time.perf_counter() - begin)
    return {"ms": 1000 * min(durations), "first s": first}


def with_memory(measure: Callable[[], dict]) -> dict:
    """Measures, and adds the most memory that the GPU had in use meanwhile.

    Args:
        measure: Returns a row's values.

    Returns:
        The same and `GiB`, on a GPU.
    """
    if not tf.config.list_physical_devices("GPU"):
        return measure()
    tf.config.experimental.reset_memory_stats("GPU:0")
    values = measure()
    peak = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    return values | {"GiB": peak / 2**30}
