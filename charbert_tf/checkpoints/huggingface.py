"""Hugging Face folders: a plain encoder and its language model, in and out."""

import json
import os
from typing import NamedTuple

import keras
import keras_nlp

from charbert_tf.checkpoints.huggingface_encoder import huggingface_encoder
from charbert_tf.checkpoints.language_model_heads import map_mlm_head, mlm_decoder
from charbert_tf.checkpoints.tokenizer_files import write_tokenizer
from charbert_tf.encoders.bert.bert_encoder import BertEncoder
from charbert_tf.encoders.huggingface_config import CONFIG_FILE, config_of_encoder
from charbert_tf.encoders.huggingface_folder import (
    NOT_LOADED,
    HuggingFaceFolder,
    map_encoder,
)
from charbert_tf.encoders.roberta.roberta_encoder import RobertaEncoder
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.models.charbert_backbone import CharBertBackbone, plain_encoder
from charbert_tf.models.huggingface_tokenizer import load_huggingface_tokenizer
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.state_dicts.conversion_report import ConversionReport
from charbert_tf.state_dicts.state_dict_folder import write_state_dict
from charbert_tf.state_dicts.weight_map import WeightMap
from charbert_tf.vocabularies.tokenizer_folder import has_tokenizer


class HuggingFaceModel(NamedTuple):
    """What a Hugging Face folder holds.

    Attributes:
        encoder: The `BertEncoder` or `RobertaEncoder`.
        pretrainer: The encoder with its masked language model's head, or `None` if
            the folder has none; with its preprocessor if the folder has a tokenizer.
        report: What became of every tensor.
    """

    encoder: BertEncoder
    pretrainer: Pretrainer | None
    report: ConversionReport


def load_huggingface(
    folder: str,
    vocabulary: str | None = None,
    dtype: str | keras.DTypePolicy | None = None,
) -> HuggingFaceModel:
    """Loads a BERT, RoBERTa, mBERT or XLM-R that transformers saved.

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
    decoder = mlm_decoder(encoder)
    weight_map = WeightMap()
    map_encoder(weight_map, encoder, source.prefix, optional_copies=[decoder])
    model, pretrainer = encoder, None
    if decoder.replace("decoder.weight", "bias") in source.tensors:
        preprocessor = None
        if has_tokenizer(vocabulary or folder):
            preprocessor = PretrainerPreprocessor(
                load_huggingface_tokenizer(folder, vocabulary),
                sequence_length=source.sequence_length,
            )
        model = pretrainer = Pretrainer(encoder, preprocessor=preprocessor)
        map_mlm_head(weight_map, pretrainer, encoder)
    report = weight_map.load(source.tensors, folder, NOT_LOADED, model)
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
    encoder = huggingface_encoder(plain_encoder(backbone))
    has_head = isinstance(model, Pretrainer) and not isinstance(
        backbone, CharBertBackbone
    )
    config = config_of_encoder(encoder)
    prefix = f"{config['model_type']}." if has_head else ""
    weight_map = WeightMap()
    map_encoder(weight_map, encoder, prefix)
    if has_head:
        map_mlm_head(weight_map, model, encoder)
    name = "Roberta" if isinstance(encoder, RobertaEncoder) else "Bert"
    kind = "ForMaskedLM" if has_head else "Model"
    config["architectures"] = [f"{name}{kind}"]
    if tokenizer is None:
        tokenizer = getattr(getattr(model, "preprocessor", None), "tokenizer", None)
    if isinstance(tokenizer, keras_nlp.models.XLMRobertaTokenizer):
        config["model_type"] = "xlm-roberta"
        config["architectures"] = [f"XLM{name}{kind}"]
    with atomic_folder(path) as folder:
        write_state_dict(folder, weight_map.dump())
        with open(os.path.join(folder, CONFIG_FILE), "w", encoding="utf-8") as file:
            json.dump(config, file, indent=2)
        if tokenizer is not None:
            write_tokenizer(folder, tokenizer, encoder.max_sequence_length)
