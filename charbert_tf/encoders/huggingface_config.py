"""Hugging Face's config.json: reading it, checking it, and writing it."""

import json
import os
from collections.abc import Collection

import keras_nlp

from charbert_tf.encoders.named_encoders import ENCODERS, kind_of
from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json_object
from charbert_tf.state_dicts.state_dict_folder import read_tensor_names

CONFIG_FILE = "config.json"

# What would make another model of the same tensors.
_UNSUPPORTED = {
    "is_decoder": (False,),
    "add_cross_attention": (False,),
    "position_embedding_type": ("absolute", None),
}
_USUAL_LENGTH = 128
_REMEDY = "take the file that came with the weights"


def read_config(folder: str) -> dict:
    """Reads and checks a folder's `config.json`.

    Args:
        folder: A Hugging Face folder of one of the kinds of `ENCODERS`, or a released
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
    config = read_json_object(path, _REMEDY)
    config = {**config, "model_type": _infer_model_type(folder, config)}
    if config["model_type"] not in ENCODERS:
        raise UserError(
            f"model_type is {config['model_type']!r}, and must be one of "
            f"{', '.join(ENCODERS)}",
            path,
        )
    kind = ENCODERS[config["model_type"]]
    config = {**kind.config_defaults, **config}
    for key in kind.config_keys.values():
        if not isinstance(config.get(key), int) or config[key] < 1:
            raise UserError(
                f"{key} is {config.get(key)!r}, and must be a whole number above 0: "
                f"{_REMEDY}",
                path,
            )
    for key, values in _UNSUPPORTED.items():
        if key in config and config[key] not in values:
            raise UserError(f"{key} is {config[key]!r}: not supported", path)
    kind.check_config(config, path)
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
    config = read_json_object(os.path.join(folder, CONFIG_FILE), _REMEDY)
    model_type = _infer_model_type(folder, config)
    if model_type not in ENCODERS:
        return _USUAL_LENGTH
    kind = ENCODERS[model_type]
    if not isinstance(config.get(kind.config_keys["max_sequence_length"]), int):
        return _USUAL_LENGTH
    return min(_USUAL_LENGTH, kind.max_sequence_length(config))


def encoder_from_config(
    config: dict, tensors: Collection[str] = (), prefix: str = "", **arguments
) -> keras_nlp.models.Backbone:
    """Makes the encoder that a configuration describes, with random weights.

    Args:
        config: As `read_config` returns it.
        tensors: The names of the tensors beside it, which tell whether there is a
            pooler.
        prefix: What those of the encoder begin with.
        **arguments: Other arguments of the encoder, such as `dtype`.

    Returns:
        An encoder of the kind that `model_type` names.

    Example:

    ```python
    encoder = encoder_from_config(read_config("bert-base-cased"))
    ```
    """
    kind = ENCODERS[config["model_type"]]
    described = kind.encoder_arguments(config, tensors, prefix)
    return kind.encoder_cls(**described | arguments)


def config_of_encoder(
    encoder: keras_nlp.models.Backbone,
    head: str = "Model",
    tokenizer: keras_nlp.models.Tokenizer | None = None,
) -> dict:
    """Describes an encoder as `config.json` does.

    Args:
        encoder: An encoder of one of the kinds of `ENCODERS`.
        head: What transformers calls the head on it: `"ForMaskedLM"`.
        tokenizer: Its tokenizer, if there is one.

    Returns:
        What `json.dump` takes: sizes, activation, dropout and special tokens' ids under
        transformers' names.

    Example:

    ```python
    with open("my_bert/config.json", "w") as file:
        json.dump(config_of_encoder(encoder), file)
    ```
    """
    kind = kind_of(encoder)
    model_type, architecture = kind.names_with(tokenizer)
    return {
        "model_type": model_type,
        **kind.config_of(encoder),
        "architectures": [f"{architecture}{head}"],
    }


def _infer_model_type(folder: str, config: dict) -> str:
    """The kind of a folder, whose `config.json` need not say it, as the authors'."""
    if config.get("model_type"):
        return config["model_type"]
    architectures = config.get("architectures") or []
    names = [*(str(name) for name in architectures), *read_tensor_names(folder)]
    # Some names have another's in them: the longest mark tells the kind.
    found = {
        len(mark): model_type
        for kind in ENCODERS.values()
        for model_type, marks in kind.marks.items()
        for mark in marks
        if any(mark in name for name in names)
    }
    if found:
        return found[max(found)]
    raise UserError(
        "has no model_type, and neither architectures nor the tensors' names tell it: "
        f'write "model_type": {" or ".join(map(json.dumps, ENCODERS))} into it',
        os.path.join(folder, CONFIG_FILE),
    )
