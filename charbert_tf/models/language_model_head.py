"""The language models' head: logits in any precision, and its tensors."""

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.encoders.encoder_kind import HeadNames
from charbert_tf.state_dicts.weight_map import DENSE, WeightMap
from charbert_tf.third_party_internals import HeadParts, head_parts


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
        return tf.cast(logits, "float32") + tf.cast(self._bias, "float32")


def mlm_decoder(names: HeadNames) -> str:
    """Names the head's output matrix, which is the token embedding once more.

    Args:
        names: The `mlm_head` of the encoder's kind.

    Returns:
        The name of the tensor.
    """
    return f"{names.decoder}.weight"


def map_mlm_head(
    weight_map: WeightMap, pretrainer: keras_nlp.models.Task, names: HeadNames
) -> None:
    """Pairs the masked language model's head but for the token embedding.

    Args:
        weight_map: Gets the pairs.
        pretrainer: The model.
        names: The `mlm_head` of its encoder's kind.
    """
    head = head_parts(pretrainer.mlm_head)
    _map_transform(weight_map, head, names)
    # Some heads call it so themselves.
    copies = {f"{names.decoder}.bias"} - {names.bias}
    weight_map.add(head.bias, names.bias, optional_copies=list(copies))


def map_nlm_head(
    weight_map: WeightMap, pretrainer: keras_nlp.models.Task, names: HeadNames
) -> None:
    """Pairs the noisy language model's head, which may share MLM's layer norm.

    Args:
        weight_map: Gets the pairs.
        pretrainer: The model.
        names: The `released.nlm_head` of its encoder's kind.
    """
    head = head_parts(pretrainer.nlm_head)
    _map_transform(weight_map, head, names)
    weight_map.add(head.kernel, f"{names.decoder}.weight", layout=DENSE)
    weight_map.add(head.bias, names.bias)


def _map_transform(weight_map: WeightMap, head: HeadParts, names: HeadNames) -> None:
    weight_map.add_dense(head.dense, names.dense)
    weight_map.add_layer_norm(head.layer_norm, names.layer_norm)
