"""The authors' released CharBERT folders, in and out."""

import json
import os
from typing import NamedTuple

import keras
import keras_nlp

from charbert_tf.checkpoints.released_vocabulary import released_preprocessor
from charbert_tf.checkpoints.released_weights import map_released
from charbert_tf.checkpoints.tokenizer_files import write_tokenizer
from charbert_tf.encoders.huggingface_config import CONFIG_FILE, config_of_encoder
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.encoders.named_encoders import ENCODERS, kind_of
from charbert_tf.families.classification.text_classifier import TextClassifier
from charbert_tf.families.question_answering.question_answerer import QuestionAnswerer
from charbert_tf.families.tagging.token_classifier import TokenClassifier
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.models.charbert_backbone import CharBertBackbone
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.state_dicts.state_dict_folder import ConversionReport, write_state_dict
from charbert_tf.state_dicts.weight_map import WeightMap
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary

HEADS = {
    cls.__name__: cls
    for cls in (Pretrainer, TokenClassifier, TextClassifier, QuestionAnswerer)
}
"""The heads that the authors released, by the name of their class."""

# transformers' names of the same heads, which config.json may give.
_ARCHITECTURES = {
    "ForMaskedLM": Pretrainer,
    "ForTokenClassification": TokenClassifier,
    "ForSequenceClassification": TextClassifier,
    "ForQuestionAnswering": QuestionAnswerer,
}
# What transformers calls them.
_HUGGINGFACE_PROBLEM_TYPES = {
    "single_label": "single_label_classification",
    "multi_label": "multi_label_classification",
    "regression": "regression",
}
# The folder's heads are not among these: they are loaded.
_NOT_LOADED = {"position_ids": "the numbers from 0 on"}


class ReleasedModel(NamedTuple):
    """What a released folder holds.

    Attributes:
        model: The head, or the `CharBertBackbone` if there is no head.
        report: What became of every tensor.
    """

    model: EncoderTask | CharBertBackbone
    report: ConversionReport


def load_released(
    folder: str,
    mask_padding: bool = False,
    head: type[EncoderTask] | None = None,
    vocabulary: str | None = None,
    dtype: str | keras.DTypePolicy | None = None,
) -> EncoderTask | CharBertBackbone:
    """Loads a CharBERT that the authors' PyTorch code saved.

    The outputs are those of their code: without masks (`mask_padding=False`) also
    where the batch is padded, and its preprocessor then pads as theirs does, to six
    characters a token (CharBERT, https://arxiv.org/abs/2011.01513, and its code).

    Args:
        folder: A folder with `config.json` and `pytorch_model.bin` or
            `model.safetensors`.
        mask_padding: bool. Whether padding is kept from the GRU, the convolution and
            the mean over tokens, as in models that are trained here.
        head: The head's class. The tensors tell it but for BERT's classifiers: of
            tokens or of texts, they look alike. Then `config.json`'s `architectures`
            decides, or else the folder's name, if it has "token" or "sequence" in it.
        vocabulary: The folder of the tokenizer and the character (and word)
            vocabulary, if not the same; without them the model has no preprocessor.
        dtype: The model's policy.

    Returns:
        The head that the folder holds, with its `backbone`: a `Pretrainer`,
        `TokenClassifier`, `TextClassifier` or `QuestionAnswerer`; or the
        `CharBertBackbone`, if there is no head.

    Raises:
        UserError: If a file is missing, damaged or refused, a tensor is missing, of no
            use or of another shape than it must have, or a vocabulary does not fit.

    Example:

    ```python
    pretrainer = charbert_tf.checkpoints.load_released("charbert-bert-wiki")
    pretrainer.backbone.save_to_preset("charbert_preset")
    ```
    """
    return read_released(folder, mask_padding, head, vocabulary, dtype).model


def read_released(
    folder: str,
    mask_padding: bool = False,
    head: type[EncoderTask] | None = None,
    vocabulary: str | None = None,
    dtype: str | keras.DTypePolicy | None = None,
) -> ReleasedModel:
    r"""Does what `load_released` does, and tells what became of every tensor.

    Args:
        folder: As there.
        mask_padding: As there.
        head: As there.
        vocabulary: As there.
        dtype: As there.

    Returns:
        The model and the report.

    Raises:
        UserError: As there.

    Example:

    ```python
    model, report = read_released("charbert-bert-wiki")
    print("\n".join(report.lines()))
    ```
    """
    source = HuggingFaceFolder(folder)
    if not source.is_charbert:
        raise UserError(
            "is no CharBERT of the authors, it has no char_embeddings: load it with "
            "load_huggingface",
            folder,
        )
    encoder = source.make_encoder(dtype)
    rows, char_embedding_dim = source.tensors[
        f"{source.prefix}char_embeddings.char_embeddings.weight"
    ].shape
    backbone = CharBertBackbone(
        encoder, rows, char_embedding_dim, "released", mask_padding
    )
    model = _make_head(source, backbone, head)
    weight_map = WeightMap()
    map_released(weight_map, model, source.prefix, source.tensors)
    ignored = {**_NOT_LOADED, **source.kind.not_loaded}
    report = weight_map.load(source.tensors, folder, ignored, model)
    if isinstance(model, EncoderTask):
        model.preprocessor = released_preprocessor(
            model, vocabulary or folder, source.sequence_length
        )
    return ReleasedModel(model, report)


def save_released(model: EncoderTask | CharBertBackbone, path: str) -> None:
    """Saves a CharBERT in the layout of the authors' PyTorch code.

    The tensors are in `model.safetensors`; their code takes them with
    `model.load_state_dict(safetensors.torch.load_file(path))`.

    Args:
        model: A head or a backbone of `interaction="released"` on an encoder of the
            authors'; its tokenizer and vocabularies are saved too.
        path: A folder that does not exist yet, or is empty.

    Raises:
        UserError: If the layout has no place for such a model, or the folder holds
            something.

    Example:

    ```python
    save_released(load_released("charbert-bert-wiki"), "the_same_again")
    ```
    """
    backbone = getattr(model, "backbone", model)
    if not isinstance(backbone, CharBertBackbone):
        raise UserError(
            "is no CharBERT: a plain encoder is saved with save_huggingface"
        )
    kind = kind_of(backbone.encoder)
    if backbone.interaction != "released" or kind is None or kind.released is None:
        encoders = [
            of.encoder_cls.__name__ for of in set(ENCODERS.values()) if of.released
        ]
        raise UserError(
            "the authors' layout has a place for interaction='released' on a "
            f"{' or '.join(sorted(encoders))} alone, not for "
            f"{backbone.interaction!r} on a {type(backbone.encoder).__name__}: save "
            "the preset, or the plain encoder with save_huggingface"
        )
    weight_map = WeightMap()
    map_released(weight_map, model, f"{kind.model_type}.")
    head = next((k for k, cls in _ARCHITECTURES.items() if type(model) is cls), "Model")
    config = config_of_encoder(backbone.encoder, head)
    if getattr(model, "num_classes", None):
        labels = model.labels or [f"LABEL_{i}" for i in range(model.num_classes)]
        config |= {"num_labels": len(labels), "id2label": dict(enumerate(labels))}
    if problem_type := getattr(model, "problem_type", None):
        config["problem_type"] = _HUGGINGFACE_PROBLEM_TYPES[problem_type]
    with atomic_folder(path) as folder:
        write_state_dict(folder, weight_map.dump())
        with open(os.path.join(folder, CONFIG_FILE), "w", encoding="utf-8") as file:
            json.dump(config, file, indent=2)
        preprocessor = getattr(model, "preprocessor", None)
        if preprocessor is not None:
            _write_vocabularies(folder, preprocessor, backbone.encoder)


def _make_head(
    source: HuggingFaceFolder, backbone: CharBertBackbone, head: type | None
) -> keras_nlp.models.Task | CharBertBackbone:
    cls = _head_class(source, head)
    tensors, config = source.tensors, source.config
    if cls is CharBertBackbone:
        return backbone
    if cls is Pretrainer:
        name = next(n for n in tensors if n.endswith("adv_decoder.weight"))
        return Pretrainer(backbone, num_words=len(tensors[name]))
    if cls is QuestionAnswerer:
        return QuestionAnswerer(backbone)
    name = next(n for n in tensors if n.endswith("classifier.weight"))
    labels = _labels(config)
    num_classes = len(labels or []) or config.get("num_labels", len(tensors[name]))
    if cls is TextClassifier and config.get("problem_type"):
        kinds = {name: kind for kind, name in _HUGGINGFACE_PROBLEM_TYPES.items()}
        problem_type = kinds.get(config["problem_type"])
        is_score = problem_type == "regression"
        return cls(
            backbone,
            num_classes,
            labels=None if is_score else labels,
            problem_type=problem_type,
        )
    return cls(backbone, num_classes, labels=labels)


def _labels(config: dict) -> list[str] | None:
    """The labels' names, unless they are transformers' stand-ins."""
    names = config.get("id2label")
    if not isinstance(names, dict) or "LABEL_0" in names.values():
        return None
    return [str(names[key]) for key in sorted(names, key=int)]


def _head_class(source: HuggingFaceFolder, asked_for: type | None) -> type:
    found = _possible_heads(source)
    if asked_for is not None:
        if asked_for not in found:
            raise UserError(
                f"holds no {asked_for.__name__}, but "
                f"{' or '.join(cls.__name__ for cls in found)}",
                source.folder,
            )
        return asked_for
    if len(found) == 1:
        return found[0]
    for architecture in source.config.get("architectures") or ():
        for ending, cls in _ARCHITECTURES.items():
            if str(architecture).endswith(ending) and cls in found:
                return cls
    name = os.path.basename(os.path.abspath(source.folder)).lower()
    named = {"token": TokenClassifier, "sequence": TextClassifier}
    matching = [cls for word, cls in named.items() if word in name]
    if len(matching) == 1:
        return matching[0]
    raise UserError(
        "holds a classifier, which may be of tokens or of texts: say which with "
        "head=charbert_tf.TokenClassifier or TextClassifier (--head on the command "
        "line)",
        source.folder,
    )


def _possible_heads(source: HuggingFaceFolder) -> list[type]:
    names = source.tensors.keys()
    if any(name.endswith("adv_decoder.weight") for name in names):
        return [Pretrainer]
    if "qa_outputs.weight" in names:
        return [QuestionAnswerer]
    if "char_classifier.weight" in names:
        return [TextClassifier]
    if "classifier.weight" in names:
        is_of_both = source.kind.released.text_classifier == "classifier"
        return [TokenClassifier, TextClassifier] if is_of_both else [TokenClassifier]
    return [CharBertBackbone]


def _write_vocabularies(folder: str, preprocessor, encoder) -> None:
    write_tokenizer(folder, preprocessor.tokenizer, encoder.max_sequence_length)
    for name, entries in (
        ("char_vocab", preprocessor.characters),
        ("word_vocab", getattr(preprocessor, "words", None)),
    ):
        if entries is not None:
            write_vocabulary(os.path.join(folder, name), entries)
