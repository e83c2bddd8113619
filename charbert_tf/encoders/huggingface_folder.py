"""HuggingFaceFolder: an encoder as transformers saves it."""

import functools
import os
import re
from collections.abc import Collection, Mapping

import keras
import keras_nlp
import numpy as np

from charbert_tf.encoders.encoder_kind import EncoderKind
from charbert_tf.encoders.huggingface_config import (
    CONFIG_FILE,
    encoder_from_config,
    is_huggingface_config,
    read_config,
    usual_sequence_length,
)
from charbert_tf.encoders.named_encoders import ENCODERS
from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json
from charbert_tf.state_dicts.state_dict_folder import ConversionReport, read_state_dict
from charbert_tf.state_dicts.weight_map import WeightMap

# The names that the first TensorFlow checkpoints had, and some folders still have.
_OLD_NAMES = (
    ("LayerNorm.gamma", "LayerNorm.weight"),
    ("LayerNorm.beta", "LayerNorm.bias"),
)
# What PyTorch's parallel and compiled modules put into the names.
_WRAPPERS = (
    r"(?<![^.])(module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\."
)
# An embedding that no head shares.
_POSITIONS = "embeddings.position_embeddings.weight"

_NOT_LOADED = {
    "position_ids": "the numbers from 0 on",
    "token_type_ids": "zeros",
    "classifier.": "a classifier's head",
    "qa_outputs.": "a question answering head",
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

        Raises:
            UserError: If there is one that cannot be read.
        """
        path = os.path.join(folder, CONFIG_FILE)
        if not os.path.exists(path):
            return False
        return is_huggingface_config(read_json(path, "fetch it again"))

    @property
    def kind(self) -> EncoderKind:
        """What is known of its kind of encoder."""
        return ENCODERS[self.config["model_type"]]

    @functools.cached_property
    def tensors(self) -> dict[str, np.ndarray]:
        """All tensors by name."""
        return _with_usual_names(read_state_dict(self.folder), self.kind)

    @functools.cached_property
    def prefix(self) -> str:
        """What the names of the encoder's tensors begin with.

        Raises:
            UserError: If the folder cannot be read, or holds no encoder.
        """
        first = self.kind.first_tensor
        prefix = _encoder_prefix(self.tensors, self.kind)
        if f"{prefix}{first}" in self.tensors:
            return prefix
        raise UserError(
            f"holds no {self.kind.architecture}, for there is no {first} in it",
            self.folder,
        )

    @property
    def not_loaded(self) -> dict[str, str]:
        """Tensors that are left out, by a part of their names, and what they are."""
        return {**_NOT_LOADED, **self.kind.not_loaded}

    @property
    def is_charbert(self) -> bool:
        """Whether it is one of the authors' released CharBERT folders."""
        return f"{self.prefix}char_embeddings.char_embeddings.weight" in self.tensors

    @property
    def sequence_length(self) -> int:
        """The tokens of a preprocessor's sequence: 128, or what the model takes."""
        return usual_sequence_length(self.folder)

    def make_encoder(
        self, dtype: str | keras.DTypePolicy | None = None
    ) -> keras_nlp.models.Backbone:
        """Makes the encoder with random weights.

        Args:
            dtype: Its policy.

        Returns:
            An encoder of the folder's kind.
        """
        return encoder_from_config(self.config, self.tensors, self.prefix, dtype=dtype)

    def load_encoder(
        self, dtype: str | keras.DTypePolicy | None = None
    ) -> tuple[keras_nlp.models.Backbone, ConversionReport]:
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
        self.kind.map_encoder(weight_map, encoder, self.prefix)
        heads = {name.split(".")[0] for name in self.kind.mlm_head}
        language_model = {f"{name}.": "the language model's head" for name in heads}
        ignored = self.not_loaded | language_model
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


def _with_usual_names(
    tensors: Mapping[str, np.ndarray], kind: EncoderKind
) -> dict[str, np.ndarray]:
    """Names tensors as transformers does now, whatever saved them."""
    named = {}
    for name, tensor in tensors.items():
        for old, new in _OLD_NAMES:
            name = re.sub(rf"{re.escape(old)}$", new, name)
        named[re.sub(_WRAPPERS, "", name)] = tensor
    prefix = _encoder_prefix(named, kind)
    # Of "model.bert." the first part is a user's own module around model and head.
    outer = prefix.rstrip(".").rpartition(".")[0]
    if outer:
        named = {name.removeprefix(f"{outer}."): named[name] for name in named}
        prefix = prefix.removeprefix(f"{outer}.")
    # Of the names that tensors share, some files keep the second.
    head = kind.mlm_head
    second, decoder = f"{head.decoder}.bias", f"{head.decoder}.weight"
    if second in named and head.bias not in named:
        named[head.bias] = named.pop(second)
    if decoder in named:
        named.setdefault(f"{prefix}{kind.first_tensor}", named[decoder])
    return named


def _encoder_prefix(names: Collection[str], kind: EncoderKind) -> str:
    """What the names of the encoder's tensors begin with."""
    for tensor in (kind.first_tensor, _POSITIONS):
        for name in names:
            if name.endswith(tensor):
                return name.removesuffix(tensor)
    return ""
