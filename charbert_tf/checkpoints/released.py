"""The authors' released CharBERT folders, in and out."""

import json
import os
from collections.abc import Collection
from typing import NamedTuple

import keras

from charbert_tf.checkpoints.released_vocabulary import released_preprocessor
from charbert_tf.encoders.huggingface_config import CONFIG_FILE, config_of_encoder
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.encoders.named_encoders import ENCODERS, kind_of
from charbert_tf.families.named_heads import HEADS, LANGUAGE_MODELS
from charbert_tf.files.atomic_output import atomic_folder
from charbert_tf.files.errors import UserError
from charbert_tf.models.char_encoder import CharEncoder
from charbert_tf.models.charbert_backbone import CharBertBackbone, is_charbert
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.state_dicts.state_dict_folder import ConversionReport, write_state_dict
from charbert_tf.state_dicts.weight_map import (
    CONVOLUTION,
    GRU_BIAS,
    GRU_KERNEL,
    WeightMap,
)
from charbert_tf.vocabularies.tokenizer_folder import write_tokenizer
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary

# The folder's heads are not among these: they are loaded.
_NOT_LOADED = {"position_ids": "the numbers from 0 on"}


def released_heads() -> dict[str, type[EncoderTask]]:
    """Finds the heads that the authors' layout has a place for.

    Returns:
        Their classes by the classes' names; those from outside the project, too, which
        have been added by now.

    Example:

    ```python
    list(released_heads())  # ["Pretrainer", "TokenClassifier", ...]
    ```
    """
    return {
        cls.__name__: cls
        for registry in (LANGUAGE_MODELS, HEADS)
        for cls in registry.values()
        if cls.released_head is not None
    }


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
    if model is not backbone:
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
    if not is_charbert(backbone):
        raise UserError(
            "is no CharBERT: a plain encoder is saved with save_huggingface, or "
            "--format=huggingface"
        )
    if model is not backbone and getattr(model, "released_head", None) is None:
        raise UserError(
            f"the authors' layout has no place for {type(model).__name__}, only for "
            f"{', '.join(released_heads())} and a backbone: save its backbone, or the "
            "preset"
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
            "the preset, or the plain encoder with save_huggingface, or "
            "--format=huggingface"
        )
    weight_map = WeightMap()
    map_released(weight_map, model, f"{kind.model_type}.")
    head = getattr(model, "released_head", None)
    architecture = "Model" if head is None else head.architecture
    config = config_of_encoder(backbone.encoder, architecture)
    if head is not None:
        config |= head.config(model)
    with atomic_folder(path) as folder:
        write_state_dict(folder, weight_map.dump())
        with open(os.path.join(folder, CONFIG_FILE), "w", encoding="utf-8") as file:
            json.dump(config, file, indent=2)
        preprocessor = getattr(model, "preprocessor", None)
        if preprocessor is not None:
            _write_vocabularies(folder, preprocessor, backbone.encoder)


def _make_head(
    source: HuggingFaceFolder, backbone: CharBertBackbone, asked_for: type | None
) -> EncoderTask | CharBertBackbone:
    cls = _head_class(source, asked_for)
    if cls is CharBertBackbone:
        return backbone
    arguments = cls.released_head.arguments(
        source.tensors, source.kind.released, source.config
    )
    return cls(backbone, **arguments)


def _head_class(source: HuggingFaceFolder, asked_for: type | None) -> type:
    names = source.kind.released
    found = [
        cls
        for cls in released_heads().values()
        if cls.released_head.is_in(source.tensors, names)
    ]
    found = found or [CharBertBackbone]
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
        for cls in found:
            if str(architecture).endswith(cls.released_head.architecture):
                return cls
    name = os.path.basename(os.path.abspath(source.folder)).lower()
    matching = [cls for cls in found if (cls.released_head.folder_mark or "\n") in name]
    if len(matching) == 1:
        return matching[0]
    labelled = " or of ".join(cls.released_head.labelled for cls in found)
    names = " or ".join(cls.__name__ for cls in found)
    raise UserError(
        f"holds a classifier, which may be of {labelled}: say which with "
        f"head=charbert_tf.{names} (--head on the command line)",
        source.folder,
    )


def _write_vocabularies(folder: str, preprocessor, encoder) -> None:
    write_tokenizer(folder, preprocessor.tokenizer, encoder.max_sequence_length)
    for name, entries in (
        ("char_vocab", preprocessor.characters),
        ("word_vocab", getattr(preprocessor, "words", None)),
    ):
        if entries is not None:
            write_vocabulary(os.path.join(folder, name), entries)


def map_released(
    weight_map: WeightMap,
    model: EncoderTask | CharBertBackbone,
    prefix: str,
    tensors: Collection[str] = (),
) -> None:
    """Pairs the weights of a CharBERT with the tensors of the authors' code.

    Args:
        weight_map: Gets the pairs.
        model: A `CharBertBackbone` of `interaction="released"`, or a head on one.
        prefix: What the encoder's tensors begin with: `"bert."` or `"roberta."`.
        tensors: The names of a folder's tensors, to read it; none to write one.

    Example:

    ```python
    weight_map = WeightMap()
    map_released(weight_map, backbone, prefix="bert.")
    tensors = weight_map.dump()
    ```
    """
    backbone = getattr(model, "backbone", model)
    encoder = backbone.encoder
    kind = kind_of(encoder)
    head = getattr(model, "released_head", None)
    # A state dict holds a shared matrix once for each place, a .safetensors file of
    # transformers only once.
    copies = [] if head is None else head.token_copies(kind)
    is_left_out = tensors and not set(copies) <= set(tensors)
    kind.map_encoder(weight_map, encoder, prefix, copies=[] if is_left_out else copies)
    _map_char_encoder(weight_map, backbone.char_encoder, f"{prefix}char_embeddings.")
    _map_interaction(weight_map, backbone, f"{prefix}encoder.", kind.released.fusion)
    if head is not None:
        head.map(weight_map, model, kind)


def _map_char_encoder(weight_map: WeightMap, layer: CharEncoder, prefix: str) -> None:
    weight_map.add(layer.embedding.embeddings, f"{prefix}char_embeddings.weight")
    for gru, ending in ((layer.forward_gru, ""), (layer.backward_gru, "_reverse")):
        _map_gru(weight_map, gru, f"{prefix}rnn_layer.", f"_l0{ending}")


def _map_gru(
    weight_map: WeightMap, gru: keras.layers.GRU, prefix: str, ending: str
) -> None:
    cell = gru.cell
    weight_map.add(cell.kernel, f"{prefix}weight_ih{ending}", layout=GRU_KERNEL)
    weight_map.add(
        cell.recurrent_kernel, f"{prefix}weight_hh{ending}", layout=GRU_KERNEL
    )
    weight_map.add(
        cell.bias,
        f"{prefix}bias_ih{ending}",
        f"{prefix}bias_hh{ending}",
        layout=GRU_BIAS,
    )


def _map_interaction(
    weight_map: WeightMap, backbone: CharBertBackbone, prefix: str, fusion: str
) -> None:
    interaction = backbone.heterogeneous_interaction
    weight_map.add_dense(interaction.token_dense, f"{prefix}word_linear1")
    weight_map.add_dense(interaction.char_dense, f"{prefix}char_linear1")
    layers = range(backbone.num_layers)
    names = dict.fromkeys(prefix + fusion.format(index=index) for index in layers)
    convolution = interaction.convolution
    first, *others = (f"{name}.weight" for name in names)
    weight_map.add(convolution.kernel, first, layout=CONVOLUTION, copies=others)
    first, *others = (f"{name}.bias" for name in names)
    weight_map.add(convolution.bias, first, copies=others)
    weight_map.add_layer_norm(interaction.token_layer_norm, f"{prefix}word_norm")
    weight_map.add_layer_norm(interaction.char_layer_norm, f"{prefix}char_norm")
