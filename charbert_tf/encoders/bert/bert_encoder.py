"""BertEncoder: BERT as its checkpoint's configuration describes it."""

import keras
import keras_nlp
from keras import ops

from charbert_tf.constructor_arguments import constructor_arguments, refuse_unknown
from charbert_tf.encoders.embedding import Embedding, ReversibleEmbedding
from charbert_tf.encoders.text_vectors import EmbedsTexts
from charbert_tf.encoders.transformer_encoder import (
    embeddings_norm,
    initializer,
    transformer_layers,
)
from charbert_tf.model_card import WithCard


@keras.saving.register_keras_serializable(package="charbert_tf")
class BertEncoder(WithCard, EmbedsTexts, keras_nlp.models.Backbone):
    """A BERT encoder (Devlin et al., 2019, https://arxiv.org/abs/1810.04805).

    It differs from `keras_nlp.models.BertBackbone` in what a checkpoint may choose:
    the activation (BERT's own is the exact GELU, which keras-nlp approximates, 1e-3
    off), the layer norms' epsilon, and whether there is a pooler. With these the
    outputs are those of Hugging Face's PyTorch model; they are part of a preset.

    Args:
        vocabulary_size: int. Rows of the token embedding.
        num_layers: int. Transformer layers.
        num_heads: int. Attention heads of a layer.
        hidden_dim: int. Size of a token's vector, a multiple of `num_heads`.
        intermediate_dim: int. Size inside the feed-forward blocks.
        dropout: float. Dropout's rate. Defaults to 0.1.
        max_sequence_length: int. The most tokens of a sequence. Defaults to 512.
        num_segments: int. Rows of the segment embedding. Defaults to 2.
        activation: string. `"gelu"` is the exact one, `"gelu_new"` its approximation
            with tanh; others are those of `keras.activations`.
        layer_norm_epsilon: float. Defaults to 1e-12.
        has_pooler: bool. Whether there is a dense layer over the first position.
        attention_dropout: float. Dropout's rate for the shares of attention; by
            default `dropout`.
        dtype: string or `keras.DTypePolicy`.
        **kwargs: Other model arguments, such as `name`.

    Inputs are `token_ids`, `segment_ids` and `padding_mask`, int32 `(B, T)`. Outputs
    are `sequence_output` `(B, T, hidden_dim)` and, with a pooler, `pooled_output`
    `(B, hidden_dim)`.

    Example:

    ```python
    encoder = charbert_tf.BertEncoder(
        vocabulary_size=1000, num_layers=2, num_heads=2, hidden_dim=64,
        intermediate_dim=128,
    )
    outputs = encoder({
        "token_ids": np.array([[2, 17, 3]]),
        "segment_ids": np.array([[0, 0, 0]]),
        "padding_mask": np.array([[1, 1, 1]]),
    })
    ```
    """

    first_position = 0
    """Row of the position embedding that a sequence's first token has."""

    _INPUTS = ("token_ids", "segment_ids", "padding_mask")

    def __init__(
        self,
        vocabulary_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        intermediate_dim: int,
        dropout: float = 0.1,
        max_sequence_length: int = 512,
        num_segments: int = 2,
        activation: str = "gelu",
        layer_norm_epsilon: float = 1e-12,
        has_pooler: bool = True,
        attention_dropout: float | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        **kwargs,
    ):
        # Keras ignores what it does not know.
        known = constructor_arguments(type(self), BertEncoder)
        refuse_unknown(type(self), kwargs, [*known, "name", "trainable"])

        # === Layers ===
        def embedding(rows, name, cls=Embedding):
            return cls(
                rows,
                hidden_dim,
                embeddings_initializer=initializer(),
                dtype=dtype,
                name=name,
            )

        self.token_embedding = embedding(
            vocabulary_size, "token_embedding", ReversibleEmbedding
        )
        self.position_embedding = embedding(
            self.first_position + max_sequence_length, "position_embedding"
        )
        self.segment_embedding = embedding(num_segments, "segment_embedding")
        self.embeddings_add, self.embeddings_layer_norm, self.embeddings_dropout = (
            embeddings_norm(layer_norm_epsilon, dropout, dtype)
        )
        self.transformer_layers = transformer_layers(
            num_layers,
            intermediate_dim,
            num_heads,
            dropout=dropout,
            attention_dropout=attention_dropout,
            activation=activation,
            layer_norm_epsilon=layer_norm_epsilon,
            dtype=dtype,
        )
        if has_pooler:
            self.pooled_dense = keras.layers.Dense(
                hidden_dim,
                activation="tanh",
                kernel_initializer=initializer(),
                dtype=dtype,
                name="pooled_dense",
            )

        # === Functional Model ===
        inputs = {
            name: keras.Input((None,), dtype="int32", name=name)
            for name in self._INPUTS
        }
        tokens = self.embeddings_add(
            (
                self.token_embedding(inputs["token_ids"]),
                self.position_embedding(self._position_ids(inputs)),
                self.segment_embedding(self._segment_ids(inputs)),
            )
        )
        tokens = self.embeddings_dropout(self.embeddings_layer_norm(tokens))
        for transformer_layer in self.transformer_layers:
            tokens = transformer_layer(tokens, padding_mask=inputs["padding_mask"])
        outputs = {"sequence_output": tokens}
        if has_pooler:
            outputs["pooled_output"] = self.pooled_dense(tokens[:, 0, :])
        super().__init__(inputs=inputs, outputs=outputs, dtype=dtype, **kwargs)

        # === Config ===
        self.vocabulary_size = vocabulary_size
        self.num_layers = num_layers
        self.num_heads = num_heads
        self.hidden_dim = hidden_dim
        self.intermediate_dim = intermediate_dim
        self.dropout = dropout
        self.max_sequence_length = max_sequence_length
        self.num_segments = num_segments
        self.activation = activation
        self.layer_norm_epsilon = layer_norm_epsilon
        self.has_pooler = has_pooler
        self.attention_dropout = attention_dropout

    def _position_ids(self, inputs):
        return ops.cumsum(ops.ones_like(inputs["token_ids"]), axis=1) - 1

    def _segment_ids(self, inputs):
        return inputs["segment_ids"]

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
            "num_segments": self.num_segments,
            "activation": self.activation,
            "layer_norm_epsilon": self.layer_norm_epsilon,
            "has_pooler": self.has_pooler,
            "attention_dropout": self.attention_dropout,
        }
