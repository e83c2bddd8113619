"""Encoder: what a CharBERT needs of the encoder that it is put around."""

import inspect
from collections.abc import Sequence
from typing import Any, Protocol

import keras

from charbert_tf.files.errors import UserError


class Encoder(Protocol):
    """The parts that an encoder has, beside being a functional Keras model.

    `keras_hub.models.Backbone` is the usual base. Its embeddings are all that stands
    before the first transformer layer, a projection to `hidden_dim` with it; what they
    give, `(B, T, hidden_dim)`, goes through the transformer layers and is the
    `sequence_output`.

    Attributes:
        input: Its inputs by name: int32 `(B, T)`, `token_ids` and `padding_mask` among
            them.
        token_embedding: A `keras_hub.layers.ReversibleEmbedding`, whose transpose is
            the output matrix of the masked language model. It may be of another size
            than `hidden_dim`.
        embeddings_layer_norm: The embeddings' layer norm, whose epsilon the
            interaction takes.
        transformer_layers: A layer for each depth, called as `layer(vectors,
            padding_mask=padding_mask)`, which attends over absolute positions: both
            channels go through them, one after the other in depth.
        vocabulary_size: int. Rows of the token embedding.
        num_layers: int. How many transformer layers there are.
        hidden_dim: int. Size of a token's vector, even.
        max_sequence_length: int. The most tokens of a sequence.
        dtype_policy: The policy, which the new layers take.

    It may have `pooled_dense`, a dense layer over the first token's vector.
    """

    input: dict[str, Any]
    token_embedding: keras.layers.Layer
    embeddings_layer_norm: keras.layers.LayerNormalization
    transformer_layers: Sequence[keras.layers.Layer]
    vocabulary_size: int
    num_layers: int
    hidden_dim: int
    max_sequence_length: int
    dtype_policy: keras.DTypePolicy


def embeddings_output(encoder: Encoder) -> keras.KerasTensor:
    """Gives the end of an encoder's embeddings: what its first layer is given.

    Args:
        encoder: The encoder.

    Returns:
        The symbolic tensor `(B, T, hidden_dim)`.

    Example:

    ```python
    embeddings = keras.Model(encoder.input, embeddings_output(encoder))
    ```
    """
    # Keras keeps what a layer was given first, which was inside of the encoder.
    given = encoder.transformer_layers[0].input
    return given[0] if isinstance(given, list | tuple) else given


def check_encoder(encoder: Encoder) -> None:
    """Makes sure that an encoder has what a CharBERT needs.

    Args:
        encoder: The encoder.

    Raises:
        UserError: If it has not, with the reason.

    Example:

    ```python
    check_encoder(keras_hub.models.BertBackbone.from_preset("bert_tiny_en"))
    ```
    """
    reason = _what_is_missing(encoder)
    if reason is not None:
        raise UserError(
            f"{type(encoder).__name__} cannot be the encoder of a CharBERT: {reason}"
        )


def _what_is_missing(encoder: Encoder) -> str | None:
    names = [name for name in Encoder.__annotations__ if not hasattr(encoder, name)]
    if names:
        return f"it has no {' and no '.join(names)}"
    layers = encoder.transformer_layers
    if len(layers) != encoder.num_layers or not all(
        isinstance(layer, keras.layers.Layer) for layer in layers
    ):
        return "it shares its layers: transformer_layers holds not one for each depth"
    if len(set(map(id, layers))) < len(layers):
        return "it shares its layers: one stands at several depths"
    parameters = inspect.signature(type(layers[0]).call).parameters
    if "padding_mask" not in parameters:
        return "it has no attention: its layers take no padding_mask"
    others = [
        name
        for name, parameter in list(parameters.items())[2:]
        if parameter.default is parameter.empty
        and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    if others:
        return f"it has relative positions or more: its layers need {others[0]} too"
    inputs = encoder.input if isinstance(encoder.input, dict) else {}
    inputs = [name for name in ("token_ids", "padding_mask") if name not in inputs]
    if inputs:
        return f"it has no input {' and no input '.join(inputs)}"
    return _what_is_wrong_with_embeddings(encoder)


def _what_is_wrong_with_embeddings(encoder: Encoder) -> str | None:
    try:
        width = embeddings_output(encoder).shape[-1]
    except (AttributeError, ValueError):
        return "its transformer layers are no part of a functional model"
    if width != encoder.hidden_dim:
        return (
            f"its embeddings give vectors of {width}, not of hidden_dim, "
            f"{encoder.hidden_dim}"
        )
    outputs = encoder.output
    if isinstance(outputs, dict):
        outputs = outputs.get("sequence_output")
    if outputs is not encoder.transformer_layers[-1].output:
        return "its sequence_output is not what its last transformer layer gives"
    if encoder.hidden_dim % 2:
        return f"its hidden_dim, {encoder.hidden_dim}, is odd"
    return None
