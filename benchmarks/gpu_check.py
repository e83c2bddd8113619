"""Whether training on a GPU is right, and how fast it is: one table.

  python -m benchmarks.gpu_check --minutes=5 --output=gpu_check.json

Prints a row as soon as it is measured, and writes all of them to --output. The most
valuable come first; what there is no time for is said. A row that fails says how, and
the others follow, also if the process that measures crashes or hangs.

Steps are in mixed_bfloat16, on random batches without padding, dropout, clipping and
AdamW included; operations are those of `compared_models.forward_operations`.
"""

import itertools
import json
import pathlib
import re
import subprocess
import time
from collections.abc import Generator, Iterator

from absl import flags

from benchmarks.on_gpu.measuring_process import MeasuringProcess
from benchmarks.text_and_vocabulary import FOLDER, start_to_make
from official import command

_ALL = "."
_MINUTES = flags.DEFINE_float(
    "minutes", 5.0, "How long it may take.", lower_bound=0.1, upper_bound=600.0
)
_OUTPUT = flags.DEFINE_string("output", None, "JSON file to write.")
_FOLDER = flags.DEFINE_string(
    "folder", FOLDER, "Text and vocabularies; made where they are missing."
)
_ONLY = flags.DEFINE_string("only", _ALL, "Regular expression: rows to measure.")
_TOY = flags.DEFINE_bool("toy", False, "Tiny sizes: to try the script on a CPU.")
_FIRST = flags.DEFINE_integer(
    "first", None, "The row to begin with; set by the command for its own processes."
)
# After which a row is given up, and what follows is measured by a new process.
_ROW_SECONDS = flags.DEFINE_float("row_seconds", 150.0, "The most that a row may take.")
_COLUMNS = {"ms": ".1f", "first s": ".0f", "tokens/s": ",.0f", "TFLOP/s": ".1f"}
_REPLICAS = "replicas"


def main() -> None:
    """Runs the benchmark."""
    if _FIRST.value is not None:
        _measure()
        return
    start_to_make(_FOLDER.value)
    rows: list[dict] = []
    device = _device()
    header = (*_COLUMNS, "of peak", "GiB")
    print(f"{'':58}" + "".join(f"{name:>10}" for name in header), flush=True)
    end = time.time() + 60 * _MINUTES.value
    # Two logical devices are two for a whole process.
    selections = [_ONLY.value, *([_REPLICAS] if _ONLY.value == _ALL else [])]
    for row in itertools.chain.from_iterable(_rows(s, end) for s in selections):
        rows.append(row)
        print(_line(row, rows), flush=True)
        if _OUTPUT.value is not None:
            pathlib.Path(_OUTPUT.value).write_text(
                json.dumps({"device": device, "rows": rows}, indent=1)
            )


def _rows(only: str, end: float) -> Iterator[dict]:
    """The rows as they come, of as many processes as it takes."""
    first = 0
    while first is not None:
        arguments = [f"--first={first}", f"--only={only}", f"--folder={_FOLDER.value}"]
        process = MeasuringProcess([*arguments, *(["--toy"] if _TOY.value else [])])
        first = yield from _rows_of(process, first, end)


def _rows_of(process, first: int, end: float) -> Generator[dict, None, int | None]:
    """The rows of one process; returns the number of the row that is to follow."""
    index, name, waiting = first, "start", []
    while True:
        begun = time.time()
        try:
            values = process.next(min(_ROW_SECONDS.value, end - begun))
        except TimeoutError:
            if time.time() >= end:
                names = list(dict.fromkeys([name, *waiting]))
                yield from (
                    {"name": name, "note": "left out: no time"} for name in names
                )
                return None
            yield {
                "name": name,
                "note": f"FAILED: it hung for {time.time() - begun:.0f} s",
            }
            return index + 1
        if values is None:
            if process.status() == 0:
                return None
            status = f"FAILED: the process ended with status {process.status()}"
            yield {"name": name, "note": status}
            return index + 1
        if "plan" in values:
            waiting = values["plan"][first:]
            continue
        index, name = values.pop("index"), values["name"]
        waiting = [other for other in waiting if other != name]
        if len(values) > 1:
            yield values


def _measure() -> None:
    import tensorflow as tf

    from benchmarks.on_gpu.cell import run_cells

    gpus = tf.config.list_physical_devices("GPU")
    if _ONLY.value == _REPLICAS:
        _split((gpus or tf.config.list_physical_devices("CPU"))[0], bool(gpus))
    else:
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
    run_cells(_cells(), _FIRST.value)


def _split(device, is_gpu: bool) -> None:
    import tensorflow as tf

    half = {"memory_limit": 8192} if is_gpu else {}
    configuration = tf.config.LogicalDeviceConfiguration(**half)
    tf.config.set_logical_device_configuration(device, [configuration] * 2)


def _cells() -> list:
    from benchmarks.on_gpu import (
        char_encoder_cells,
        correctness_cells,
        step_cells,
        throughput_cells,
    )
    from benchmarks.on_gpu.training_text import TrainingText

    toy, text = _TOY.value, TrainingText(_FOLDER.value)
    if _ONLY.value == _REPLICAS:
        return list(correctness_cells.mirrored(text, toy))
    cells = [
        *step_cells.before_and_after(toy),
        *char_encoder_cells.char_encoder("base 32x2304", toy),
        *correctness_cells.training(text, toy),
        *step_cells.plain(toy),
        *correctness_cells.portability(text, toy),
        *throughput_cells.throughput(text, toy),
        *char_encoder_cells.char_encoder("small 256x768", toy),
        *step_cells.larger(toy),
    ]
    return [cell for cell in cells if re.search(_ONLY.value, cell.name)]


def _line(row: dict, rows: list[dict]) -> str:
    peak = next((r for r in rows if r["name"].startswith("peak")), {}).get("TFLOP/s")
    line = f"{row['name']:58}"
    for name, form in _COLUMNS.items():
        line += f"{format(row[name], form) if name in row else '':>10}"
    share = row["TFLOP/s"] / peak if peak and "TFLOP/s" in row else None
    line += f"{'' if share is None else format(share, '.1%'):>10}"
    line += f"{format(row['GiB'], '.1f') if 'GiB' in row else '':>10}"
    return f"{line}  {row.get('note', '')}".rstrip()


def _device() -> str:
    asked = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        return subprocess.run(
            asked, capture_output=True, text=True, check=False
        ).stdout.strip()
    except FileNotFoundError:
        return "no GPU"


if __name__ == "__main__":
    command.run(main)
