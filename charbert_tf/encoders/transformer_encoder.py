"""TransformerEncoder: keras-nlp's layer, computed with fewer and larger products."""

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.encoders.activation import get_activation
from charbert_tf.encoders.dropout import dropout
from charbert_tf.third_party_internals import transformer_parts


@keras.saving.register_keras_serializable(package="charbert_tf")
class TransformerEncoder(keras_nlp.layers.TransformerEncoder):
    """A BERT layer: self-attention and a feed-forward block, each with a layer norm.

    Arguments, weights and outputs are those of `keras_nlp.layers.TransformerEncoder`
    with `normalize_first=False`; what differs is the time they take. Query, key and
    value are one matrix product, and heads are brought together by one transposition
    instead of one for every product.

    Args:
        attention_dropout: float. Dropout's rate for the shares of attention; by
            default `dropout`.
        **kwargs: keras-nlp's arguments.

    Source: Devlin et al., 2019 (https://arxiv.org/abs/1810.04805), section 3.

    Example:

    ```python
    layer = charbert_tf.encoders.transformer_encoder.TransformerEncoder(1536, 12)
    vectors = layer(vectors, padding_mask=padding_mask)
    ```
    """

    def __init__(self, *args, attention_dropout: float | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.attention_dropout = attention_dropout
        # Weights are saved under this name.
        self._attention_dropout = None
        if attention_dropout is not None:
            self._attention_dropout = keras.layers.Dropout(
                attention_dropout, dtype=self.dtype_policy, name="attention_dropout"
            )

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "attention_dropout": self.attention_dropout}

    def call(self, inputs, padding_mask=None, training=None):
        """Computes the layer.

        Args:
            inputs: float tensor `(B, T, hidden_dim)`.
            padding_mask: int or bool tensor `(B, T)`, 1 at the positions that are
                attended to; by default all are.
            training: bool. Whether there is dropout.

        Returns:
            float tensor `(B, T, hidden_dim)`.
        """
        parts = transformer_parts(self)
        shares_dropout = self._attention_dropout or parts.shares_dropout
        attended = _attend(
            parts.attention, shares_dropout, inputs, padding_mask, training
        )
        attended = dropout(parts.attention_dropout, attended, training)
        inputs = parts.attention_layer_norm(inputs + attended)
        outputs = parts.output_dense(parts.intermediate_dense(inputs))
        outputs = dropout(parts.output_dropout, outputs, training)
        return parts.layer_norm(inputs + outputs)


def transformer_layers(
    num_layers: int,
    intermediate_dim: int,
    num_heads: int,
    activation: str,
    dtype: str | keras.DTypePolicy | None,
    **options,
) -> list[TransformerEncoder]:
    """Makes the layers of an encoder of BERT's kin, new.

    Args:
        num_layers: int. How many.
        intermediate_dim: int. Size inside the feed-forward blocks.
        num_heads: int. Attention heads of a layer.
        activation: The feed-forward block's, as `get_activation` takes it.
        dtype: The layers' policy.
        **options: Other arguments of `TransformerEncoder`.

    Returns:
        The layers, `transformer_layer_0` and so on.

    Example:

    ```python
    layers = transformer_layers(12, 3072, 12, "gelu", "float32", dropout=0.1)
    ```
    """
    return [
        TransformerEncoder(
            intermediate_dim,
            num_heads,
            activation=get_activation(activation),
            kernel_initializer=initializer(),
            dtype=dtype,
            name=f"transformer_layer_{index}",
            **options,
        )
        for index in range(num_layers)
    ]


def embeddings_norm(
    layer_norm_epsilon: float, dropout: float, dtype: str | keras.DTypePolicy | None
) -> tuple[keras.layers.Layer, keras.layers.Layer, keras.layers.Layer]:
    """Makes what turns the embeddings of an encoder of BERT's kin into its tokens, new.

    Args:
        layer_norm_epsilon: float. The layer norm's.
        dropout: float. The rate.
        dtype: The layers' policy.

    Returns:
        The sum, the layer norm and the dropout, `embeddings_add` and so on.

    Example:

    ```python
    add, layer_norm, dropout = embeddings_norm(1e-12, 0.1, "float32")
    tokens = dropout(layer_norm(add([token_vectors, position_vectors])))
    ```
    """
    return (
        keras.layers.Add(dtype=dtype, name="embeddings_add"),
        keras.layers.LayerNormalization(
            epsilon=layer_norm_epsilon, dtype=dtype, name="embeddings_layer_norm"
        ),
        keras.layers.Dropout(dropout, dtype=dtype, name="embeddings_dropout"),
    )


def initializer() -> keras.initializers.Initializer:
    """Makes what new weights of encoders and heads of BERT's kin are drawn by.

    Returns:
        A normal distribution that is cut at two deviations of 0.02 (Devlin et al.,
        2019, and its code).

    Example:

    ```python
    keras.layers.Dense(2, kernel_initializer=initializer())
    ```
    """
    return keras.initializers.TruncatedNormal(stddev=0.02)


def _attend(
    layer: keras.layers.MultiHeadAttention,
    shares_dropout: keras.layers.Dropout,
    inputs: tf.Tensor,
    padding_mask: tf.Tensor | None,
    training: bool | None,
) -> tf.Tensor:
    query, key, value = _heads(layer, inputs)
    scores = tf.matmul(query * layer.key_dim**-0.5, key, transpose_b=True)
    if padding_mask is not None:
        is_padding = tf.cast(tf.equal(padding_mask, 0), scores.dtype)
        # Half of it: the sum with a score must not overflow.
        scores += is_padding[:, None, None, :] * (0.5 * scores.dtype.min)
    shares = dropout(shares_dropout, tf.nn.softmax(scores), training)
    attended = tf.transpose(tf.matmul(shares, value), [0, 2, 1, 3])
    return layer.output_dense(attended)


def _heads(layer: keras.layers.MultiHeadAttention, inputs: tf.Tensor):
    """Query, key and value, each `(B, heads, T, features of a head)`."""
    dense = (layer.query_dense, layer.key_dense, layer.value_dense)
    if any(d.quantization_mode for d in dense):
        # Their kernels are no numbers by themselves.
        return [tf.transpose(d(inputs), [0, 2, 1, 3]) for d in dense]
    hidden_dim = inputs.shape[-1]
    kernel = tf.concat([tf.reshape(d.kernel, [hidden_dim, -1]) for d in dense], 1)
    bias = tf.concat([tf.reshape(d.bias, [-1]) for d in dense], 0)
    products = tf.matmul(
        tf.reshape(inputs, [-1, hidden_dim]), tf.cast(kernel, inputs.dtype)
    )
    products = tf.nn.bias_add(products, tf.cast(bias, inputs.dtype))
    batch, length = tf.unstack(tf.shape(inputs)[:2])
    products = tf.reshape(products, [batch, length, 3, layer.num_heads, layer.key_dim])
    return tf.unstack(tf.transpose(products, [2, 0, 3, 1, 4]))
