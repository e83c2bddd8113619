"""MaskedLMHead: logits at the positions that have a label, in any precision."""

import keras
import keras_nlp
import tensorflow as tf


@keras.saving.register_keras_serializable(package="charbert_tf")
class MaskedLMHead(keras_nlp.layers.MaskedLMHead):
    """A language model's head: dense, activation, layer norm, output matrix and bias.

    Arguments and weights are those of `keras_nlp.layers.MaskedLMHead` without an
    activation of the logits. Products are of the policy's compute dtype and the bias is
    added in float32, whatever the dtype policy of the model around it. The class has
    the same name as Keras's, for weights are saved under it.

    Source: Devlin et al., 2019 (https://arxiv.org/abs/1810.04805), section 3.1.

    Example:

    ```python
    head = MaskedLMHead(vocabulary_size=50, dtype="mixed_bfloat16")
    logits = head(np.ones((2, 7, 16), "float32"), np.array([[1, 3], [2, 0]]))
    assert logits.shape == (2, 2, 50)
    ```
    """

    def call(self, inputs, mask_positions):
        """Computes the logits.

        Args:
            inputs: float tensor `(B, T, hidden_dim)`.
            mask_positions: int tensor `(B, P)`.

        Returns:
            float32 tensor `(B, P, vocabulary_size)`.
        """
        vectors = tf.cast(inputs, self.compute_dtype)
        vectors = tf.gather(vectors, mask_positions, batch_dims=1)
        vectors = self._intermediate_dense(vectors)
        vectors = self._intermediate_layer_norm(vectors)
        if self.token_embedding is None:
            kernel = tf.cast(self._kernel, self.compute_dtype)
            logits = tf.matmul(vectors, kernel)
        else:
            logits = self.token_embedding(vectors, reverse=True)
        # A softmax wants all of its bits.
        return tf.cast(logits, self.variable_dtype) + tf.cast(
            self._bias, self.variable_dtype
        )
