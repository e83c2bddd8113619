"""keras-hub's own encoders as encoders of the library's kinds."""

from typing import Any

import keras_nlp
import numpy as np

from charbert_tf.encoders.named_encoders import ENCODERS, kind_of
from charbert_tf.files.errors import UserError

_SIZES = (
    *("vocabulary_size", "num_layers", "num_heads", "hidden_dim", "intermediate_dim"),
    *("dropout", "max_sequence_length"),
)
# Layers that are called alike, and have the same weights.
_TOKENS = "token_embedding"
_SAME = (
    _TOKENS,
    "segment_embedding",
    "embeddings_layer_norm",
    "embeddings_projection",
    "pooled_dense",
)


def known_encoder(encoder: keras_nlp.models.Backbone) -> keras_nlp.models.Backbone:
    """Returns the encoder, or one with the same outputs that is of a known kind.

    Args:
        encoder: An encoder of one of the kinds of `ENCODERS`, or one of keras-hub's
            own that such a kind stands for, as `keras_hub.models.BertBackbone`.

    Returns:
        The encoder itself, or a copy of keras-hub's.

    Raises:
        UserError: If no kind knows it.

    Example:

    ```python
    known_encoder(keras_nlp.models.BertBackbone.from_preset("bert_tiny_en"))
    ```
    """
    if kind_of(encoder) is not None:
        return encoder
    copies = (kind.of_keras_hub(encoder) for kind in ENCODERS.values())
    copy = next((copy for copy in copies if copy is not None), None)
    if copy is None:
        raise UserError(
            f"a {type(encoder).__name__} has no Hugging Face layout here, only these "
            f"have one: {', '.join(ENCODERS)}"
        )
    return copy


def sizes_of(encoder: keras_nlp.models.Backbone) -> dict[str, Any]:
    """Returns the arguments that keras-hub's encoders and the library's share.

    Args:
        encoder: One of keras-hub's.
    """
    sizes = {name: getattr(encoder, name, None) for name in _SIZES}
    return {"dtype": encoder.dtype_policy, **sizes}


def copy_weights(
    copy: keras_nlp.models.Backbone,
    encoder: keras_nlp.models.Backbone,
    position_embeddings: np.ndarray,
) -> None:
    """Gives an encoder the weights of one of keras-hub's.

    Args:
        copy: An encoder whose layers are called as keras-hub's. Rows of its position
            embedding before the first that is read become zeros.
        encoder: keras-hub's.
        position_embeddings: Its position embedding, which keras-hub keeps in a layer
            of another kind.
    """
    rows = np.asarray(position_embeddings)
    unread = np.zeros((copy.first_position, rows.shape[1]), "float32")
    copy.position_embedding.embeddings.assign(np.concatenate([unread, rows]))
    copy_layers(copy, encoder, *_SAME)


def copy_layers(
    copy: keras_nlp.models.Backbone, encoder: keras_nlp.models.Backbone, *names: str
) -> None:
    """Gives an encoder the weights of layers of keras-hub's that are called alike.

    Args:
        copy: An encoder.
        encoder: keras-hub's.
        *names: The layers beside the transformer layers; those that one of the two has
            not stay as they are.
    """
    layers = [f"transformer_layer_{index}" for index in range(encoder.num_layers)]
    for name in (*names, *layers):
        ours, theirs = _layer(copy, name), _layer(encoder, name)
        if ours is not None and theirs is not None:
            ours.set_weights(theirs.get_weights())


def _layer(encoder, name: str):
    # keras-hub's RoBERTa keeps its token embedding inside of another layer.
    if name == _TOKENS:
        return encoder.token_embedding
    return next((layer for layer in encoder.layers if layer.name == name), None)
