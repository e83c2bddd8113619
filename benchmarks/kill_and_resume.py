"""Kills a pretraining at random moments, and compares it with one that nothing stopped.

  python -m benchmarks.kill_and_resume --kills=20 --seed=0

A small CharBERT is pretrained with dropout on the text of the standard library, a
checkpoint after every step. Time and again it is killed (SIGKILL) at a random moment
and started with the same command. The weights of both must be the same to the last bit.
"""

import glob
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
from absl import flags

import charbert_tf
from benchmarks.text_and_vocabulary import make
from charbert_tf.files.errors import UserError
from official import command

_KILLS = flags.DEFINE_integer("kills", 20, "How often to kill.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Of the moments.", lower_bound=0)

# Each time it does some more steps before it is killed, so many at most.
_MOST_SECONDS = 2.0
_STEPS_OF_A_KILL = 30
_SMALL = (
    *("--num_layers=1", "--num_heads=2", "--hidden_dim=32", "--intermediate_dim=64"),
    *("--sequence_length=32", "--batch_size=8", "--learning_rate=1e-3"),
    "--checkpoint_seconds=0",
)


def main() -> None:
    """Runs the benchmark."""
    random_moments = random.Random(_SEED.value)
    with tempfile.TemporaryDirectory() as folder:
        pretraining = _prepare(folder)
        killed, whole = f"{folder}/killed", f"{folder}/whole"
        saving = 0
        for number in range(1, _KILLS.value + 1):
            saving += _kill(pretraining, killed, number, random_moments)
        for output in (killed, whole):
            subprocess.run([*pretraining, f"--output={output}"], check=True)
        difference = _difference(killed, whole)
    print(f"{_KILLS.value} kills, {saving} of them in the middle of a checkpoint")
    print(f"largest difference of a weight: {difference}")
    if difference:
        raise UserError("the run that was killed differs from the other")


def _prepare(folder: str) -> list[str]:
    """Makes text and vocabularies; returns the command but for its output."""
    make(folder)
    return [
        *(sys.executable, "-m", "official.pretrain"),
        f"--input={folder}/corpus/text.txt",
        f"--vocabulary={folder}/vocabulary",
        f"--steps={_KILLS.value * _STEPS_OF_A_KILL}",
        *_SMALL,
    ]


def _kill(pretraining, output: str, number: int, random_moments) -> bool:
    """Starts it and kills it; returns whether it was writing a checkpoint."""
    before = _last_step(output)
    process = subprocess.Popen(
        [*pretraining, f"--output={output}"], stdout=subprocess.DEVNULL
    )
    # That it begins is sure; where it is killed is not.
    while _last_step(output) == before:
        if process.poll() is not None:
            raise UserError("the training ended before it was killed", output)
        time.sleep(0.001)
    time.sleep(random_moments.uniform(0.0, _MOST_SECONDS))
    process.send_signal(signal.SIGKILL)
    if process.wait() != -signal.SIGKILL:
        raise UserError("the training ended before it was killed", output)
    unfinished = glob.glob(f"{output}/checkpoints/.*.partial")
    print(
        f"kill {number}: begun after step {before}, killed after {_last_step(output)}"
        + (", in the middle of a checkpoint" if unfinished else ""),
        flush=True,
    )
    return bool(unfinished)


def _last_step(output: str) -> int:
    """The last step that has a checkpoint."""
    try:
        names = os.listdir(f"{output}/checkpoints")
    except FileNotFoundError:
        return 0
    steps = [re.fullmatch(r"step-(\d+)", name) for name in names]
    return max((int(step[1]) for step in steps if step), default=0)


def _difference(killed: str, whole: str) -> float:
    """The largest difference between two models' weights."""
    weights = [
        charbert_tf.Pretrainer.from_preset(f"{output}/preset").get_weights()
        for output in (killed, whole)
    ]
    return float(
        max(np.abs(a - b).max() for a, b in zip(*weights, strict=True) if a.size)
    )


if __name__ == "__main__":
    command.run(main)
