"""load_word_recognizer: a recogniser from its folder, with one clear error."""

import json
import os

import keras

from charbert_tf.files.errors import UserError
from charbert_tf.models.model_folder import reading_model_folder
from charbert_tf.word_recognition.word_recognizer import WordRecognizer


def load_word_recognizer(folder: str) -> WordRecognizer:
    """Loads a word recogniser.

    Args:
        folder: A preset that `official.train_word_recognizer` wrote.

    Returns:
        The recogniser, with its weights and words.

    Raises:
        UserError: If the folder is none.

    Example:

    ```python
    recognizer = load_word_recognizer("my_recognizer/preset")
    ```
    """
    with reading_model_folder(folder):
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            name = json.load(file).get("registered_name")
        if name == keras.saving.get_registered_name(WordRecognizer):
            return WordRecognizer.from_preset(folder)
    raise UserError(
        "holds no WordRecognizer: name the preset that official.train_word_recognizer "
        "wrote",
        folder,
    )
