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

    def weights(self, batch: tuple) -> dict[str, tf.Tensor]:
        """Sums the labels' weights.

        Args:
            batch: Features, labels and weights.

        Returns:
            A float32 scalar for each term.
        """
        _, targets = _by_term(batch)
        return {name: tf.reduce_sum(weights) for name, (_, weights) in targets.items()}

    def __call__(
        self, batch: tuple, training: bool, whole: tuple | None = None
    ) -> dict[str, Term]:
        """Computes the terms.

        Args:
            batch: Features, labels and weights.
            training: Whether dropout is on.
            whole: Unused: an example's loss depends on no other example.

        Returns:
            A term for each output, named after it (`"mlm"` for `"mlm_logits"`), or
            `"label"` for a model with one output.
        """
        features, targets = _by_term(batch)
        logits = self.model(features, training=training)
        if not isinstance(logits, dict):
            logits = {"label_logits": logits}
        return {
            name: _term(logits[f"{name}_logits"], *target)
            for name, target in targets.items()
        }


def _by_term(batch):
    """The features, and each term's labels and weights."""
    features, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
    if not isinstance(labels, dict):
        labels, weights = {"label_logits": labels}, {"label_logits": weights}
    targets = {}
    for name, label in labels.items():
        weight = tf.ones_like(label) if weights[name] is None else weights[name]
        targets[name.removesuffix("_logits")] = label, tf.cast(weight, tf.float32)
    return features, targets


def _term(logits, labels, weights) -> Term:
    logits = tf.cast(logits, tf.float32)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    is_right = tf.argmax(logits, -1, tf.int32) == tf.cast(labels, tf.int32)
    return Term(
        tf.reduce_sum(loss * weights),
        tf.reduce_sum(tf.cast(is_right, tf.float32) * weights),
        tf.reduce_sum(weights),
    )
