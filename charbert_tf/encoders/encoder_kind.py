"""EncoderKind: what checkpoints, heads and commands ask of a kind of encoder."""

import abc
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, NamedTuple

import keras
import keras_nlp

from charbert_tf.encoders.activation import get_activation
from charbert_tf.files.errors import UserError
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
        rate_keys: Those that are numbers in [0, 1), likewise.
        activation_key: That of the activation.
        config_defaults: transformers' own, where a config.json says nothing.
        marks: Parts of the names of classes and tensors by which a folder without
            `model_type` tells it, by the `model_type` that they stand for.
        first_tensor: The token embedding; what stands before it in a folder's tensors
            is the prefix of all of the encoder's.
        mlm_head: How the tensors of the masked language model's head are called.
        head_activation: The head's activation by name; `None` for that of the layers.
        bert_names: Parts of the names of its layers' tensors, and what BERT's are
            called instead.
        tokenizer_class: What transformers calls its tokenizer, where its files alone
            do not tell.
        not_loaded: Tensors that are left out, by a part of their names, and what they
            are.
        special_ids: The ids of special tokens that a config.json tells.
        released: How the authors' CharBERT around it calls its tensors; `None` if there
            is none.
    """

    encoder_cls: ClassVar[type[keras_nlp.models.Backbone]]
    model_type: ClassVar[str]
    architecture: ClassVar[str]
    config_keys: ClassVar[Mapping[str, str]]
    rate_keys: ClassVar[Mapping[str, str]]
    activation_key: ClassVar[str]
    config_defaults: ClassVar[Mapping[str, Any]]
    marks: ClassVar[Mapping[str, tuple[str, ...]]]
    first_tensor: ClassVar[str]
    mlm_head: ClassVar[HeadNames]
    head_activation: ClassVar[str | None] = "gelu"
    bert_names: ClassVar[Mapping[str, str]] = {}
    tokenizer_class: ClassVar[str | None] = None
    not_loaded: ClassVar[Mapping[str, str]] = {}
    special_ids: ClassVar[Mapping[str, int]] = {"pad_token_id": 0}
    released: ClassVar[ReleasedNames | None] = None

    def check_config(self, config: Mapping[str, Any], path: str) -> None:
        """Checks heads, rates and activation in a config.json; a kind may add to that.

        Args:
            config: Its content, whose `config_keys` are checked already.
            path: Where it is, for errors.

        Raises:
            UserError: If it describes what this kind cannot be.
        """
        size, heads = self.config_keys["hidden_dim"], self.config_keys["num_heads"]
        if config[size] % config[heads]:
            raise UserError(
                f"{size} is {config[size]}, which its {config[heads]} attention heads "
                "do not divide: take the file that came with the weights",
                path,
            )
        for key in self.rate_keys.values():
            if not isinstance(config[key], int | float) or not 0 <= config[key] < 1:
                raise UserError(
                    f"{key} is {config[key]!r}, and must be in [0, 1)", path
                )
        try:
            get_activation(config[self.activation_key])
        except (ValueError, TypeError) as error:
            raise UserError(f"{self.activation_key}: {error}", path) from error

    def encoder_arguments(
        self, config: Mapping[str, Any], tensors: Collection[str], prefix: str
    ) -> dict[str, Any]:
        """Gives what the encoder of a checkpoint is made with.

        Args:
            config: The content of config.json, with the defaults.
            tensors: The names of the folder's tensors.
            prefix: What those of the encoder begin with.

        Returns:
            Arguments of `encoder_cls`: sizes, rates and activation; a kind may add to
            them.
        """
        keys = {**self.config_keys, **self.rate_keys, "activation": self.activation_key}
        arguments = {name: config[key] for name, key in keys.items()}
        if arguments["attention_dropout"] == arguments["dropout"]:
            arguments["attention_dropout"] = None
        return {**arguments, "max_sequence_length": self.max_sequence_length(config)}

    def max_sequence_length(self, config: Mapping[str, Any]) -> int:
        """Returns the most tokens that the encoder of a config.json takes.

        Args:
            config: Its content.
        """
        return config[self.config_keys["max_sequence_length"]]

    def config_of(self, encoder: keras_nlp.models.Backbone) -> dict[str, Any]:
        """Describes an encoder as config.json does.

        Args:
            encoder: One of this kind.

        Returns:
            Sizes, activation, rates and special tokens' ids, under transformers' names.
        """
        keys = {**self.config_keys, "activation": self.activation_key, **self.rate_keys}
        config = {key: getattr(encoder, name) for name, key in keys.items()}
        if encoder.attention_dropout is None:
            config[self.rate_keys["attention_dropout"]] = encoder.dropout
        return {**config, "initializer_range": 0.02, **self.special_ids}

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
            The activation.
        """
        return get_activation(self.head_activation or encoder.activation)

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
