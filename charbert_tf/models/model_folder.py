"""Reading a folder that holds a pretrained model, with one clear error."""

import contextlib
import os
import warnings
from collections.abc import Collection, Iterator

import keras
import keras_nlp

from charbert_tf.encoders import encoder_contract
from charbert_tf.encoders.huggingface_config import is_huggingface_config
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.encoders.named_encoders import ENCODERS
from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json
from charbert_tf.files.run_folder import PRESET
from charbert_tf.models.charbert_backbone import plain_encoder
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.models.huggingface_tokenizer import (
    check_vocabulary_size,
    load_huggingface_tokenizer,
    verify_text,
)
from charbert_tf.text.own_tokenizers import load_preset_tokenizer

_REMEDY = (
    "name a folder that save_to_preset wrote, or a Hugging Face folder of one of "
    f"{', '.join(ENCODERS)}"
)
_LONGEST_REASON = 200
# Their classes are there, or Keras finds them.
_OWN = ("charbert_tf", "keras", "keras_hub", "keras_nlp")


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
        inside = os.path.join(folder, PRESET)
        is_run = os.path.exists(os.path.join(inside, "config.json"))
        remedy = f"name the one in it, {inside}" if is_run else _REMEDY
        raise UserError(f"is no preset, it has no config.json: {remedy}", folder)
    config = read_json(path, _REMEDY)
    is_preset = isinstance(config, dict) and "registered_name" in config
    if not is_preset and not is_huggingface_config(config):
        raise UserError(f"is of no kind that can be read: {_REMEDY}", path)
    if is_preset:
        _check_class(config, path)


def _check_class(config: dict, path: str) -> None:
    """Refuses a preset of a class from outside whose module was not imported."""
    name, module = config["registered_name"], config.get("module")
    is_theirs = isinstance(module, str) and module.partition(".")[0] not in _OWN
    if is_theirs and keras.saving.get_registered_object(name) is None:
        raise UserError(
            f"is of the class {name}, which is not there: import its module, here with "
            f"--import={module}",
            path,
        )


@contextlib.contextmanager
def reading_model_folder(folder: str) -> Iterator[None]:
    """Tells in one line what is wrong with a folder that a block loads a model from.

    Args:
        folder: A preset, or a Hugging Face folder.

    Raises:
        UserError: If the folder is no preset, or the block fails to load it.

    Example:

    ```python
    with reading_model_folder("my_classifier/preset"):
        classifier = charbert_tf.TextClassifier.from_preset("my_classifier/preset")
    ```
    """
    check_model_folder(folder)
    try:
        with warnings.catch_warnings():
            # A preset made with another precision has another optimizer in it, which
            # nobody needs.
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
            yield
    except UserError:
        raise
    except Exception as error:
        # JSON, Keras, HDF5 and safetensors each have their own exceptions for a file
        # that is damaged, and messages that may go on for pages.
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UserError(
            f"cannot be loaded ({reason[:_LONGEST_REASON]}): fetch or make it again",
            folder,
        ) from error


def check_labels(model: EncoderTask, folder: str) -> None:
    """Refuses a model that cannot say what it predicts.

    Args:
        model: A head that was loaded.
        folder: Where it comes from.

    Raises:
        UserError: If its labels have no names.

    Example:

    ```python
    check_labels(classifier, "my_classifier/preset")
    ```
    """
    if model.labels is None:
        raise UserError(
            "has no label names: give them in the order of the classes' ids, "
            f"charbert_tf.{type(model).__name__}.from_preset({os.fspath(folder)!r}, "
            "labels=[...]).save_to_preset('labelled'), and name that folder",
            folder,
        )


def _check_preprocessor(model: EncoderTask, folder: str) -> None:
    try:
        model.check_preprocessor()
    except ValueError as error:
        raise UserError(f"cannot be used as it is: {error}", folder) from error


def load_head(head_cls: type[EncoderTask], folder: str) -> EncoderTask:
    """Loads a model that was fine-tuned.

    Args:
        head_cls: The class of its head.
        folder: A preset that `official.finetune` wrote.

    Returns:
        The model, with its preprocessor and the names of its labels.

    Raises:
        UserError: If the folder is no preset of this class, labels have no names, or
            the preprocessor is not the model's.

    Example:

    ```python
    tagger = load_head(charbert_tf.TokenClassifier, "my_tagger/preset")
    ```
    """
    return load_one_of([head_cls], folder, " for this task")


def load_one_of(
    heads: Collection[type[EncoderTask]], folder: str, what_for: str = ""
) -> EncoderTask:
    """Loads a model that was fine-tuned, whichever head it has of several.

    Args:
        heads: The classes that it may be of.
        folder: A preset that `official.finetune` wrote.
        what_for: What the error adds to the remedy.

    Returns:
        The model, with its preprocessor and the names of its labels.

    Raises:
        UserError: If the folder is no preset of these, labels have no names, or the
            preprocessor is not the model's.

    Example:

    ```python
    model = load_one_of(HEADS.values(), "my_model/preset")
    ```
    """
    with reading_model_folder(folder):
        for head_cls in heads:
            if head_cls.is_saved_in(folder):
                model = head_cls.from_preset(folder, **head_cls.logits_arguments)
                check_labels(model, folder)
                _check_preprocessor(model, folder)
                return model
    names = " or ".join(head_cls.__name__ for head_cls in heads)
    raise UserError(
        f"holds no {names}: name the preset that official.finetune wrote{what_for}",
        folder,
    )


def load_encoder(
    folder: str, sequence_length: int = 0
) -> tuple[keras_nlp.models.Backbone, keras_nlp.models.Tokenizer]:
    """Loads the encoder of a folder and its tokenizer.

    Args:
        folder: A preset of any task or backbone, or a Hugging Face folder of
            one of the kinds of `ENCODERS`.
        sequence_length: int. How many tokens the encoder must be able to take.

    Returns:
        The encoder, a `CharBertBackbone` if the folder holds one, and the tokenizer.

    Raises:
        UserError: If the folder cannot be read as one.

    Example:

    ```python
    encoder, tokenizer = load_encoder("bert-base-uncased")
    ```
    """
    tokenizer = load_model_tokenizer(folder)
    with reading_model_folder(folder):
        if HuggingFaceFolder.is_one(folder):
            encoder, _ = HuggingFaceFolder(folder).load_encoder()
        else:
            encoder = keras_nlp.models.Backbone.from_preset(folder)
    check_encoder(encoder, tokenizer, folder, sequence_length)
    return encoder, tokenizer


def check_encoder(
    encoder: keras_nlp.models.Backbone,
    tokenizer: keras_nlp.models.Tokenizer,
    folder: str,
    sequence_length: int = 0,
) -> None:
    """Makes sure that what was loaded from a folder can be used as an encoder.

    Args:
        encoder: The encoder.
        tokenizer: Its tokenizer.
        folder: Where they come from, for errors.
        sequence_length: int. How many tokens the encoder must be able to take.

    Raises:
        UserError: If it is of another kind, takes fewer tokens, or has fewer subwords
            than the tokenizer.

    Example:

    ```python
    check_encoder(pretrainer.backbone, tokenizer, "my_run/preset", 128)
    ```
    """
    try:
        encoder_contract.check_encoder(plain_encoder(encoder))
    except UserError as error:
        raise UserError(f"holds no encoder: {error}: {_REMEDY}", folder) from error
    longest = plain_encoder(encoder).max_sequence_length
    if sequence_length > longest:
        raise UserError(
            f"the model takes {longest} tokens at most, not {sequence_length}: lower "
            "--sequence_length",
            folder,
        )
    check_vocabulary_size(tokenizer, encoder.vocabulary_size, folder)


def load_model_tokenizer(folder: str) -> keras_nlp.models.Tokenizer:
    """Loads the tokenizer of a preset or a Hugging Face folder.

    Prints whether a Hugging Face folder's text is what transformers makes of it, if
    that is installed.

    Args:
        folder: As `load_encoder` takes it.

    Returns:
        A `BertTokenizer`, or keras-nlp's `RobertaTokenizer` or `XLMRobertaTokenizer`.

    Raises:
        UserError: If the folder cannot be read as one, or its text is not what
            transformers makes of it.

    Example:

    ```python
    tokenizer = load_model_tokenizer("roberta-base")
    ```
    """
    with reading_model_folder(folder):
        if HuggingFaceFolder.is_one(folder):
            tokenizer = load_huggingface_tokenizer(folder)
            print(verify_text(folder, tokenizer), flush=True)
            return tokenizer
        if not os.path.exists(os.path.join(folder, "tokenizer.json")):
            raise UserError(
                "has no tokenizer.json, which a preset of any model but a word "
                f"recogniser has: {_REMEDY}",
                folder,
            )
        return load_preset_tokenizer(folder)
