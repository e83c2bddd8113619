"""The tensors of the authors' CharBERT, and which weights they are here."""

from collections.abc import Collection

import keras

from charbert_tf.encoders.named_encoders import kind_of
from charbert_tf.models.char_encoder import CharEncoder
from charbert_tf.models.charbert_backbone import CharBertBackbone
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.state_dicts.weight_map import (
    CONVOLUTION,
    GRU_BIAS,
    GRU_KERNEL,
    WeightMap,
)


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
