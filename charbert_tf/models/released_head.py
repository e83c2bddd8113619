"""What PyTorch's folders have of a head: transformers' and the authors'."""

import abc
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.encoders.encoder_kind import EncoderKind, ReleasedNames
from charbert_tf.state_dicts.weight_map import WeightMap


class HuggingFaceHead(abc.ABC):
    """How a head on a plain encoder lies in a folder of transformers'.

    A head that they have, too, has one, as its class's `huggingface_head`; whatever
    reads or writes their folders asks it.

    Attributes:
        architecture: What transformers' classes of such heads end with: "ForMaskedLM".
    """

    architecture: ClassVar[str]

    @abc.abstractmethod
    def is_in(self, tensors: Collection[str], kind: EncoderKind) -> bool:
        """Tells whether a folder holds such a head.

        Args:
            tensors: The names of its tensors.
            kind: The kind of its encoder.

        Returns:
            Whether the head's tensors are there.
        """

    @abc.abstractmethod
    def map(
        self, weight_map: WeightMap, model: keras_nlp.models.Task, kind: EncoderKind
    ) -> None:
        """Pairs the head's own weights with the tensors.

        Args:
            weight_map: Gets the pairs.
            model: The head.
            kind: The kind of its encoder.
        """

    def token_copies(self, kind: EncoderKind) -> list[str]:
        """Names the tensors that may be the token embedding once more.

        Args:
            kind: The kind of the encoder.

        Returns:
            Their names.
        """
        return []


class ReleasedHead(abc.ABC):
    """How a head lies in a folder of the authors' CharBERT, and how it is verified.

    A head that they released has one, as its class's `released_head`; whatever reads
    or writes their folders asks it.

    Attributes:
        architecture: What transformers' classes of such heads end with, which
            config.json may name: "ForTokenClassification".
        labelled: What it labels, for errors: "tokens".
        folder_mark: A word in a folder's name that tells the head where neither its
            tensors nor config.json do; `None` if they always do.
    """

    architecture: ClassVar[str]
    labelled: ClassVar[str]
    folder_mark: ClassVar[str | None] = None

    @abc.abstractmethod
    def is_in(self, tensors: Mapping[str, np.ndarray], names: ReleasedNames) -> bool:
        """Tells whether a folder may hold such a head.

        Args:
            tensors: Its tensors by name.
            names: How its kind of encoder has CharBERT's tensors called.

        Returns:
            Whether the head's tensors are there.
        """

    @abc.abstractmethod
    def arguments(
        self,
        tensors: Mapping[str, np.ndarray],
        names: ReleasedNames,
        config: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Gives what the head of a folder is made with besides its backbone.

        Args:
            tensors: The folder's tensors.
            names: As `is_in` takes them.
            config: The content of its config.json.

        Returns:
            Arguments of the head's class.
        """

    def config(self, model: keras_nlp.models.Task) -> dict[str, Any]:
        """Gives what config.json says of a head.

        Args:
            model: The head.

        Returns:
            What `arguments` reads; nothing unless a head says otherwise.
        """
        return {}

    @abc.abstractmethod
    def map(
        self, weight_map: WeightMap, model: keras_nlp.models.Task, kind: EncoderKind
    ) -> None:
        """Pairs the head's own weights with the tensors.

        Args:
            weight_map: Gets the pairs.
            model: The head.
            kind: The kind of its encoder.
        """

    @abc.abstractmethod
    def outputs(
        self, model: keras_nlp.models.Task, features: Mapping[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        """Computes what is compared with PyTorch's outputs.

        Args:
            model: The head.
            features: What it takes; where positions are chosen, all of them.

        Returns:
            Its outputs, by the names that `TorchReference` has for them.
        """

    def reference_outputs(
        self, linear: Callable[[Any, str], Any], both: Any, names: ReleasedNames
    ) -> dict[str, Any]:
        """Computes with PyTorch what `outputs` does with Keras.

        Args:
            linear: Computes a dense layer of the folder, `linear(x, name)`.
            both: float tensor `(B, T, 2 * hidden_dim)`, the two channels' outputs,
                `[T ; H]`.
            names: As `is_in` takes them.

        Returns:
            PyTorch's tensors by name; nothing of a language model's head, which
            `TorchReference` computes of any folder that has one.
        """
        return {}

    def token_copies(self, kind: EncoderKind) -> list[str]:
        """Names the tensors that are the token embedding once more.

        Args:
            kind: The kind of the encoder.

        Returns:
            Their names.
        """
        return []


class ReleasedDense(ReleasedHead):
    """A head that is one dense layer, `output_dense`, on `[T ; H]`.

    Attributes:
        averages: Whether it reads the mean over the tokens, instead of each.
    """

    averages: ClassVar[bool] = False

    @abc.abstractmethod
    def output_name(self, names: ReleasedNames) -> str:
        """Returns the dense layer's name.

        Args:
            names: As `is_in` takes them.
        """

    def is_in(self, tensors: Mapping[str, np.ndarray], names: ReleasedNames) -> bool:
        """Tells whether its dense layer is there; see the base class."""
        return f"{self.output_name(names)}.weight" in tensors

    def arguments(
        self,
        tensors: Mapping[str, np.ndarray],
        names: ReleasedNames,
        config: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Returns the classes and what they are called; see the base class."""
        labels = _labels(config)
        rows = len(tensors[f"{self.output_name(names)}.weight"])
        num_classes = len(labels or []) or config.get("num_labels", rows)
        return {"num_classes": num_classes, "labels": labels}

    def config(self, model: keras_nlp.models.Task) -> dict[str, Any]:
        """Returns the classes and what they are called; see the base class."""
        labels = model.labels or [f"LABEL_{i}" for i in range(model.num_classes)]
        return {"num_labels": len(labels), "id2label": dict(enumerate(labels))}

    def map(
        self, weight_map: WeightMap, model: keras_nlp.models.Task, kind: EncoderKind
    ) -> None:
        """Pairs the dense layer; see the base class."""
        weight_map.add_dense(model.output_dense, self.output_name(kind.released))

    def outputs(
        self, model: keras_nlp.models.Task, features: Mapping[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        """Computes the logits; see the base class."""
        return {"logits": model(features)}

    def reference_outputs(
        self, linear: Callable[[Any, str], Any], both: Any, names: ReleasedNames
    ) -> dict[str, Any]:
        """Computes the logits; see the base class."""
        if self.averages:
            both = both.mean(dim=1)
        return {"logits": linear(both, self.output_name(names))}


def _labels(config: Mapping[str, Any]) -> Sequence[str] | None:
    """The labels' names, unless they are transformers' stand-ins."""
    names = config.get("id2label")
    if not isinstance(names, dict) or "LABEL_0" in names.values():
        return None
    return [str(names[key]) for key in sorted(names, key=int)]
