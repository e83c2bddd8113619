"""EncoderKind: what checkpoints, heads and commands ask of a kind of encoder."""

import abc
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, NamedTuple

import keras
import keras_nlp

from charbert_tf.state_dicts.weight_map import WeightMap


class HeadNames(NamedTuple):
    """How the tensors of a language model's head are called.

    Attributes:
        dense: Its dense layer, without `.weight` and `.bias`.
        layer_norm: Its layer norm, likewise.
        decoder: Its output matrix, without `.weight`.
        bias: The whole name of the output's bias.
    """

    dense: str
    layer_norm: str
    decoder: str
    bias: str


class ReleasedNames(NamedTuple):
    """How the authors' CharBERT around an encoder calls what it adds.

    Attributes:
        nlm_head: The noisy language model's head.
        fusion: The interaction's convolution, once for each layer if it has
            `{index}`, which stands for the layer's number.
        text_classifier: The output of a classifier of texts; that of tokens is
            `classifier`.
    """

    nlm_head: HeadNames
    fusion: str
    text_classifier: str


class EncoderKind(abc.ABC):
    """What the library knows of one kind of encoder, such as BERT.

    A kind has a room, a folder in `charbert_tf/encoders/`, with the encoder's class,
    which keeps `charbert_tf.encoders.encoder_contract.Encoder`, and an object of a
    subclass of this one. `ENCODERS` finds it by the `model_type` of Hugging Face's
    config.json; whatever reads or writes checkpoints asks it.

    Attributes:
        encoder_cls: The encoder's class. Each kind has one of its own.
        model_type: What a config.json that is written says.
        architecture: What transformers' classes of it are called before `Model` and
            `ForMaskedLM`: "Bert".
        config_keys: The keys of config.json that are whole numbers above 0, by the
            encoder's arguments.
        config_defaults: transformers' own, where a config.json says nothing.
        marks: Parts of the names of classes and tensors by which a folder without
            `model_type` tells it, by the `model_type` that they stand for.
        first_tensor: The token embedding; what stands before it in a folder's tensors
            is the prefix of all of the encoder's.
        mlm_head: How the tensors of the masked language model's head are called.
        not_loaded: Tensors that are left out, by a part of their names, and what they
            are.
        released: How the authors' CharBERT around it calls its tensors; `None` if there
            is none.
    """

    encoder_cls: ClassVar[type[keras_nlp.models.Backbone]]
    model_type: ClassVar[str]
    architecture: ClassVar[str]
    config_keys: ClassVar[Mapping[str, str]]
    config_defaults: ClassVar[Mapping[str, Any]]
    marks: ClassVar[Mapping[str, tuple[str, ...]]]
    first_tensor: ClassVar[str]
    mlm_head: ClassVar[HeadNames]
    not_loaded: ClassVar[Mapping[str, str]] = {}
    released: ClassVar[ReleasedNames | None] = None

    @abc.abstractmethod
    def check_config(self, config: Mapping[str, Any], path: str) -> None:
        """Checks what is this kind's own in a config.json.

        Args:
            config: Its content, whose `config_keys` are checked already.
            path: Where it is, for errors.

        Raises:
            UserError: If it describes what this kind cannot be.
        """

    @abc.abstractmethod
    def encoder_arguments(
        self, config: Mapping[str, Any], tensors: Collection[str], prefix: str
    ) -> dict[str, Any]:
        """Gives what the encoder of a checkpoint is made with.

        Args:
            config: The content of config.json, with the defaults.
            tensors: The names of the folder's tensors.
            prefix: What those of the encoder begin with.

        Returns:
            Arguments of `encoder_cls`.
        """

    @abc.abstractmethod
    def max_sequence_length(self, config: Mapping[str, Any]) -> int:
        """Returns the most tokens that the encoder of a config.json takes.

        Args:
            config: Its content.
        """

    @abc.abstractmethod
    def config_of(self, encoder: keras_nlp.models.Backbone) -> dict[str, Any]:
        """Describes an encoder as config.json does.

        Args:
            encoder: One of this kind.

        Returns:
            What `json.dump` takes, `model_type` not counted.
        """

    @abc.abstractmethod
    def map_encoder(
        self,
        weight_map: WeightMap,
        encoder: keras_nlp.models.Backbone,
        prefix: str,
        **token_copies,
    ) -> None:
        """Pairs the weights of an encoder with transformers' tensors.

        Args:
            weight_map: Gets the pairs.
            encoder: One of this kind.
            prefix: What the tensors' names begin with.
            **token_copies: `copies` or `optional_copies` of the token embedding, as
                `WeightMap.add` takes them.
        """

    def mlm_activation(
        self, encoder: keras_nlp.models.Backbone
    ) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
        """Returns the activation of the masked language model's head.

        Args:
            encoder: One of this kind.

        Returns:
            The exact GELU, unless the kind says otherwise.
        """
        return keras.activations.gelu

    def names_with(
        self, tokenizer: keras_nlp.models.Tokenizer | None
    ) -> tuple[str, str]:
        """Tells what transformers calls an encoder that has a tokenizer.

        Args:
            tokenizer: The tokenizer, or `None`.

        Returns:
            The `model_type` and the `architecture`.
        """
        return self.model_type, self.architecture

    def of_keras_hub(
        self, encoder: keras_nlp.models.Backbone
    ) -> keras_nlp.models.Backbone | None:
        """Makes an encoder of this kind of keras-hub's own, with the same outputs.

        Args:
            encoder: Any encoder.

        Returns:
            The copy; `None` if it is no encoder of keras-hub's that this kind stands
            for.
        """
        return None
