"""The text and the vocabularies of text_and_vocabulary.py, to train on."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import tensorflow as tf

from benchmarks.text_and_vocabulary import NO_GPU
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.pretraining.pretraining_datasets import pretraining_dataset
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder

_ASK = """
import json, sys
import tensorflow as tf
import tensorflow_text
assert not tf.config.list_physical_devices("GPU")
served = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answers = served(text=tf.constant(json.loads(sys.argv[2])))
print("answers:" + json.dumps(answers["probabilities"].numpy().tolist()))
"""


class TrainingText:
    """What there is to learn from.

    Args:
        folder: Has `corpus/text.txt` and `vocabulary`.

    Example:

    ```python
    text = TrainingText("runs/standard_library")
    batches = text.dataset(preprocessor, batch_size=64, seed=0)
    ```
    """

    def __init__(self, folder: str):
        self._path = os.path.join(folder, "corpus", "text.txt")
        self._vocabulary = os.path.join(folder, "vocabulary")

    @property
    def vocabularies(self) -> VocabularyFolder:
        """The vocabularies; waits until they are made."""
        while not os.path.exists(self._vocabulary):
            time.sleep(0.5)
        return VocabularyFolder(self._vocabulary)

    def dataset(
        self, preprocessor: PretrainerPreprocessor, batch_size: int, seed: int
    ) -> tf.data.Dataset:
        """Batches to pretrain on.

        Args:
            preprocessor: Makes the features.
            batch_size: int.
            seed: int.

        Returns:
            The dataset, without an end.
        """
        return pretraining_dataset([self._path], preprocessor, batch_size, seed)

    def lines(self, count: int) -> list[str]:
        """Lines of the text.

        Args:
            count: int. How many, from the first again if there are fewer.

        Returns:
            The lines.
        """
        with open(self._path, encoding="utf-8") as file:
            lines = [line.strip() for line in file if line.strip()]
        return [lines[number % len(lines)] for number in range(count)]

    def on_cpu(self, model: str, questions: list[str]) -> np.ndarray:
        """What an exported classifier answers in a process that sees no GPU.

        Args:
            model: The SavedModel's folder.
            questions: The texts.

        Returns:
            The probabilities of each.
        """
        done = subprocess.run(
            [sys.executable, "-c", _ASK, model, json.dumps(questions)],
            env=os.environ | NO_GPU,
            capture_output=True,
            text=True,
            check=True,
        )
        return np.array(json.loads(done.stdout.split("answers:")[1]))
