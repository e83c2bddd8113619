"""The character encoder: a bidirectional GRU over the characters of a sequence."""

import keras
import tensorflow as tf
from keras import ops

from charbert_tf.models.gru_scan import gru_scan


@keras.saving.register_keras_serializable(package="charbert_tf")
class CharEncoder(keras.layers.Layer):
    """Gives each token a vector made of its first and its last character.

    The characters of the whole sequence, a separator after every token, run through
    an embedding and a bidirectional GRU with `hidden_dim / 4` units per direction; a
    token's vector is `[h(first character) ; h(last character)]` (CharBERT, section
    3.1, https://arxiv.org/abs/2011.01513).

    With `mask_padding=True` the backward direction starts at the last separator of
    the example's own characters, so a token's vector does not depend on how far the
    batch is padded. The released checkpoints were trained with
    `mask_padding=False`: their backward direction runs through the padding first.

    Args:
        num_characters: int. Rows of the character embedding. Id 0 is the separator,
            and the only character of a special token.
        hidden_dim: int. Size of a token's vector, a multiple of 4.
        char_embedding_dim: int. Size of a character's embedding. Defaults to 256.
        mask_padding: bool. Whether padded characters are kept from the GRU.
        **kwargs: Other layer arguments, such as `name` and `dtype`.

    Raises:
        ValueError: If `hidden_dim` is not a multiple of 4.

    Example:

    ```python
    # [CLS] "hi" [SEP] with h=7, i=8: 0 | 7 8 | 0, and a separator after each.
    char_ids = np.array([[0, 0, 7, 8, 0, 0, 0]])
    vectors = charbert_tf.CharEncoder(num_characters=20, hidden_dim=16)(
        char_ids,
        char_starts=np.array([[0, 2, 5]]),
        char_ends=np.array([[0, 3, 5]]),
        padding_mask=np.array([[1, 1, 1]]),
    )
    assert vectors.shape == (1, 3, 16)
    ```
    """

    def __init__(
        self,
        num_characters: int,
        hidden_dim: int,
        char_embedding_dim: int = 256,
        mask_padding: bool = True,
        **kwargs,
    ):
        # The GRU's state stays float32 under a mixed policy; `_scan` casts.
        super().__init__(autocast=False, **kwargs)
        if hidden_dim % 4:
            raise ValueError(f"`hidden_dim` must be a multiple of 4, got {hidden_dim}.")
        self.num_characters = num_characters
        self.hidden_dim = hidden_dim
        self.char_embedding_dim = char_embedding_dim
        self.mask_padding = mask_padding
        self.embedding = keras.layers.Embedding(
            num_characters,
            char_embedding_dim,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1),
            dtype=self.dtype_policy,
            name="embedding",
        )
        self.forward_gru = self._make_gru("forward_gru")
        self.backward_gru = self._make_gru("backward_gru")

    def _make_gru(self, name: str) -> keras.layers.GRU:
        # reset_after is PyTorch's GRU too, so that released weights fit.
        return keras.layers.GRU(
            self.hidden_dim // 4,
            return_sequences=True,
            reset_after=True,
            dtype=self.dtype_policy,
            name=name,
        )

    def build(
        self,
        char_ids_shape,
        char_starts_shape=None,
        char_ends_shape=None,
        padding_mask_shape=None,
    ):
        """Builds the embedding and both directions.

        Args:
            char_ids_shape: Shape of the character ids, `(B, C)`.
            char_starts_shape: Unused: weights do not depend on it.
            char_ends_shape: Unused.
            padding_mask_shape: Unused.
        """
        self.embedding.build(char_ids_shape)
        embedded_shape = (*char_ids_shape, self.char_embedding_dim)
        self.forward_gru.build(embedded_shape)
        self.backward_gru.build(embedded_shape)
        self.built = True

    def call(self, char_ids, char_starts, char_ends, padding_mask):
        """Encodes the characters and picks each token's first and last.

        Args:
            char_ids: int tensor `(B, C)`.
            char_starts: int tensor `(B, T)`, index of a token's first character.
            char_ends: int tensor `(B, T)`, index of a token's last character.
            padding_mask: int or bool tensor `(B, T)`, 1 at real tokens.

        Returns:
            float tensor `(B, T, hidden_dim)`.
        """
        reversed_position = self._reversed_positions(char_ids, char_ends, padding_mask)
        reversed_ids = ops.take_along_axis(char_ids, reversed_position, axis=1)
        forward, backward = self._run(char_ids, reversed_ids)

        def vectors_at(position):
            position_in_reversed = ops.take_along_axis(
                reversed_position, position, axis=1
            )
            return [
                _gather_positions(forward, position),
                _gather_positions(backward, position_in_reversed),
            ]

        return ops.concatenate(vectors_at(char_starts) + vectors_at(char_ends), axis=-1)

    def _run(self, char_ids, reversed_ids):
        """The states of both directions, `(C, B, hidden_dim / 4)` each."""
        if tf.config.list_logical_devices("GPU"):
            # Keras has cuDNN run them.
            return (
                ops.transpose(self.forward_gru(self.embedding(char_ids)), (1, 0, 2)),
                ops.transpose(
                    self.backward_gru(self.embedding(reversed_ids)), (1, 0, 2)
                ),
            )
        return (
            self._scan(self.forward_gru.cell, char_ids),
            self._scan(self.backward_gru.cell, reversed_ids),
        )

    def _scan(self, cell: keras.layers.GRUCell, char_ids):
        """The states of one direction, in float32 until they are done."""
        kernel, recurrent_kernel, bias = (
            variable.value
            for variable in (cell.kernel, cell.recurrent_kernel, cell.bias)
        )
        # Embedding and projection are one look-up: there are fewer characters in the
        # vocabulary than in a batch.
        table = tf.matmul(
            tf.cast(self.embedding.embeddings, self.compute_dtype),
            tf.cast(kernel, self.compute_dtype),
        )
        bias = tf.cast(bias, tf.float32)
        states = gru_scan(
            tf.gather(tf.cast(table, tf.float32) + bias[0], tf.transpose(char_ids)),
            tf.cast(recurrent_kernel, tf.float32),
            bias[1],
        )
        return tf.cast(states, self.compute_dtype)

    def _reversed_positions(self, char_ids, char_ends, padding_mask):
        """Where each position goes when its row is reversed (an involution)."""
        width = ops.shape(char_ids)[1]
        position = ops.broadcast_to(
            ops.arange(width, dtype="int32")[None, :], ops.shape(char_ids)
        )
        if not self.mask_padding:
            return width - 1 - position
        last_character = ops.max(
            ops.where(ops.cast(padding_mask, "bool"), ops.cast(char_ends, "int32"), 0),
            axis=1,
            keepdims=True,
        )
        # The separator after the last token belongs to the sequence.
        length = ops.minimum(last_character + 2, width)
        return ops.where(position < length, length - 1 - position, position)

    def compute_output_shape(
        self,
        char_ids_shape,
        char_starts_shape,
        char_ends_shape=None,
        padding_mask_shape=None,
    ):
        """Returns `(B, T, hidden_dim)`.

        Args:
            char_ids_shape: Shape of the character ids, `(B, C)`.
            char_starts_shape: Shape of the starts, `(B, T)`.
            char_ends_shape: Unused.
            padding_mask_shape: Unused.
        """
        return (*char_starts_shape, self.hidden_dim)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "num_characters": self.num_characters,
            "hidden_dim": self.hidden_dim,
            "char_embedding_dim": self.char_embedding_dim,
            "mask_padding": self.mask_padding,
        }


def _gather_positions(states, position):
    """`states` (C, B, U) at `position` (B, T) -> (B, T, U)."""
    steps, rows, units = (ops.shape(states)[axis] for axis in range(3))
    row = ops.arange(rows, dtype=position.dtype)[:, None]
    flat = ops.reshape(states, (steps * rows, units))
    return ops.take(flat, position * rows + row, axis=0)
