"""The fusion of the token and the character channel after a transformer layer."""

import keras
import tensorflow as tf
from keras import ops

from charbert_tf.encoders.transformer_encoder import initializer

INTERACTIONS = ("paper", "released")


@keras.saving.register_keras_serializable(package="charbert_tf")
class HeterogeneousInteraction(keras.layers.Layer):
    """Lets the token channel `T` and the character channel `H` see each other.

    The paper's form (CharBERT, section 3.2, https://arxiv.org/abs/2011.01513):

        w  = [W1 T + b1 ; W2 H + b2]
        m  = tanh(Conv1D(w)),                    kernel size 3, `hidden_dim` filters
        mT = GELU(W4 m + b4),  mH = GELU(W5 m + b5)
        T' = LayerNorm_T(T + mT),  H' = LayerNorm_H(H + mH)

    The released weights were trained with a simpler one, without `b1`, `b2`, `tanh`,
    `W4` and `W5`: `T' = LayerNorm_T(T + m)`, `H' = LayerNorm_H(H + m)`.

    One such layer is shared by all transformer layers of a `CharBertBackbone`.

    Args:
        hidden_dim: int. Size of both channels.
        interaction: `"paper"` or `"released"`.
        mask_padding: bool. Whether padded positions enter the convolution as zeros.
        layer_norm_epsilon: float. Defaults to BERT's 1e-12.
        **kwargs: Other layer arguments, such as `name` and `dtype`.

    Raises:
        ValueError: If `interaction` is neither of the two.

    Example:

    ```python
    fuse = charbert_tf.HeterogeneousInteraction(hidden_dim=16)
    tokens, characters = fuse(
        np.ones((2, 5, 16), "float32"),
        np.ones((2, 5, 16), "float32"),
        padding_mask=np.ones((2, 5), "int32"),
    )
    ```
    """

    def __init__(
        self,
        hidden_dim: int,
        interaction: str = "paper",
        mask_padding: bool = True,
        layer_norm_epsilon: float = 1e-12,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if interaction not in INTERACTIONS:
            raise ValueError(
                f"`interaction` must be one of {INTERACTIONS}, got {interaction!r}."
            )
        self.hidden_dim = hidden_dim
        self.interaction = interaction
        self.mask_padding = mask_padding
        self.layer_norm_epsilon = layer_norm_epsilon
        is_paper = interaction == "paper"
        self.token_dense = self._dense("token_dense", use_bias=is_paper)
        self.char_dense = self._dense("char_dense", use_bias=is_paper)
        self.convolution = keras.layers.Conv1D(
            hidden_dim,
            kernel_size=3,
            padding="same",
            # Small, so that a pretrained encoder's first pass stays near its own.
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.005),
            dtype=self.dtype_policy,
            name="convolution",
        )
        if is_paper:
            self.token_output_dense = self._dense("token_output_dense")
            self.char_output_dense = self._dense("char_output_dense")
        self.token_layer_norm = self._layer_norm("token_layer_norm")
        self.char_layer_norm = self._layer_norm("char_layer_norm")

    def _dense(self, name: str, use_bias: bool = True) -> keras.layers.Dense:
        return keras.layers.Dense(
            self.hidden_dim,
            use_bias=use_bias,
            kernel_initializer=initializer(),
            dtype=self.dtype_policy,
            name=name,
        )

    def _layer_norm(self, name: str) -> keras.layers.LayerNormalization:
        return keras.layers.LayerNormalization(
            epsilon=self.layer_norm_epsilon, dtype=self.dtype_policy, name=name
        )

    def build(self, tokens_shape, characters_shape=None, padding_mask_shape=None):
        """Builds the weights.

        Args:
            tokens_shape: Shape of the token channel, `(B, T, hidden_dim)`.
            characters_shape: Unused: it is the same.
            padding_mask_shape: Unused.
        """
        channel_shape = (None, None, self.hidden_dim)
        for layer in self._flatten_layers(include_self=False, recursive=False):
            layer.build(
                (None, None, 2 * self.hidden_dim)
                if layer is self.convolution
                else channel_shape
            )
        self.built = True

    def call(self, tokens, characters, padding_mask, folded=None):
        """Fuses the channels and divides them again.

        Args:
            tokens: float tensor `(B, T, hidden_dim)`.
            characters: float tensor `(B, T, hidden_dim)`.
            padding_mask: int or bool tensor `(B, T)`, 1 at real tokens.
            folded: What `fold` returns for this mask; computed if it is not given.

        Returns:
            The new tokens and characters, each `(B, T, hidden_dim)`.
        """
        kernel, bias = self._fold(padding_mask) if folded is None else folded
        both = ops.concatenate([tokens, characters], axis=-1)
        if self.mask_padding:
            both = both * ops.cast(padding_mask, both.dtype)[:, :, None]
        fused = ops.conv(both, kernel, padding="same") + bias
        if self.interaction == "paper":
            fused = ops.tanh(fused)
            token_update = self._gelu(self.token_output_dense(fused))
            char_update = self._gelu(self.char_output_dense(fused))
        else:
            token_update = char_update = fused
        return (
            self.token_layer_norm(tokens + token_update),
            self.char_layer_norm(characters + char_update),
        )

    def fold(self, padding_mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Makes one convolution of `W1`, `W2` and the convolution, all of them linear.

        Worth doing once for all the calls of a step.

        Args:
            padding_mask: int or bool tensor `(B, T)`, 1 at real tokens.

        Returns:
            The kernel `(3, 2 * hidden_dim, hidden_dim)`, and what is added to its
            output, `(B, T, hidden_dim)`, for `b1` and `b2` reach a position from its
            real neighbours only; `(1, 1, hidden_dim)` if there is no `b1` and `b2`.
        """
        return _Folding(self)(padding_mask)

    def _fold(self, padding_mask):
        # Taps, channels, features of a channel, filters.
        taps = ops.reshape(
            ops.convert_to_tensor(self.convolution.kernel),
            (3, 2, self.hidden_dim, self.hidden_dim),
        )
        dense = (self.token_dense, self.char_dense)
        kernels = [_kernel(d) for d in dense]
        kernel = ops.concatenate(
            [ops.matmul(k, taps[:, channel]) for channel, k in enumerate(kernels)],
            axis=1,
        )
        bias = ops.reshape(self.convolution.bias, (1, 1, self.hidden_dim))
        if self.interaction == "paper":
            of_taps = sum(
                ops.einsum("i,kio->ko", d.bias, taps[:, channel])
                for channel, d in enumerate(dense)
            )
            is_seen = ops.cast(padding_mask, kernel.dtype)[:, :, None]
            if not self.mask_padding:
                is_seen = ops.ones_like(is_seen)
            bias = bias + ops.conv(is_seen, of_taps[:, None, :], padding="same")
        return ops.cast(kernel, self.compute_dtype), ops.cast(bias, self.compute_dtype)

    def _gelu(self, inputs):
        return ops.gelu(inputs, approximate=False)

    def compute_output_spec(self, tokens, characters, padding_mask, folded=None):
        """Returns both channels as they came in, of the compute dtype.

        Args:
            tokens: As `call` takes it.
            characters: As `call` takes it.
            padding_mask: As `call` takes it.
            folded: As `call` takes it.
        """
        return tuple(
            keras.KerasTensor(channel.shape, self.compute_dtype)
            for channel in (tokens, characters)
        )

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "hidden_dim": self.hidden_dim,
            "interaction": self.interaction,
            "mask_padding": self.mask_padding,
            "layer_norm_epsilon": self.layer_norm_epsilon,
        }


def _kernel(dense: keras.layers.Dense):
    """The matrix by which a layer multiplies, which a quantised one has not stored."""
    if dense.quantization_mode is None:
        return dense.kernel
    rows = dense(ops.eye(dense.units, dtype=dense.compute_dtype))
    return rows if dense.bias is None else rows - ops.cast(dense.bias, rows.dtype)


class _Folding(keras.Operation):
    """`HeterogeneousInteraction.fold` as a node of a functional model."""

    def __init__(self, interaction: HeterogeneousInteraction):
        super().__init__()
        self._interaction = interaction

    def call(self, padding_mask):
        return self._interaction._fold(padding_mask)
