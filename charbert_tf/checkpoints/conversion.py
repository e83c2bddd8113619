"""Whole conversions: a PyTorch folder to a preset, and a preset to a PyTorch folder."""

import importlib.util
import os

import keras_nlp
import tensorflow as tf

from charbert_tf.checkpoints.huggingface import (
    huggingface_head,
    load_huggingface,
    save_huggingface,
)
from charbert_tf.checkpoints.released import read_released, save_released
from charbert_tf.checkpoints.released_vocabulary import released_preprocessor
from charbert_tf.checkpoints.torch_reference import largest_difference
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.families.named_heads import (
    HEADS,
    LANGUAGE_MODELS,
    text_preprocessor_cls,
)
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.model_card import write_card
from charbert_tf.models.charbert_backbone import plain_encoder
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.models.huggingface_tokenizer import (
    load_huggingface_tokenizer,
    verify_text,
)
from charbert_tf.models.model_folder import (
    check_model_folder,
    reading_model_folder,
)
from charbert_tf.text.own_tokenizers import load_preset_tokenizer

_OVERRIDE = "NVIDIA_TF32_OVERRIDE"


def tensor_float_32_note() -> str:
    """Says that TensorFloat-32 is on, and how to turn it off, for checks of parity.

    GPUs from NVIDIA's Ampere on round the factors of float32 products to 10 bits,
    which is fast and good enough to train, and moves a model's outputs by some 1e-3.

    Returns:
        A clause, or the empty string where float32 is what it is called.

    Example:

    ```python
    print(f"largest difference {difference:.1e}{tensor_float_32_note()}")
    ```
    """
    if not tf.config.list_logical_devices("GPU") or os.environ.get(_OVERRIDE) == "0":
        return ""
    if not tf.config.experimental.tensor_float_32_execution_enabled():
        return ""
    return (
        f" (TensorFloat-32 is on, which alone makes some 1e-3: turn it off with "
        f"{_OVERRIDE}=0 in the environment)"
    )


_PROBE = "The quick brown fox jumps over a lazy dog; 12 naïve zebras look on."
# Base-size models in float32 differ by some 1e-5, wrong ones by 1e-2 and more.
_TOLERANCE = 1e-3
_PROBE_LENGTH = 64

_NO_VOCABULARY = (
    "holds no tokenizer (vocab.txt, or vocab.json with merges.txt), no character "
    "vocabulary (char_vocab) or, for a model with a language model's head, no word "
    "vocabulary (word_vocab): put them there, or name their folder with --vocabulary"
)


def convert_to_preset(
    folder: str,
    path: str,
    vocabulary: str | None = None,
    head: type[EncoderTask] | None = None,
    mask_padding: bool = False,
) -> list[str]:
    """Makes a preset of a Hugging Face or a released CharBERT folder, with its card.

    Args:
        folder: The folder.
        path: The preset to make; it must not exist yet, or be empty.
        vocabulary: The folder of the tokenizer and vocabularies, if not the same.
        head: See `load_released`; of a released CharBERT alone.
        mask_padding: Likewise.

    Returns:
        Lines that tell what became of every tensor, and how the preset was verified.

    Raises:
        UserError: If the folder cannot be read, has no vocabulary, its text is not
            that of transformers, the preset does not compute what PyTorch does, or an
            argument has no effect on it.

    Example:

    ```python
    convert_to_preset("roberta-base", "roberta_preset")
    ```
    """
    check_model_folder(folder)
    if not HuggingFaceFolder.is_one(folder):
        raise UserError(
            "is neither a Hugging Face nor a released CharBERT folder: its config.json "
            "is a preset's",
            folder,
        )
    source = HuggingFaceFolder(folder)
    vocabulary = vocabulary or folder
    if source.is_charbert:
        model, report = read_released(folder, mask_padding, head, vocabulary)
        preprocessor = released_preprocessor(model, vocabulary, source.sequence_length)
        if preprocessor is None:
            raise UserError(_NO_VOCABULARY, vocabulary)
        tokenizer = preprocessor.tokenizer
    else:
        _refuse_arguments_of_charbert(folder, head=head, mask_padding=mask_padding)
        encoder, pretrainer, report = load_huggingface(folder, vocabulary)
        model, preprocessor = pretrainer or encoder, None
        tokenizer = load_huggingface_tokenizer(folder, vocabulary)
    text_checked = verify_text(vocabulary, tokenizer)
    with atomic_folder(path) as unfinished:
        model.save_to_preset(unfinished)
        if model is getattr(model, "backbone", model):
            (preprocessor or tokenizer).save_to_preset(unfinished)
        made = {
            "input": folder,
            "vocabulary": vocabulary,
            "mask_padding": mask_padding or None,
        }
        write_card(unfinished, model, made)
        written, tokenizer = load_preset(unfinished)
        checked = _verify(written, source, tokenizer, preprocessor)
    title = f"{folder} holds a {type(model).__name__} on a {_encoder_name(model)}"
    return [title, *report.lines(), text_checked, checked]


def _refuse_arguments_of_charbert(folder: str, **arguments: object) -> None:
    given = [f"--{name}" for name, value in arguments.items() if value]
    if given:
        raise UserError(
            f"is no CharBERT, of which alone {' and '.join(given)} can be told: leave "
            "it out",
            folder,
        )


def export_preset(preset: str, path: str, layout: str) -> list[str]:
    """Makes a Hugging Face or a released CharBERT folder of a preset.

    Args:
        preset: The preset's folder.
        path: The folder to make; it must not exist yet, or be empty.
        layout: `"huggingface"` or `"released"`.

    Returns:
        Lines that tell what was written, and how it was verified.

    Raises:
        UserError: If the preset cannot be read, the layout has no place for its model,
            or PyTorch does not compute what the preset does.

    Example:

    ```python
    export_preset("my_run/preset", "my_bert", "huggingface")
    ```
    """
    model, tokenizer = load_preset(preset)
    backbone = getattr(model, "backbone", model)
    with atomic_folder(path) as unfinished:
        if layout == "released":
            save_released(model, unfinished)
        else:
            save_huggingface(model, unfinished, tokenizer)
            if huggingface_head(model) is None:
                model = plain_encoder(backbone)
        source = HuggingFaceFolder(unfinished)
        checked = _verify(
            model, source, tokenizer, getattr(model, "preprocessor", None)
        )
        tensors = sorted(source.tensors.items())
    return [*(f"{name} {tensor.shape}" for name, tensor in tensors), checked]


def load_preset(
    preset: str,
) -> tuple[EncoderTask | keras_nlp.models.Backbone, keras_nlp.models.Tokenizer]:
    """Loads what a preset holds, whatever it is.

    Args:
        preset: The preset's folder.

    Returns:
        The head, or the backbone if there is no head; and the tokenizer.

    Raises:
        UserError: If the folder is no preset of a model of this library.

    Example:

    ```python
    model, tokenizer = load_preset("my_run/preset")
    ```
    """
    with reading_model_folder(preset):
        if HuggingFaceFolder.is_one(preset):
            raise UserError(
                "is a Hugging Face folder, not a preset: make one of it first", preset
            )
        for cls in (*LANGUAGE_MODELS.values(), *HEADS.values()):
            if cls.is_saved_in(preset):
                model = cls.from_preset(preset)
                return model, model.preprocessor.tokenizer
        if os.path.exists(os.path.join(preset, "task.json")):
            raise UserError("holds a task of another library", preset)
        backbone = keras_nlp.models.Backbone.from_preset(preset)
        return backbone, load_preset_tokenizer(preset)


def _verify(model, source: HuggingFaceFolder, tokenizer, preprocessor) -> str:
    """Compares the model with PyTorch on a sentence, if PyTorch is there."""
    if importlib.util.find_spec("torch") is None:
        return "Not compared with PyTorch, which is not installed"
    backbone = getattr(model, "backbone", model)
    masks_padding = getattr(backbone, "mask_padding", True)
    preprocess = text_preprocessor_cls()(
        tokenizer,
        getattr(preprocessor, "characters", None),
        min(_PROBE_LENGTH, plain_encoder(backbone).max_sequence_length),
        # The authors' code sees the padding: compared with it where the model does.
        static_shapes=not masks_padding,
    )
    difference = largest_difference(model, source, preprocess([_PROBE]))
    if not difference < _TOLERANCE:
        raise UserError(
            f"PyTorch computes something else, {difference:.1e} apart"
            f"{tensor_float_32_note()}: nothing was written",
            source.folder,
        )
    return (
        f"Largest difference to PyTorch on a sentence: {difference:.1e}"
        f"{tensor_float_32_note()}"
    )


def _encoder_name(model) -> str:
    backbone = getattr(model, "backbone", model)
    name = type(plain_encoder(backbone)).__name__
    return (
        f"CharBertBackbone around a {name}"
        if backbone is not plain_encoder(backbone)
        else name
    )
