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
from charbert_tf.families.named_heads import LANGUAGE_MODELS
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.models.charbert_backbone import is_charbert, plain_encoder
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.models.huggingface_tokenizer import load_huggingface_tokenizer
from charbert_tf.models.released_head import HuggingFaceHead
from charbert_tf.state_dicts.state_dict_folder import ConversionReport, write_state_dict
from charbert_tf.state_dicts.weight_map import WeightMap
from charbert_tf.vocabularies.tokenizer_folder import has_tokenizer, write_tokenizer


class HuggingFaceModel(NamedTuple):
    """What a Hugging Face folder holds.

    Attributes:
        encoder: The encoder, of one of the kinds of `ENCODERS`.
        pretrainer: The encoder with its masked language model's head, a `Pretrainer`,
            or `None` if the folder has none; with its preprocessor if the folder has a
            tokenizer.
        report: What became of every tensor.
    """

    encoder: keras_nlp.models.Backbone
    pretrainer: EncoderTask | None
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
    kind = source.kind
    classes = [*LANGUAGE_MODELS.values()]
    copies = [
        name for cls in classes for name in cls.huggingface_head.token_copies(kind)
    ]
    weight_map = WeightMap()
    kind.map_encoder(weight_map, encoder, source.prefix, optional_copies=copies)
    pretrainer = None
    for cls in classes:
        if cls.huggingface_head.is_in(source.tensors, kind):
            preprocessor = _preprocessor(cls, source, vocabulary)
            pretrainer = cls(encoder, preprocessor=preprocessor)
            cls.huggingface_head.map(weight_map, pretrainer, kind)
    report = weight_map.load(
        source.tensors, folder, source.not_loaded, pretrainer or encoder
    )
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
    head = huggingface_head(model)
    weight_map = WeightMap()
    kind.map_encoder(weight_map, encoder, f"{kind.model_type}." if head else "")
    if head is not None:
        head.map(weight_map, model, kind)
    if tokenizer is None:
        tokenizer = getattr(getattr(model, "preprocessor", None), "tokenizer", None)
    architecture = "Model" if head is None else head.architecture
    config = config_of_encoder(encoder, architecture, tokenizer)
    with atomic_folder(path) as folder:
        write_state_dict(folder, weight_map.dump())
        with open(os.path.join(folder, CONFIG_FILE), "w", encoding="utf-8") as file:
            json.dump(config, file, indent=2)
        if tokenizer is not None:
            write_tokenizer(
                folder, tokenizer, encoder.max_sequence_length, kind.tokenizer_class
            )


def huggingface_head(
    model: keras_nlp.models.Backbone | keras_nlp.models.Task,
) -> HuggingFaceHead | None:
    """Finds how transformers keeps the head of a model.

    Args:
        model: An encoder, a backbone, or a task.

    Returns:
        The layout; `None` if there is no head, transformers has none like it, or it
        stands on a CharBERT, which transformers has not.

    Example:

    ```python
    huggingface_head(charbert_tf.Pretrainer(encoder)).architecture  # "ForMaskedLM"
    ```
    """
    if is_charbert(getattr(model, "backbone", model)):
        return None
    return getattr(model, "huggingface_head", None)


def _preprocessor(
    cls: type[EncoderTask], source: HuggingFaceFolder, vocabulary: str | None
) -> keras_nlp.models.Preprocessor | None:
    """What a folder's head reads texts with, if the tokenizer is there."""
    if not has_tokenizer(vocabulary or source.folder):
        return None
    return cls.preprocessor_cls(
        load_huggingface_tokenizer(source.folder, vocabulary),
        sequence_length=source.sequence_length,
    )
