"""DistilBertEncoder: DistilBERT as its checkpoint's configuration describes it."""

import keras
import keras_nlp
import numpy as np
from keras import ops

from charbert_tf.constructor_arguments import constructor_arguments, refuse_unknown
from charbert_tf.encoders.embedding import Embedding, ReversibleEmbedding
from charbert_tf.encoders.own_inputs import own_inputs
from charbert_tf.encoders.text_vectors import EmbedsTexts
from charbert_tf.encoders.transformer_encoder import (
    embeddings_norm,
    initializer,
    transformer_layers,
)
from charbert_tf.model_card import WithCard

_LAYER_NORM_EPSILON = 1e-12


@keras.saving.register_keras_serializable(package="charbert_tf")
class DistilBertEncoder(WithCard, EmbedsTexts, keras_nlp.models.Backbone):
    """A DistilBERT encoder (Sanh et al., 2019, https://arxiv.org/abs/1910.01108).

    BERT's layers, half as many, without segments and without a pooler. It differs from
    `keras_nlp.models.DistilBertBackbone` in what a checkpoint may choose: the
    activation, the rate of attention's dropout, and fixed positions. Outputs are those
    of Hugging Face's PyTorch model; in training, as keras-nlp's, it has dropout behind
    the attention too.

    Args:
        vocabulary_size: int. Rows of the token embedding.
        num_layers: int. Transformer layers.
        num_heads: int. Attention heads of a layer.
        hidden_dim: int. Size of a token's vector, a multiple of `num_heads`.
        intermediate_dim: int. Size inside the feed-forward blocks.
        dropout: float. Dropout's rate. Defaults to 0.1.
        max_sequence_length: int. The most tokens of a sequence. Defaults to 512.
        activation: string, as of `BertEncoder`. Defaults to `"gelu"`.
        attention_dropout: float. Dropout's rate for the shares of attention; by
            default `dropout`.
        sinusoidal_positions: bool. Whether the position embedding is sines and cosines,
            which are not trained (Vaswani et al., 2017, section 3.5).
        dtype: string or `keras.DTypePolicy`.
        **kwargs: Other model arguments, such as `name`.

    Inputs are `token_ids` and `padding_mask`, int32 `(B, T)`. Its output is
    `sequence_output` `(B, T, hidden_dim)`.

    Example:

    ```python
    encoder = charbert_tf.DistilBertEncoder(
        vocabulary_size=1000, num_layers=2, num_heads=2, hidden_dim=64,
        intermediate_dim=128,
    )
    outputs = encoder({
        "token_ids": np.array([[2, 17, 3]]), "padding_mask": np.array([[1, 1, 1]])
    })
    ```
    """

    first_position = 0
    """Row of the position embedding that a sequence's first token has."""

    def __init__(
        self,
        vocabulary_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        intermediate_dim: int,
        dropout: float = 0.1,
        max_sequence_length: int = 512,
        activation: str = "gelu",
        attention_dropout: float | None = None,
        sinusoidal_positions: bool = False,
        dtype: str | keras.DTypePolicy | None = None,
        **kwargs,
    ):
        # Keras ignores what it does not know.
        known = constructor_arguments(type(self), DistilBertEncoder)
        refuse_unknown(type(self), kwargs, [*known, "name", "trainable"])
        # === Layers ===
        self.token_embedding = ReversibleEmbedding(
            vocabulary_size,
            hidden_dim,
            embeddings_initializer=initializer(),
            dtype=dtype,
            name="token_embedding",
        )
        position_cls = _Sinusoids if sinusoidal_positions else Embedding
        self.position_embedding = position_cls(
            max_sequence_length,
            hidden_dim,
            embeddings_initializer=initializer(),
            dtype=dtype,
            name="position_embedding",
        )
        self.embeddings_add, self.embeddings_layer_norm, self.embeddings_dropout = (
            embeddings_norm(_LAYER_NORM_EPSILON, dropout, dtype)
        )
        self.transformer_layers = transformer_layers(
            num_layers,
            intermediate_dim,
            num_heads,
            dropout=dropout,
            attention_dropout=attention_dropout,
            activation=activation,
            layer_norm_epsilon=_LAYER_NORM_EPSILON,
            dtype=dtype,
        )

        # === Functional Model ===
        inputs = {
            name: keras.Input((None,), dtype="int32", name=name)
            for name in ("token_ids", "padding_mask")
        }
        token_ids = inputs["token_ids"]
        positions = ops.cumsum(ops.ones_like(token_ids), axis=1) - 1
        tokens = self.embeddings_add(
            (self.token_embedding(token_ids), self.position_embedding(positions))
        )
        tokens = self.embeddings_dropout(self.embeddings_layer_norm(tokens))
        for transformer_layer in self.transformer_layers:
            tokens = transformer_layer(tokens, padding_mask=inputs["padding_mask"])
        outputs = {"sequence_output": tokens}
        super().__init__(inputs=inputs, outputs=outputs, dtype=dtype, **kwargs)

        # === Config ===
        self.vocabulary_size = vocabulary_size
        self.num_layers = num_layers
        self.num_heads = num_heads
        self.hidden_dim = hidden_dim
        self.intermediate_dim = intermediate_dim
        self.dropout = dropout
        self.max_sequence_length = max_sequence_length
        self.activation = activation
        self.attention_dropout = attention_dropout
        self.sinusoidal_positions = sinusoidal_positions

    def call(self, inputs, training=None, mask=None, **kwargs):
        """Computes the outputs.

        Args:
            inputs: The inputs by name; `segment_ids` may be among them, which the
                tokenizer's other encoders take.
            training: bool. Whether there is dropout.
            mask: Unused.
            **kwargs: Other arguments of Keras's models.

        Returns:
            The outputs by name.
        """
        inputs = own_inputs(self, inputs)
        return super().call(inputs, training=training, mask=mask, **kwargs)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "num_layers": self.num_layers,
            "num_heads": self.num_heads,
            "hidden_dim": self.hidden_dim,
            "intermediate_dim": self.intermediate_dim,
            "dropout": self.dropout,
            "max_sequence_length": self.max_sequence_length,
            "activation": self.activation,
            "attention_dropout": self.attention_dropout,
            "sinusoidal_positions": self.sinusoidal_positions,
        }


class _Sinusoids(Embedding):
    """Sines in the even columns and cosines in the odd ones, never trained."""

    def add_weight(self, *args, **kwargs):
        # Not `trainable` of the layer, which every model around it sets anew.
        options = {"initializer": _sinusoids, "trainable": False}
        return super().add_weight(*args, **kwargs | options)


def _sinusoids(shape, dtype=None):
    rows, columns = (np.arange(size) for size in shape)
    angles = rows[:, None] / 10000 ** (2 * (columns // 2) / shape[1])
    return ops.cast(np.where(columns % 2, np.cos(angles), np.sin(angles)), dtype)
