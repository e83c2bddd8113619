"""Embeddings: look-ups whose gradients are summed in float32.

A row's gradient is the sum over all places that looked it up. In bfloat16 such a sum
stops growing after some hundred terms, and GPUs add halves one by one where many go to
one row, as of the segment embedding. Outputs are those of the layers that these are
kinds of, and so are the names of their classes, which weights are saved under.
"""

import keras
import keras_nlp
import tensorflow as tf


@keras.saving.register_keras_serializable(package="charbert_tf")
class Embedding(keras.layers.Embedding):
    """`keras.layers.Embedding`, right and fast in half precision.

    Example:

    ```python
    vectors = Embedding(512, 64, dtype="mixed_bfloat16")(np.array([[0, 1, 2]]))
    ```
    """

    def call(self, inputs):
        """Looks rows up.

        Args:
            inputs: int tensor of rows.

        Returns:
            float tensor `(..., output_dim)`.
        """
        return _look_up(self, inputs)


@keras.saving.register_keras_serializable(package="charbert_tf")
class ReversibleEmbedding(keras_nlp.layers.ReversibleEmbedding):
    """`keras_nlp.layers.ReversibleEmbedding`, right and fast in half precision.

    Example:

    ```python
    vectors = ReversibleEmbedding(1000, 64, dtype="mixed_bfloat16")(np.array([[2, 3]]))
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
        return _look_up(self, inputs)


def _look_up(layer: keras.layers.Embedding, inputs: tf.Tensor) -> tf.Tensor:
    table = tf.cast(layer.embeddings, layer.variable_dtype)
    return tf.cast(tf.gather(table, inputs), layer.compute_dtype)
