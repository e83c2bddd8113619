"""Reading a folder that holds a pretrained model, with one clear error."""

import json
import os

import keras_nlp

from charbert_tf.errors import UserError
from charbert_tf.models.charbert_backbone import CharBertBackbone

_REMEDY = "name a folder that save_to_preset wrote, or a Hugging Face BERT folder"


def check_model_folder(folder: str) -> None:
    """Refuses a folder that is no preset.

    Args:
        folder: A preset, or a Hugging Face folder.

    Raises:
        UserError: If there is no `config.json`, or one of neither kind.

    Example:

    ```python
    check_model_folder("my_run/preset")
    ```
    """
    path = os.path.join(folder, "config.json")
    if not os.path.exists(folder):
        raise UserError(f"no such folder: {_REMEDY}", folder)
    if not os.path.exists(path):
        raise UserError(f"is no preset, it has no config.json: {_REMEDY}", folder)
    try:
        with open(path, encoding="utf-8") as file:
            config = json.load(file)
    except ValueError as error:
        raise UserError(f"is no JSON ({error}): {_REMEDY}", path) from error
    if not isinstance(config, dict) or not {"registered_name", "model_type"} & set(
        config
    ):
        raise UserError(f"is of no kind that can be read: {_REMEDY}", path)


def load_encoder(
    folder: str,
) -> tuple[keras_nlp.models.Backbone, keras_nlp.models.Tokenizer]:
    """Loads the encoder of a folder and its tokenizer.

    Args:
        folder: A preset of any task or backbone, or a Hugging Face BERT folder.

    Returns:
        The encoder, a `CharBertBackbone` if the folder holds one, and the tokenizer.

    Raises:
        UserError: If the folder cannot be read as one.

    Example:

    ```python
    encoder, tokenizer = load_encoder("bert-base-uncased")
    ```
    """
    check_model_folder(folder)
    try:
        return (
            keras_nlp.models.Backbone.from_preset(folder),
            keras_nlp.models.Tokenizer.from_preset(folder),
        )
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"cannot be loaded ({error}): {_REMEDY}", folder) from error


def plain_encoder(encoder: keras_nlp.models.Backbone) -> keras_nlp.models.Backbone:
    """Returns the encoder inside a CharBERT, or the encoder itself.

    Args:
        encoder: A `CharBertBackbone` or a plain keras-nlp encoder.
    """
    return encoder.encoder if isinstance(encoder, CharBertBackbone) else encoder
