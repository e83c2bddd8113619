"""Hugging Face's config.json: reading it, checking it, and writing it."""

import json
import os

from charbert_tf.encoders.activation import get_activation
from charbert_tf.encoders.bert.bert_encoder import BertEncoder
from charbert_tf.encoders.roberta.roberta_encoder import RobertaEncoder
from charbert_tf.files.errors import UserError
from charbert_tf.state_dicts.state_dict_folder import read_tensor_names

ENCODER_CLASSES = {
    "bert": BertEncoder,
    "roberta": RobertaEncoder,
    "xlm-roberta": RobertaEncoder,
}
"""The encoder of each `model_type`."""

CONFIG_FILE = "config.json"

_SIZES = {
    "vocabulary_size": "vocab_size",
    "num_layers": "num_hidden_layers",
    "num_heads": "num_attention_heads",
    "hidden_dim": "hidden_size",
    "intermediate_dim": "intermediate_size",
    "max_sequence_length": "max_position_embeddings",
    "num_segments": "type_vocab_size",
}
# transformers' own, where a file says nothing.
_DEFAULTS = {
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
}
# What would make another model of the same tensors.
_UNSUPPORTED = {
    "is_decoder": (False,),
    "add_cross_attention": (False,),
    "position_embedding_type": ("absolute", None),
}
# What names of classes and of tensors tell the kind by, the longest first.
_MARKS = {
    "xlm-roberta": ("XLMRoberta",),
    "roberta": ("Roberta", "roberta.", "lm_head."),
    "bert": ("Bert", "bert.", "cls.predictions."),
}
_USUAL_LENGTH = 128
_REMEDY = "take the file that came with the weights"


def read_config(folder: str) -> dict:
    """Reads and checks a folder's `config.json`.

    Args:
        folder: A Hugging Face folder of a BERT, RoBERTa or XLM-R, or a released
            CharBERT.

    Returns:
        Its content, with transformers' defaults where it says nothing.

    Raises:
        UserError: If it is missing, is no JSON, is of another kind of model, or has
            sizes that cannot be.

    Example:

    ```python
    read_config("bert-base-cased")["hidden_size"]  # 768
    ```
    """
    path = os.path.join(folder, CONFIG_FILE)
    config = _read_json(folder)
    config = {**_DEFAULTS, "model_type": _infer_model_type(folder, config), **config}
    if config["model_type"] not in ENCODER_CLASSES:
        raise UserError(
            f"model_type is {config['model_type']!r}, and must be one of "
            f"{', '.join(ENCODER_CLASSES)}",
            path,
        )
    _check(config, path)
    return config


def is_huggingface_config(config: object) -> bool:
    """Whether the content of a `config.json` is Hugging Face's.

    Args:
        config: What the file holds.

    Returns:
        Whether it is, and not Keras's, which presets have.

    Example:
        >>> is_huggingface_config({"hidden_size": 768})
        True
    """
    return (
        isinstance(config, dict)
        and "registered_name" not in config
        and bool({"model_type", "hidden_size", "architectures"} & config.keys())
    )


def usual_sequence_length(folder: str) -> int:
    """Gives the tokens of a preprocessor's sequence.

    Args:
        folder: A Hugging Face folder.

    Returns:
        128, or what the model takes if that is less.

    Raises:
        UserError: If `config.json` cannot be read.

    Example:

    ```python
    usual_sequence_length("bert-base-cased")  # 128
    ```
    """
    config = _read_json(folder)
    length = config.get("max_position_embeddings")
    if not isinstance(length, int):
        return _USUAL_LENGTH
    model_type = _infer_model_type(folder, config)
    first = getattr(ENCODER_CLASSES.get(model_type), "first_position", 0)
    return min(_USUAL_LENGTH, length - first)


def encoder_from_config(config: dict, **arguments) -> BertEncoder:
    """Makes the encoder that a configuration describes, with random weights.

    Args:
        config: As `read_config` returns it.
        **arguments: Other arguments of the encoder, such as `has_pooler`.

    Returns:
        A `BertEncoder` or `RobertaEncoder`.

    Example:

    ```python
    encoder = encoder_from_config(read_config("bert-base-cased"), has_pooler=True)
    ```
    """
    cls = ENCODER_CLASSES[config["model_type"]]
    sizes = {name: config[key] for name, key in _SIZES.items()}
    sizes["max_sequence_length"] -= cls.first_position
    dropout = config["hidden_dropout_prob"]
    attention_dropout = config["attention_probs_dropout_prob"]
    return cls(
        **sizes,
        dropout=dropout,
        attention_dropout=None if attention_dropout == dropout else attention_dropout,
        activation=config["hidden_act"],
        layer_norm_epsilon=config["layer_norm_eps"],
        **arguments,
    )


def config_of_encoder(encoder: BertEncoder) -> dict:
    """Describes an encoder as `config.json` does.

    Args:
        encoder: A `BertEncoder` or `RobertaEncoder`.

    Returns:
        What `json.dump` takes: sizes, activation, dropout and special tokens' ids under
        transformers' names.

    Example:

    ```python
    with open("my_bert/config.json", "w") as file:
        json.dump(config_of_encoder(encoder), file)
    ```
    """
    is_roberta = isinstance(encoder, RobertaEncoder)
    sizes = {key: getattr(encoder, name) for name, key in _SIZES.items()}
    sizes["max_position_embeddings"] += encoder.first_position
    attention_dropout = encoder.attention_dropout
    if attention_dropout is None:
        attention_dropout = encoder.dropout
    special_ids = {"pad_token_id": 0}
    if is_roberta:
        special_ids = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}
    return {
        "model_type": "roberta" if is_roberta else "bert",
        **sizes,
        "hidden_act": encoder.activation,
        "hidden_dropout_prob": encoder.dropout,
        "attention_probs_dropout_prob": attention_dropout,
        "layer_norm_eps": encoder.layer_norm_epsilon,
        "initializer_range": 0.02,
        **special_ids,
    }


def _read_json(folder: str) -> dict:
    path = os.path.join(folder, CONFIG_FILE)
    try:
        with open(path, encoding="utf-8") as file:
            config = json.load(file)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be read ({error}): {_REMEDY}", path) from error
    if not isinstance(config, dict):
        raise UserError(f"must hold settings by name: {_REMEDY}", path)
    return config


def _infer_model_type(folder: str, config: dict) -> str:
    """The kind of a folder whose `config.json`, as the authors', does not say it."""
    if "model_type" in config:
        return config["model_type"]
    architectures = config.get("architectures") or []
    names = [*(str(name) for name in architectures), *read_tensor_names(folder)]
    for model_type, marks in _MARKS.items():
        if any(mark in name for name in names for mark in marks):
            return model_type
    raise UserError(
        "has no model_type, and neither architectures nor the tensors' names tell it: "
        f'write "model_type": {" or ".join(map(json.dumps, ENCODER_CLASSES))} into it',
        os.path.join(folder, CONFIG_FILE),
    )


def _check(config: dict, path: str) -> None:
    for key in _SIZES.values():
        if not isinstance(config.get(key), int) or config[key] < 1:
            raise UserError(
                f"{key} is {config.get(key)!r}, and must be a whole number above 0: "
                f"{_REMEDY}",
                path,
            )
    if config["hidden_size"] % config["num_attention_heads"]:
        raise UserError(
            f"hidden_size is {config['hidden_size']}, which its "
            f"{config['num_attention_heads']} attention heads do not divide: {_REMEDY}",
            path,
        )
    for key in (
        "hidden_dropout_prob",
        "attention_probs_dropout_prob",
        "layer_norm_eps",
    ):
        if not isinstance(config[key], int | float) or not 0 <= config[key] < 1:
            raise UserError(f"{key} is {config[key]!r}, and must be in [0, 1)", path)
    try:
        get_activation(config["hidden_act"])
    except (ValueError, TypeError) as error:
        raise UserError(f"hidden_act: {error}", path) from error
    for key, values in _UNSUPPORTED.items():
        if key in config and config[key] not in values:
            raise UserError(f"{key} is {config[key]!r}: not supported", path)
    first = ENCODER_CLASSES[config["model_type"]].first_position
    if first and config.get("pad_token_id", first - 1) != first - 1:
        raise UserError(f"pad_token_id must be {first - 1}: not supported", path)
    if config["max_position_embeddings"] <= first:
        raise UserError(f"max_position_embeddings must be above {first}", path)
