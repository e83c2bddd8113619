"""Hugging Face folders: a plain encoder and its language model, in and out."""

import json
import os
from typing import NamedTuple

import keras
import keras_nlp

from charbert_tf.encoders.huggingface_config import CONFIG_FILE, config_of_encoder
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.encoders.keras_hub_encoder import known_encoder
from charbert_tf.encoders.named_encoders import kind_of
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.models.charbert_backbone import is_charbert, plain_encoder
from charbert_tf.models.huggingface_tokenizer import load_huggingface_tokenizer
from charbert_tf.models.language_model_tensors import map_mlm_head, mlm_decoder
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.state_dicts.state_dict_folder import ConversionReport, write_state_dict
from charbert_tf.state_dicts.weight_map import WeightMap
from charbert_tf.vocabularies.tokenizer_folder import has_tokenizer, write_tokenizer


class HuggingFaceModel(NamedTuple):
    """What a Hugging Face folder holds.

    Attributes:
        encoder: The encoder, of one of the kinds of `ENCODERS`.
        pretrainer: The encoder with its masked language model's head, or `None` if
            the folder has none; with its preprocessor if the folder has a tokenizer.
        report: What became of every tensor.
    """

    encoder: keras_nlp.models.Backbone
    pretrainer: Pretrainer | None
    report: ConversionReport


def load_huggingface(
    folder: str,
    vocabulary: str | None = None,
    dtype: str | keras.DTypePolicy | None = None,
) -> HuggingFaceModel:
    """Loads an encoder, and its masked language model, that transformers saved.

    Sizes, activation and epsilon are those of `config.json`, so that the outputs are
    those of the PyTorch model. Every tensor is used or named in the report.

    Args:
        folder: A folder with `config.json` and `model.safetensors` or
            `pytorch_model.bin`, cut into shards or not.
        vocabulary: The folder of the tokenizer, if not the same.
        dtype: The model's policy.

    Returns:
        The encoder, its language model if there is one, and the report.

    Raises:
        UserError: If a file is missing, damaged or refused, or a tensor is missing,
            of no use, or of another shape than it must have.

    Example:

    ```python
    encoder = charbert_tf.checkpoints.load_huggingface("roberta-base").encoder
    backbone = charbert_tf.CharBertBackbone(encoder, num_characters=1050)
    ```
    """
    source = HuggingFaceFolder(folder)
    source.check_is_plain()
    encoder = source.make_encoder(dtype)
    names = source.kind.mlm_head
    weight_map = WeightMap()
    source.kind.map_encoder(
        weight_map, encoder, source.prefix, optional_copies=[mlm_decoder(names)]
    )
    model, pretrainer = encoder, None
    if names.bias in source.tensors:
        preprocessor = None
        if has_tokenizer(vocabulary or folder):
            preprocessor = PretrainerPreprocessor(
                load_huggingface_tokenizer(folder, vocabulary),
                sequence_length=source.sequence_length,
            )
        model = pretrainer = Pretrainer(encoder, preprocessor=preprocessor)
        map_mlm_head(weight_map, pretrainer, names)
    report = weight_map.load(source.tensors, folder, source.not_loaded, model)
    return HuggingFaceModel(encoder, pretrainer, report)


def save_huggingface(
    model: keras_nlp.models.Backbone | keras_nlp.models.Task,
    path: str,
    tokenizer: keras_nlp.models.Tokenizer | None = None,
) -> None:
    """Saves a plain encoder so that transformers loads it.

    Of a CharBERT this is the encoder inside, without its characters; of a plain
    `Pretrainer` also the language model's head.

    Args:
        model: An encoder, a backbone, or a task.
        path: A folder that does not exist yet, or is empty.
        tokenizer: Is saved too; by default that of the task's preprocessor.

    Raises:
        UserError: If the encoder is of another kind, or the folder holds something.

    Example:

    ```python
    save_huggingface(charbert_tf.Pretrainer.from_preset("my_run/preset"), "my_bert")
    transformers.AutoModel.from_pretrained("my_bert")
    ```
    """
    backbone = getattr(model, "backbone", model)
    encoder = known_encoder(plain_encoder(backbone))
    kind = kind_of(encoder)
    has_head = isinstance(model, Pretrainer) and not is_charbert(backbone)
    weight_map = WeightMap()
    kind.map_encoder(weight_map, encoder, f"{kind.model_type}." if has_head else "")
    if has_head:
        map_mlm_head(weight_map, model, kind.mlm_head)
    if tokenizer is None:
        tokenizer = getattr(getattr(model, "preprocessor", None), "tokenizer", None)
    head = "ForMaskedLM" if has_head else "Model"
    config = config_of_encoder(encoder, head, tokenizer)
    with atomic_folder(path) as folder:
        write_state_dict(folder, weight_map.dump())
        with open(os.path.join(folder, CONFIG_FILE), "w", encoding="utf-8") as file:
            json.dump(config, file, indent=2)
        if tokenizer is not None:
            write_tokenizer(
                folder, tokenizer, encoder.max_sequence_length, kind.tokenizer_class
            )
