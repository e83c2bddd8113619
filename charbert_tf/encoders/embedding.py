"""Embedding: a look-up whose gradient is summed in float32."""

import keras
import keras_nlp
import tensorflow as tf


@keras.saving.register_keras_serializable(package="charbert_tf")
class Embedding(keras_nlp.layers.ReversibleEmbedding):
    """`keras_nlp.layers.ReversibleEmbedding`, right and fast in half precision.

    A row's gradient is the sum over all places that looked it up. In bfloat16 such a
    sum stops growing after some hundred terms, and GPUs add halves one by one where
    many go to one row, as of the segment embedding. Outputs are the same.

    Example:

    ```python
    vectors = Embedding(1000, 64, dtype="mixed_bfloat16")(np.array([[2, 17, 3]]))
    ```
    """

    def call(self, inputs, reverse=False):
        """Looks rows up, or computes logits.

        Args:
            inputs: int tensor of rows; or float tensor `(..., output_dim)`.
            reverse: bool. Whether to compute logits.

        Returns:
            float tensor `(..., output_dim)`; or `(..., input_dim)`.
        """
        if reverse:
            return super().call(inputs, reverse=True)
        table = tf.cast(self.embeddings, self.variable_dtype)
        return tf.cast(tf.gather(table, inputs), self.compute_dtype)
