"""The tensors of language model heads, in transformers' layout and the authors'."""

from charbert_tf.encoders.bert.bert_encoder import BertEncoder
from charbert_tf.encoders.roberta.roberta_encoder import RobertaEncoder
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.state_dicts.layout import DENSE
from charbert_tf.state_dicts.weight_map import WeightMap


def mlm_decoder(encoder: BertEncoder) -> str:
    """Names the head's output matrix, which is the token embedding once more.

    Args:
        encoder: A `BertEncoder` or `RobertaEncoder`.

    Returns:
        The name of the tensor.
    """
    return f"{_prefix(encoder)}decoder.weight"


def map_mlm_head(
    weight_map: WeightMap, pretrainer: Pretrainer, encoder: BertEncoder
) -> None:
    """Pairs the masked language model's head but for the token embedding.

    Args:
        weight_map: Gets the pairs.
        pretrainer: The model.
        encoder: Its encoder, which decides the tensors' names.
    """
    prefix = _prefix(encoder)
    dense, layer_norm = _names(encoder, "")
    _map_transform(weight_map, pretrainer.mlm_head, dense, layer_norm)
    weight_map.add(
        pretrainer.mlm_head._bias,
        f"{prefix}bias",
        optional_copies=[f"{prefix}decoder.bias"],
    )


def map_nlm_head(
    weight_map: WeightMap, pretrainer: Pretrainer, encoder: BertEncoder
) -> None:
    """Pairs the noisy language model's head; RoBERTa's shares MLM's layer norm.

    Args:
        weight_map: Gets the pairs.
        pretrainer: The model.
        encoder: Its encoder, which decides the tensors' names.
    """
    head, prefix = pretrainer.nlm_head, _prefix(encoder)
    dense, layer_norm = _names(encoder, "adv_" if prefix.startswith("cls") else "char_")
    _map_transform(weight_map, head, dense, layer_norm)
    weight_map.add(head._kernel, f"{prefix}adv_decoder.weight", layout=DENSE)
    weight_map.add(head._bias, f"{prefix}adv_decoder.bias")


def _prefix(encoder: BertEncoder) -> str:
    return "lm_head." if isinstance(encoder, RobertaEncoder) else "cls.predictions."


def _names(encoder: BertEncoder, kind: str) -> tuple[str, str]:
    """The head's dense layer and layer norm."""
    prefix = _prefix(encoder)
    if isinstance(encoder, RobertaEncoder):
        return f"{prefix}{kind}dense", f"{prefix}layer_norm"
    return f"{prefix}{kind}transform.dense", f"{prefix}{kind}transform.LayerNorm"


def _map_transform(weight_map: WeightMap, head, dense: str, layer_norm: str) -> None:
    weight_map.add_dense(head._intermediate_dense, dense)
    weight_map.add_layer_norm(head._intermediate_layer_norm, layer_norm)
