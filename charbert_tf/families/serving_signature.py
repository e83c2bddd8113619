"""ServingSignature: what an exported model of a family takes and returns."""

import abc
from collections.abc import Mapping, Sequence
from typing import ClassVar

import tensorflow as tf


class ServingSignature(abc.ABC):
    """The whole way from raw text to a family's predictions, as one graph.

    A head names its signature as `signature_cls`. What reads a line for the exported
    model and prints what it returns is here too, and needs no model.

    The graph needs TensorFlow's core ops and of tensorflow-text's the regex splitter,
    the normaliser and WordPiece for BERT, SentencePiece for XLM-R. TF Serving's stock
    binary links them all: its target `tensorflow_model_server` depends on
    tensorflow-text's `ops_lib`.

    Args:
        model: A fine-tuned head with its preprocessor and labels.

    Raises:
        ValueError: If the model lacks its preprocessor or labels.

    Example:

    ```python
    signature = classifier.signature_cls(classifier)
    signature.predict(tf.constant(["a borign film"]))["label"]
    ```
    """

    inputs: ClassVar[Sequence[tuple[str, ...]]]
    """The names of what it takes; several of them where a model may take a pair."""

    output: ClassVar[str]
    """What is among the outputs of this signature, and of no other."""

    options: ClassVar[tuple[str, ...]] = ()
    """The names of its further arguments, which a command has flags for."""

    def __init__(self, model: tf.Module):
        if model.preprocessor is None or model.labels is None:
            raise ValueError("The model needs its preprocessor and its labels.")
        self.model = model
        self._preprocessor = model.preprocessor
        self._labels = tf.constant(model.labels, tf.string)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of what this model takes, in the order of `predict`."""
        return self.inputs[0]

    @abc.abstractmethod
    def predict(self, *texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Predicts.

        Args:
            *texts: string tensors `(B,)`, one for each of `input_names`.

        Returns:
            A dict of tensors, see the signature of the exported model.
        """

    @classmethod
    @abc.abstractmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes what an exported model returns as lines, to be read by people.

        Args:
            texts: What it was asked, in the order of its inputs' names.
            outputs: What it returned, a list by the name of each output.

        Returns:
            The lines, without their ends.
        """

    def _best(self, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The best label's name and its probability."""
        return (
            tf.gather(self._labels, tf.argmax(logits, axis=-1)),
            tf.reduce_max(tf.nn.softmax(logits), axis=-1),
        )
