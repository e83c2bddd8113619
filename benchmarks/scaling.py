"""How training scales with workers: one core each, the same batch for each.

  python -m benchmarks.scaling --workers=1,2

Takes the text and the vocabularies of --folder, and makes what it lacks from the
standard library's documentation. Starts `official.pretrain` with as many workers of
MultiWorkerMirrored on this machine, each bound to a core of its own, with 8 sequences
of 128 tokens for each worker. Prints tokens a second, and what share of the first row's
speed is left to each worker: 100 % would be training that scales without a loss.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

from absl import flags

from benchmarks.free_addresses import free_addresses
from benchmarks.text_and_vocabulary import FOLDER, make
from charbert_tf.files.errors import UserError
from official import command

_FOLDER = flags.DEFINE_string(
    "folder", FOLDER, "Text and vocabularies; made where they are missing."
)
_WORKERS = flags.DEFINE_list("workers", ["1", "2"], "Numbers of workers, in turn.")
_STEPS = flags.DEFINE_integer("steps", 40, "Training steps of each.", lower_bound=20)

_SEQUENCES_OF_A_WORKER = 8
_SIZE = (
    *("--num_layers=4", "--num_heads=8", "--hidden_dim=256"),
    *("--intermediate_dim=1024", "--sequence_length=128"),
)


def main() -> None:
    """Runs the benchmark."""
    make(_FOLDER.value)
    counts = [int(count) for count in _WORKERS.value]
    cores = len(os.sched_getaffinity(0))
    if max(counts) > cores:
        raise UserError(f"--workers: this machine has {cores} core(s), one a worker")
    alone = None
    for count in counts:
        speed = _tokens_a_second(count)
        alone = alone or speed / count
        print(
            f"{count} worker(s): {speed:,.0f} tokens/s, "
            f"{speed / count / alone:.0%} of the first row's for each worker",
            flush=True,
        )


def _tokens_a_second(count: int) -> float:
    addresses = free_addresses(count)
    with tempfile.TemporaryDirectory() as folder:
        workers = [
            _start(number, addresses, f"{folder}/run") for number in range(count)
        ]
        printed, errors = workers[0].communicate()
        for worker in workers[1:]:
            worker.communicate()
    if any(worker.returncode for worker in workers):
        raise UserError(f"a worker failed: {errors.strip()}")
    speeds = re.findall(r"([\d,]+) tokens/s", printed)
    # The first report has the time in which the step was compiled.
    return max(float(speed.replace(",", "")) for speed in speeds[1:])


def _start(number: int, addresses: list[str], output: str) -> subprocess.Popen:
    core = sorted(os.sched_getaffinity(0))[number]
    cluster = {
        "cluster": {"worker": addresses},
        "task": {"type": "worker", "index": number},
    }
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "official.pretrain", *_SIZE),
            f"--input={_FOLDER.value}/corpus/text.txt",
            f"--vocabulary={_FOLDER.value}/vocabulary",
            f"--output={output}",
            f"--steps={_STEPS.value}",
            f"--batch_size={_SEQUENCES_OF_A_WORKER * len(addresses)}",
        ],
        env=os.environ | {"TF_CONFIG": json.dumps(cluster)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


if __name__ == "__main__":
    command.run(main)
