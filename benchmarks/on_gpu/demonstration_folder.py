"""The text and the vocabularies that `make run` leaves, made if they are not there."""

import os
import subprocess
import sys

# They are made beside what runs on the GPU.
NO_GPU = {"CUDA_VISIBLE_DEVICES": "-1"}
_FLAGS = "official/configs/demonstration_vocabulary.flags"


def start_to_make(folder: str) -> None:
    """Starts a process that makes what a folder lacks.

    Args:
        folder: Shall hold `corpus/text.txt` and `vocabulary`.
    """
    text = os.path.join(folder, "corpus", "text.txt")
    vocabulary = os.path.join(folder, "vocabulary")
    if os.path.exists(vocabulary):
        return
    corpus = f"official.standard_library_corpus --output={folder}/corpus"
    words = f"official.build_vocabulary --flagfile={_FLAGS}"
    words += f" --input={text} --output={vocabulary}"
    command = f"{sys.executable} -m {words}"
    if not os.path.exists(text):
        command = f"{sys.executable} -m {corpus} && {command}"
    subprocess.Popen(
        ["sh", "-c", command], env=os.environ | NO_GPU, stdout=subprocess.DEVNULL
    )
