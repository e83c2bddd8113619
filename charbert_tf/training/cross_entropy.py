"""CrossEntropy: the objective of pretraining and of fine-tuning."""

import keras
import tensorflow as tf

from charbert_tf.training.objective import Term


class CrossEntropy:
    """The cross-entropy of each of a model's outputs.

    Args:
        model: A model that returns logits, or a dict of them.

    A batch is `(features, labels)` or `(features, labels, weights)`, labels and
    weights of the outputs' structure.

    Example:

    ```python
    terms = CrossEntropy(classifier)((features, labels), training=False)
    terms["loss"].correct / terms["loss"].weight  # the accuracy
    ```
    """

    def __init__(self, model: keras.Model):
        self.model = model

    def __call__(self, batch: tuple, training: bool) -> dict[str, Term]:
        """Computes the terms.

        Args:
            batch: Features, labels and weights.
            training: Whether dropout is on.

        Returns:
            A term for each output, named after it (`"mlm"` for `"mlm_logits"`), or
            `"label"` for a model with one output.
        """
        features, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
        logits = self.model(features, training=training)
        if not isinstance(logits, dict):
            logits, labels, weights = (
                {"label_logits": value} for value in (logits, labels, weights)
            )
        return {
            name.removesuffix("_logits"): _term(
                logits[name], labels[name], weights[name]
            )
            for name in logits
        }


def _term(logits, labels, weights) -> Term:
    logits = tf.cast(logits, tf.float32)
    weights = tf.ones_like(labels) if weights is None else weights
    weights = tf.cast(weights, tf.float32)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    is_right = tf.argmax(logits, -1, tf.int32) == tf.cast(labels, tf.int32)
    return Term(
        tf.reduce_sum(loss * weights),
        tf.reduce_sum(tf.cast(is_right, tf.float32) * weights),
        tf.reduce_sum(weights),
    )
