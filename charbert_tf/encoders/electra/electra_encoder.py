"""ElectraEncoder: ELECTRA's generator or discriminator, without its head."""

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
class ElectraEncoder(WithCard, EmbedsTexts, keras_nlp.models.Backbone):
    """An ELECTRA encoder (Clark et al., 2020, https://arxiv.org/abs/2003.10555).

    BERT's layers, without a pooler. Embeddings may be of another size than the layers:
    then a dense layer stands between them. It differs from
    `keras_nlp.models.ElectraBackbone` in what a checkpoint may choose, the activation
    and the layer norms' epsilon, and has no pooler, as the checkpoints have none. With
    these the outputs are those of Hugging Face's PyTorch model.

    Args:
        vocabulary_size: int. Rows of the token embedding.
        num_layers: int. Transformer layers.
        num_heads: int. Attention heads of a layer.
        hidden_dim: int. Size of a token's vector, a multiple of `num_heads`.
        intermediate_dim: int. Size inside the feed-forward blocks.
        embedding_dim: int. Size of an embedding; by default `hidden_dim`.
        dropout: float. Dropout's rate. Defaults to 0.1.
        max_sequence_length: int. The most tokens of a sequence. Defaults to 512.
        num_segments: int. Rows of the segment embedding. Defaults to 2.
        activation: string, as of `BertEncoder`. Defaults to `"gelu"`.
        layer_norm_epsilon: float. Defaults to 1e-12.
        attention_dropout: float. Dropout's rate for the shares of attention; by
            default `dropout`.
        dtype: string or `keras.DTypePolicy`.
        **kwargs: Other model arguments, such as `name`.

    Inputs are `token_ids`, `segment_ids` and `padding_mask`, int32 `(B, T)`. Its output
    is `sequence_output` `(B, T, hidden_dim)`.

    Example:

    ```python
    encoder = charbert_tf.ElectraEncoder(
        vocabulary_size=1000, num_layers=2, num_heads=2, hidden_dim=64,
        intermediate_dim=128, embedding_dim=32,
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

    def __init__(
        self,
        vocabulary_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        intermediate_dim: int,
        embedding_dim: int | None = None,
        dropout: float = 0.1,
        max_sequence_length: int = 512,
        num_segments: int = 2,
        activation: str = "gelu",
        layer_norm_epsilon: float = 1e-12,
        attention_dropout: float | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        **kwargs,
    ):
        # Keras ignores what it does not know.
        known = constructor_arguments(type(self), ElectraEncoder)
        refuse_unknown(type(self), kwargs, [*known, "name", "trainable"])
        embedding_dim = hidden_dim if embedding_dim is None else embedding_dim

        # === Layers ===
        def embedding(rows, name, cls=Embedding):
            return cls(
                rows,
                embedding_dim,
                embeddings_initializer=initializer(),
                dtype=dtype,
                name=name,
            )

        self.token_embedding = embedding(
            vocabulary_size, "token_embedding", ReversibleEmbedding
        )
        self.position_embedding = embedding(max_sequence_length, "position_embedding")
        self.segment_embedding = embedding(num_segments, "segment_embedding")
        self.embeddings_add, self.embeddings_layer_norm, self.embeddings_dropout = (
            embeddings_norm(layer_norm_epsilon, dropout, dtype)
        )
        self.embeddings_projection = None
        if embedding_dim != hidden_dim:
            self.embeddings_projection = keras.layers.Dense(
                hidden_dim,
                kernel_initializer=initializer(),
                dtype=dtype,
                name="embeddings_projection",
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

        # === Functional Model ===
        inputs = {
            name: keras.Input((None,), dtype="int32", name=name)
            for name in ("token_ids", "segment_ids", "padding_mask")
        }
        token_ids = inputs["token_ids"]
        positions = ops.cumsum(ops.ones_like(token_ids), axis=1) - 1
        tokens = self.embeddings_add(
            (
                self.token_embedding(token_ids),
                self.position_embedding(positions),
                self.segment_embedding(inputs["segment_ids"]),
            )
        )
        tokens = self.embeddings_dropout(self.embeddings_layer_norm(tokens))
        if self.embeddings_projection is not None:
            tokens = self.embeddings_projection(tokens)
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
        self.embedding_dim = embedding_dim
        self.dropout = dropout
        self.max_sequence_length = max_sequence_length
        self.num_segments = num_segments
        self.activation = activation
        self.layer_norm_epsilon = layer_norm_epsilon
        self.attention_dropout = attention_dropout

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "num_layers": self.num_layers,
            "num_heads": self.num_heads,
            "hidden_dim": self.hidden_dim,
            "intermediate_dim": self.intermediate_dim,
            "embedding_dim": self.embedding_dim,
            "dropout": self.dropout,
            "max_sequence_length": self.max_sequence_length,
            "num_segments": self.num_segments,
            "activation": self.activation,
            "layer_norm_epsilon": self.layer_norm_epsilon,
            "attention_dropout": self.attention_dropout,
        }
