"""HuggingFaceFolder: a BERT, RoBERTa or XLM-R as transformers saves it."""

import functools
import json
import os
import re
from collections.abc import Mapping

import keras
import numpy as np

from charbert_tf.encoders.bert.bert_encoder import BertEncoder
from charbert_tf.encoders.huggingface_config import (
    CONFIG_FILE,
    encoder_from_config,
    is_huggingface_config,
    read_config,
    usual_sequence_length,
)
from charbert_tf.files.errors import UserError
from charbert_tf.state_dicts.conversion_report import ConversionReport
from charbert_tf.state_dicts.layout import FROM_HEADS_KERNEL, HEADS_BIAS, HEADS_KERNEL
from charbert_tf.state_dicts.state_dict_folder import read_state_dict
from charbert_tf.state_dicts.weight_map import WeightMap

_FIRST_TENSOR = "embeddings.word_embeddings.weight"
# The names that the first TensorFlow checkpoints had, and some folders still have.
_OLD_NAMES = (
    ("LayerNorm.gamma", "LayerNorm.weight"),
    ("LayerNorm.beta", "LayerNorm.bias"),
)
# What PyTorch's parallel and compiled modules put before the names.
_WRAPPERS = r"^((module|_orig_mod)\.)+"

NOT_LOADED = {
    "position_ids": "the numbers from 0 on",
    "token_type_ids": "zeros",
    "cls.seq_relationship.": "the head for the next sentence",
    "classifier.": "a classifier's head",
    "qa_outputs.": "a question answering head",
}
"""Tensors that are left out, by a part of their names, and what they are."""

_LANGUAGE_MODEL = {
    "cls.predictions.": "the language model's head",
    "lm_head.": "the language model's head",
}


class HuggingFaceFolder:
    """Reads the configuration and the tensors of a folder, and makes the encoder.

    Args:
        folder: A folder with `config.json` and weights, as `read_state_dict` takes
            them.

    Raises:
        UserError: If a file is missing, damaged or of another kind of model.

    Example:

    ```python
    encoder, report = HuggingFaceFolder("bert-base-cased").load_encoder()
    ```
    """

    def __init__(self, folder: str):
        self.folder = folder
        self.config = read_config(folder)

    @staticmethod
    def is_one(folder: str) -> bool:
        """Whether a folder's `config.json` is Hugging Face's.

        Args:
            folder: Any folder.

        Returns:
            Whether it is; `False` if there is none.
        """
        try:
            with open(os.path.join(folder, CONFIG_FILE), encoding="utf-8") as file:
                return is_huggingface_config(json.load(file))
        except (OSError, ValueError, TypeError):
            return False

    @functools.cached_property
    def tensors(self) -> dict[str, np.ndarray]:
        """All tensors by name."""
        return _with_usual_names(read_state_dict(self.folder))

    @functools.cached_property
    def prefix(self) -> str:
        """What the names of the encoder's tensors begin with.

        Raises:
            UserError: If the folder cannot be read, or holds no BERT or RoBERTa.
        """
        for name in self.tensors:
            if name.endswith(_FIRST_TENSOR):
                return name.removesuffix(_FIRST_TENSOR)
        raise UserError(
            f"holds no BERT or RoBERTa, for there is no {_FIRST_TENSOR} in it",
            self.folder,
        )

    @property
    def is_charbert(self) -> bool:
        """Whether it is one of the authors' released CharBERT folders."""
        return f"{self.prefix}char_embeddings.char_embeddings.weight" in self.tensors

    @property
    def sequence_length(self) -> int:
        """The tokens of a preprocessor's sequence: 128, or what the model takes."""
        return usual_sequence_length(self.folder)

    def make_encoder(self, dtype: str | keras.DTypePolicy | None = None) -> BertEncoder:
        """Makes the encoder with random weights.

        Args:
            dtype: Its policy.

        Returns:
            A `BertEncoder` or `RobertaEncoder`.
        """
        has_pooler = f"{self.prefix}pooler.dense.weight" in self.tensors
        return encoder_from_config(self.config, has_pooler=has_pooler, dtype=dtype)

    def load_encoder(
        self, dtype: str | keras.DTypePolicy | None = None
    ) -> tuple[BertEncoder, ConversionReport]:
        """Makes the encoder with the folder's weights, whatever its head is.

        Args:
            dtype: Its policy.

        Returns:
            The encoder, and what became of the tensors.

        Raises:
            UserError: If the tensors do not fit, or it is a released CharBERT.
        """
        self.check_is_plain()
        encoder = self.make_encoder(dtype)
        weight_map = WeightMap()
        map_encoder(weight_map, encoder, self.prefix)
        ignored = NOT_LOADED | _LANGUAGE_MODEL
        return encoder, weight_map.load(self.tensors, self.folder, ignored, encoder)

    def check_is_plain(self) -> None:
        """Refuses a CharBERT.

        Raises:
            UserError: If it is one of the authors' released folders.
        """
        if self.is_charbert:
            raise UserError(
                "is one of the authors' CharBERT: make a preset of it with "
                "official.convert_checkpoint",
                self.folder,
            )


def map_encoder(
    weight_map: WeightMap, encoder: BertEncoder, prefix: str = "", **token_copies
) -> None:
    """Pairs the weights of an encoder with transformers' tensors.

    Args:
        weight_map: Gets the pairs.
        encoder: A `BertEncoder` or `RobertaEncoder`.
        prefix: What the tensors' names begin with, such as `"bert."`.
        **token_copies: `copies` or `optional_copies` of the token embedding, as
            `WeightMap.add` takes them.

    Example:

    ```python
    weight_map = WeightMap()
    map_encoder(weight_map, encoder, prefix="bert.")
    tensors = weight_map.dump()
    ```
    """
    weight_map.add(
        encoder.token_embedding.embeddings, f"{prefix}{_FIRST_TENSOR}", **token_copies
    )
    for layer, name in (
        (encoder.position_embedding, "position_embeddings"),
        (encoder.segment_embedding, "token_type_embeddings"),
    ):
        weight_map.add(layer.embeddings, f"{prefix}embeddings.{name}.weight")
    weight_map.add_layer_norm(
        encoder.embeddings_layer_norm, f"{prefix}embeddings.LayerNorm"
    )
    for index, layer in enumerate(encoder.transformer_layers):
        _map_transformer_layer(weight_map, layer, f"{prefix}encoder.layer.{index}.")
    if encoder.has_pooler:
        weight_map.add_dense(encoder.pooled_dense, f"{prefix}pooler.dense")


def _map_transformer_layer(weight_map: WeightMap, layer, prefix: str) -> None:
    attention = layer._self_attention_layer
    for dense, name in (
        (attention.query_dense, "query"),
        (attention.key_dense, "key"),
        (attention.value_dense, "value"),
    ):
        name = f"{prefix}attention.self.{name}"
        weight_map.add_dense(dense, name, HEADS_KERNEL, HEADS_BIAS)
    output = f"{prefix}attention.output."
    weight_map.add_dense(attention.output_dense, f"{output}dense", FROM_HEADS_KERNEL)
    weight_map.add_layer_norm(layer._self_attention_layer_norm, f"{output}LayerNorm")
    weight_map.add_dense(
        layer._feedforward_intermediate_dense, f"{prefix}intermediate.dense"
    )
    weight_map.add_dense(layer._feedforward_output_dense, f"{prefix}output.dense")
    weight_map.add_layer_norm(
        layer._feedforward_layer_norm, f"{prefix}output.LayerNorm"
    )


def _with_usual_names(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Names tensors as transformers does now, whatever saved them."""
    named = {}
    for name, tensor in tensors.items():
        for old, new in _OLD_NAMES:
            name = re.sub(rf"{re.escape(old)}$", new, name)
        named[re.sub(_WRAPPERS, "", name)] = tensor
    # Of the two names that a language model's bias has, some files keep the second.
    for head in _LANGUAGE_MODEL:
        second = f"{head}decoder.bias"
        if second in named and f"{head}bias" not in named:
            named[f"{head}bias"] = named.pop(second)
    return named
