"""ServedModel: a SavedModel that official.export wrote, called with lists of texts."""

import glob
import os
from collections.abc import Sequence

import tensorflow as tf

# Registers the ops of the exported graph.
import tensorflow_text  # noqa: F401

from charbert_tf.families.named_heads import SIGNATURES
from charbert_tf.families.serving_signature import ServingSignature, decoded_outputs
from charbert_tf.files.errors import UserError

_REMEDY = "is no exported model: name the folder that official.export wrote"


class ServedModel:
    """An exported model. Nothing but the SavedModel is loaded.

    Args:
        folder: What `official.export` wrote.
        batch_size: int. Texts that it is asked at once.

    Raises:
        UserError: If it is no such folder.

    Example:

    ```python
    served = ServedModel("my_saved_model/1")
    served(text=["a borign film"])["label"]
    ```
    """

    def __init__(self, folder: str, batch_size: int = 32):
        try:
            self._serve = tf.saved_model.load(folder).signatures["serving_default"]
        except Exception as error:
            # Whatever of it is missing or damaged, TensorFlow has another exception
            # for it.
            raise UserError(_what_is_wrong(folder), folder) from error
        self._signature, self._input_names = self._recognized(folder)
        self._folder = folder
        self._batch_size = batch_size

    @staticmethod
    def is_one(folder: str) -> bool:
        """Whether a folder holds a SavedModel, of whatever kind.

        Args:
            folder: A folder.

        Returns:
            Whether it does.
        """
        return os.path.exists(os.path.join(folder, "saved_model.pb"))

    @property
    def signature(self) -> type[ServingSignature]:
        """Which of the families' signatures it has."""
        return self._signature

    @property
    def input_names(self) -> tuple[str, ...]:
        """What it takes: `text`, or `text`, `text_pair`, or `question`, `context`."""
        return self._input_names

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of what it returns."""
        return tuple(self._serve.structured_outputs)

    def __call__(self, **texts: Sequence[str]) -> dict[str, list]:
        """Asks the model.

        Args:
            **texts: As many texts of each of `input_names`.

        Returns:
            A list by the name of each output, a value for each text: strings, numbers,
            or lists of them.

        Raises:
            UserError: If the model takes other inputs.
        """
        if texts.keys() != set(self._input_names):
            raise UserError(
                f"the model takes {' and '.join(self._input_names)}, not "
                f"{' and '.join(texts)}: name a model of this task",
                self._folder,
            )
        results: dict[str, list] = {name: [] for name in self.output_names}
        count = len(texts[self._input_names[0]])
        for start in range(0, count, self._batch_size):
            batch = {
                name: tf.constant(of_name[start : start + self._batch_size], tf.string)
                for name, of_name in texts.items()
            }
            for name, values in decoded_outputs(self._serve(**batch)).items():
                results[name] += values
        return results

    def _recognized(
        self, folder: str
    ) -> tuple[type[ServingSignature], tuple[str, ...]]:
        asked = self._serve.structured_input_signature[1].keys()
        for signature in SIGNATURES.values():
            for names in signature.inputs:
                is_one = not set(signature.outputs).isdisjoint(self.output_names)
                if set(names) == asked and is_one:
                    return signature, names
        raise UserError(_REMEDY, folder)


def _what_is_wrong(folder: str) -> str:
    """Says why a folder cannot be loaded, and which one could be."""
    if not os.path.exists(folder):
        return "no such folder: name the one that official.export wrote"
    if os.path.exists(os.path.join(folder, "config.json")):
        return "is a preset, not an exported model: export it with official.export"
    # Of versions, as TF Serving wants them.
    inside = os.path.join(glob.escape(folder), "[0-9]*", "saved_model.pb")
    if versions := sorted(glob.glob(inside)):
        return f"is no exported model: name one in it, {os.path.dirname(versions[-1])}"
    return _REMEDY
