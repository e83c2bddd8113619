"""The tensors of language model heads, which a kind of encoder names."""

import keras_nlp

from charbert_tf.encoders.encoder_kind import HeadNames
from charbert_tf.state_dicts.weight_map import DENSE, WeightMap
from charbert_tf.third_party_internals import HeadParts, head_parts


def mlm_decoder(names: HeadNames) -> str:
    """Names the head's output matrix, which is the token embedding once more.

    Args:
        names: The `mlm_head` of the encoder's kind.

    Returns:
        The name of the tensor.
    """
    return f"{names.decoder}.weight"


def map_mlm_head(
    weight_map: WeightMap, pretrainer: keras_nlp.models.Task, names: HeadNames
) -> None:
    """Pairs the masked language model's head but for the token embedding.

    Args:
        weight_map: Gets the pairs.
        pretrainer: The model.
        names: The `mlm_head` of its encoder's kind.
    """
    head = head_parts(pretrainer.mlm_head)
    _map_transform(weight_map, head, names)
    # Some heads call it so themselves.
    copies = {f"{names.decoder}.bias"} - {names.bias}
    weight_map.add(head.bias, names.bias, optional_copies=list(copies))


def map_nlm_head(
    weight_map: WeightMap, pretrainer: keras_nlp.models.Task, names: HeadNames
) -> None:
    """Pairs the noisy language model's head, which may share MLM's layer norm.

    Args:
        weight_map: Gets the pairs.
        pretrainer: The model.
        names: The `released.nlm_head` of its encoder's kind.
    """
    head = head_parts(pretrainer.nlm_head)
    _map_transform(weight_map, head, names)
    weight_map.add(head.kernel, f"{names.decoder}.weight", layout=DENSE)
    weight_map.add(head.bias, names.bias)


def _map_transform(weight_map: WeightMap, head: HeadParts, names: HeadNames) -> None:
    weight_map.add_dense(head.dense, names.dense)
    weight_map.add_layer_norm(head.layer_norm, names.layer_norm)
