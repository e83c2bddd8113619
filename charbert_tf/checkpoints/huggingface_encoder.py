"""keras-nlp's own encoders as encoders that Hugging Face has a layout for."""

import keras_nlp
import numpy as np

from charbert_tf.encoders.bert.bert_encoder import BertEncoder
from charbert_tf.encoders.roberta.roberta_encoder import RobertaEncoder
from charbert_tf.files.errors import UserError

_SIZES = (
    "vocabulary_size",
    "num_layers",
    "num_heads",
    "hidden_dim",
    "intermediate_dim",
    "dropout",
    "max_sequence_length",
)
# Layers that are called alike, and have the same weights.
_SAME = (
    "token_embedding",
    "segment_embedding",
    "embeddings_layer_norm",
    "pooled_dense",
)


def huggingface_encoder(encoder: keras_nlp.models.Backbone) -> BertEncoder:
    """Returns the encoder, or one with the same outputs and a checkpoint's layout.

    Args:
        encoder: A `BertEncoder`, a `RobertaEncoder`, or keras-nlp's `BertBackbone`,
            `RobertaBackbone` or `XLMRobertaBackbone`.

    Returns:
        The encoder itself, or a copy of keras-nlp's: with BERT's approximate GELU, or
        with zeros where RoBERTa's checkpoints have rows that nothing reads.

    Raises:
        UserError: If the encoder is of another kind.

    Example:

    ```python
    huggingface_encoder(keras_nlp.models.BertBackbone.from_preset("bert_tiny_en"))
    ```
    """
    if isinstance(encoder, BertEncoder):
        return encoder
    sizes = {"dtype": encoder.dtype_policy}
    sizes |= {name: getattr(encoder, name, None) for name in _SIZES}
    if isinstance(encoder, keras_nlp.models.BertBackbone):
        copy = BertEncoder(
            num_segments=encoder.num_segments, activation="gelu_new", **sizes
        )
        positions = encoder.position_embedding.position_embeddings
    elif isinstance(encoder, keras_nlp.models.RobertaBackbone):
        copy = RobertaEncoder(has_pooler=False, **sizes)
        copy.segment_embedding.embeddings.assign(
            np.zeros(copy.segment_embedding.embeddings.shape)
        )
        positions = encoder.embeddings.position_embedding.position_embeddings
    else:
        raise UserError(
            f"a {type(encoder).__name__} has no Hugging Face layout here, only BERT, "
            "RoBERTa and XLM-R have"
        )
    unread = np.zeros((copy.first_position, encoder.hidden_dim), "float32")
    copy.position_embedding.embeddings.assign(np.concatenate([unread, positions]))
    layers = [f"transformer_layer_{index}" for index in range(encoder.num_layers)]
    for name in (*_SAME, *layers):
        source = encoder.token_embedding if name == _SAME[0] else _layer(encoder, name)
        if source is not None:
            copy.get_layer(name).set_weights(source.get_weights())
    return copy


def _layer(encoder, name: str):
    return next((layer for layer in encoder.layers if layer.name == name), None)
