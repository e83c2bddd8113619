"""The text and the vocabularies that benchmarks train on: the standard library's."""

import os
import shlex
import subprocess
import sys

FOLDER = "runs/standard_library"
"""Where they are unless a benchmark is told another place."""
NO_GPU = {"CUDA_VISIBLE_DEVICES": "-1"}
"""The environment of a process that leaves the GPU to others."""
_FLAGS = "official/configs/build_vocabulary_of_a_small_text.flags"


def make(folder: str) -> None:
    """Makes what a folder lacks.

    Args:
        folder: has `corpus/text.txt` and `vocabulary` afterwards.

    Raises:
        subprocess.CalledProcessError: if they cannot be made.

    Example:
        ```python
        make("runs/standard_library")
        ```
    """
    for command in _missing(folder):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def start_to_make(folder: str) -> None:
    """Starts a process that makes what a folder lacks, beside what runs on the GPU.

    Args:
        folder: has `corpus/text.txt` and, last, `vocabulary` afterwards.

    Example:
        ```python
        start_to_make("runs/standard_library")
        ```
    """
    if commands := _missing(folder):
        subprocess.Popen(
            ["sh", "-c", " && ".join(map(shlex.join, commands))],
            env=os.environ | NO_GPU,
            stdout=subprocess.DEVNULL,
        )


def _missing(folder: str) -> list[list[str]]:
    corpus, vocabulary = (
        os.path.join(folder, "corpus"),
        os.path.join(folder, "vocabulary"),
    )
    text = os.path.join(corpus, "text.txt")
    commands = {
        text: ["standard_library_corpus", f"--output={corpus}"],
        vocabulary: [
            "build_vocabulary",
            f"--flagfile={_FLAGS}",
            f"--input={text}",
            f"--output={vocabulary}",
        ],
    }
    return [
        [sys.executable, "-m", f"official.{name}", *arguments]
        for made, (name, *arguments) in commands.items()
        if not os.path.exists(made)
    ]
