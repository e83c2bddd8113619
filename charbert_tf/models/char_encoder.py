"""The character encoder: a bidirectional GRU over the characters of a sequence."""

import keras
import tensorflow as tf
from keras import ops

from charbert_tf.encoders.embedding import Embedding
from charbert_tf.graphs.local_graph import may_use_cudnn, output_ahead
from charbert_tf.models.gru_scan import cudnn_gru, gru_scan
from charbert_tf.models.orthogonal import orthogonal


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

    The GRU's states and sums are float32 whatever the policy; what goes in and comes
    out is of its compute dtype. Where a step is computed on GPUs (`local_graph`) cuDNN
    runs it; everywhere else, and so in all that is exported, TensorFlow's core ops.

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
        # The GRU's state stays float32 under a mixed policy.
        super().__init__(autocast=False, **kwargs)
        if hidden_dim % 4:
            raise ValueError(f"`hidden_dim` must be a multiple of 4, got {hidden_dim}.")
        self.num_characters = num_characters
        self.hidden_dim = hidden_dim
        self.char_embedding_dim = char_embedding_dim
        self.mask_padding = mask_padding
        self.embedding = Embedding(
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
            recurrent_initializer=orthogonal(self.dtype_policy),
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
        ahead = output_ahead(self)
        if ahead is not None:
            return ahead
        char_ids, char_starts, char_ends = (
            ops.cast(values, "int32") for values in (char_ids, char_starts, char_ends)
        )
        lengths = self._lengths(char_ids, char_ends, padding_mask)
        # cuDNN's kernels are a GPU's alone: a graph that is saved must not hold them.
        run = self._run_cudnn if may_use_cudnn() else self._run_scans
        at_starts, at_ends = run(char_ids, lengths, (char_starts, char_ends))
        return ops.concatenate([*at_starts, *at_ends], axis=-1)

    def _run_cudnn(self, char_ids, lengths, positions):
        """The states of both directions at the positions, `(B, T, hidden_dim / 2)`."""
        table = tf.cast(self.embedding.embeddings, self.compute_dtype)
        states = cudnn_gru(
            tf.gather(tf.cast(table, tf.float32), tf.transpose(char_ids)),
            lengths[:, 0],
            [
                [tf.cast(weight.value, tf.float32) for weight in _weights(gru)]
                for gru in (self.forward_gru, self.backward_gru)
            ],
        )
        return [
            [ops.cast(_gather_positions(states, position), self.compute_dtype)]
            for position in positions
        ]

    def _run_scans(self, char_ids, lengths, positions):
        """The states of each direction at the positions, `(B, T, hidden_dim / 4)`."""
        reversed_position = _reversed_positions(char_ids, lengths)
        reversed_ids = ops.take_along_axis(char_ids, reversed_position, axis=1)
        forward = self._scan(self.forward_gru, char_ids)
        backward = self._scan(self.backward_gru, reversed_ids)
        return [
            [
                _gather_positions(forward, position),
                _gather_positions(
                    backward, ops.take_along_axis(reversed_position, position, axis=1)
                ),
            ]
            for position in positions
        ]

    def _scan(self, gru: keras.layers.GRU, char_ids):
        """The states of one direction, in float32 until they are done."""
        kernel, recurrent_kernel, bias = (weight.value for weight in _weights(gru))
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

    def _lengths(self, char_ids, char_ends, padding_mask):
        """How many characters of each row the GRU sees, `(B, 1)`."""
        rows, width = ops.shape(char_ids)
        if not self.mask_padding:
            return ops.full((rows, 1), width, "int32")
        last_character = ops.max(
            ops.where(ops.cast(padding_mask, "bool"), char_ends, 0),
            axis=1,
            keepdims=True,
        )
        # The separator after the last token belongs to the sequence.
        return ops.minimum(last_character + 2, width)

    def compute_output_spec(self, char_ids, char_starts, char_ends, padding_mask):
        """Returns `(B, T, hidden_dim)`, of the compute dtype.

        Args:
            char_ids: As `call` takes it.
            char_starts: As `call` takes it.
            char_ends: As `call` takes it.
            padding_mask: As `call` takes it.
        """
        shape = (*char_starts.shape, self.hidden_dim)
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "num_characters": self.num_characters,
            "hidden_dim": self.hidden_dim,
            "char_embedding_dim": self.char_embedding_dim,
            "mask_padding": self.mask_padding,
        }


def _weights(gru: keras.layers.GRU) -> tuple:
    return gru.cell.kernel, gru.cell.recurrent_kernel, gru.cell.bias


def _reversed_positions(char_ids, lengths):
    """Where each position goes when its row is reversed (an involution)."""
    position = ops.broadcast_to(
        ops.arange(ops.shape(char_ids)[1], dtype="int32")[None, :], ops.shape(char_ids)
    )
    return ops.where(position < lengths, lengths - 1 - position, position)


def _gather_positions(states, position):
    """`states` (C, B, U) at `position` (B, T) -> (B, T, U)."""
    steps, rows, units = (ops.shape(states)[axis] for axis in range(3))
    row = ops.arange(rows, dtype=position.dtype)[:, None]
    flat = ops.reshape(states, (steps * rows, units))
    return ops.take(flat, position * rows + row, axis=0)
