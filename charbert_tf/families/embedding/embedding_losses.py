"""Losses of a SentenceEmbedder: what it is for embeddings to be as they should.

All take embeddings of length 1, `(B, k, dim)`, of k texts that belong together.
"""

import keras
import tensorflow as tf

# A prediction counts as right that is not further off in training.
_RIGHT_WITHIN = 0.1


def cosine_similarities(embeddings: tf.Tensor) -> tf.Tensor:
    """Compares the first two texts of each example.

    Args:
        embeddings: float tensor `(B, 2, dim)`, each of length 1.

    Returns:
        float tensor `(B,)`, in [-1, 1].

    Example:
        >>> cosine_similarities(tf.constant([[[1.0, 0.0], [0.6, 0.8]]])).numpy()
        array([0.6], dtype=float32)
    """
    return tf.reduce_sum(embeddings[:, 0] * embeddings[:, 1], axis=-1)


@keras.saving.register_keras_serializable(package="charbert_tf")
class SimilarityLoss(keras.losses.Loss):
    """The squared error of a pair's cosine.

    It is that of Sentence-BERT (https://arxiv.org/abs/1908.10084, section 3).
    Similarities, `(B,)`, are those that the cosines are to have: from 0 to 1, or from
    -1 on for what means the opposite.

    Example:
        >>> embeddings = tf.constant([[[1.0, 0.0], [0.6, 0.8]]])
        >>> round(float(SimilarityLoss()(tf.constant([1.0]), embeddings)), 5)
        0.16
    """

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Computes the losses `(B,)`."""
        return self.losses(tf.reshape(y_true, [-1]), y_pred)

    @staticmethod
    def losses(labels: tf.Tensor, embeddings: tf.Tensor) -> tf.Tensor:
        """Computes the squared error of each pair.

        Args:
            labels: Similarities `(B,)`.
            embeddings: float32 tensor `(B, 2, dim)`.

        Returns:
            float32 tensor `(B,)`.
        """
        similarities = cosine_similarities(embeddings)
        return tf.square(tf.cast(labels, similarities.dtype) - similarities)

    @staticmethod
    def are_right(labels: tf.Tensor, embeddings: tf.Tensor) -> tf.Tensor:
        """Tells which cosines are off by a tenth at most.

        Args:
            labels: As for `losses`.
            embeddings: As for `losses`.

        Returns:
            bool tensor `(B,)`.
        """
        similarities = cosine_similarities(embeddings)
        errors = tf.abs(tf.cast(labels, similarities.dtype) - similarities)
        return errors <= _RIGHT_WITHIN


@keras.saving.register_keras_serializable(package="charbert_tf")
class TripletLoss(keras.losses.Loss):
    """By how much the negative is not further from the anchor than the positive is.

    `max(0, margin + cos(anchor, negative) - cos(anchor, positive))`: FaceNet's
    (https://arxiv.org/abs/1503.03832, equation 3) on cosines.

    Args:
        margin: float. How much further the negative is to be.
        **kwargs: Other arguments of a Keras loss.

    Example:
        >>> triplet = tf.constant([[[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]])
        >>> round(float(TripletLoss(margin=0.8)(tf.zeros(1), triplet)), 5)
        0.2
    """

    def __init__(self, margin: float = 0.5, **kwargs):
        super().__init__(**kwargs)
        self.margin = margin

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Computes the losses `(B,)`; `y_true` is unused."""
        near = cosine_similarities(y_pred)
        far = cosine_similarities(tf.gather(y_pred, [0, 2], axis=1))
        return tf.nn.relu(self.margin + far - near)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "margin": self.margin}


@keras.saving.register_keras_serializable(package="charbert_tf")
class InBatchNegativesLoss(keras.losses.Loss):
    """The cross-entropy of each anchor's positive among all texts of the batch.

    All positives of the others are negatives, and so are all negatives, if there are
    some (Henderson et al., 2017, https://arxiv.org/abs/1705.00652, section 4.4). So
    larger batches are harder.

    Args:
        scale: float. What cosines are multiplied by to be logits.
        **kwargs: Other arguments of a Keras loss.

    Example:
        >>> pairs = tf.constant([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]])
        >>> bool(InBatchNegativesLoss()(tf.zeros(2), pairs) < 1e-6)
        True
    """

    def __init__(self, scale: float = 20.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Computes the losses `(B,)`; `y_true` is unused."""
        candidates = tf.concat(tf.unstack(y_pred[:, 1:], axis=1), axis=0)
        logits = self.scale * tf.matmul(y_pred[:, 0], candidates, transpose_b=True)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.range(tf.shape(logits)[0]), logits
        )

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "scale": self.scale}


LOSSES = {
    "similarity": SimilarityLoss,
    "triplet": TripletLoss,
    "in_batch_negatives": InBatchNegativesLoss,
}
"""The losses by the names that `SentenceEmbedder.compile` takes."""


def usual_loss(num_texts: int, has_similarities: bool) -> keras.losses.Loss:
    """Chooses a loss by the shape of the data.

    Args:
        num_texts: int. How many texts of an example belong together.
        has_similarities: bool. Whether there is a `y`.

    Returns:
        The `SimilarityLoss` of pairs with similarities, the `TripletLoss` of triplets,
        else the `InBatchNegativesLoss` of pairs.

    Raises:
        ValueError: If there is none for such data.

    Example:
        >>> type(usual_loss(2, has_similarities=False)).__name__
        'InBatchNegativesLoss'
    """
    names = {(2, True): "similarity", (2, False): "in_batch_negatives"}
    name = (names | {(3, False): "triplet"}).get((num_texts, has_similarities))
    if name is None:
        labels = "with" if has_similarities else "without"
        raise ValueError(
            f"There is no loss for {num_texts} text(s) an example {labels} y: give "
            "pairs and their similarities as y, pairs, or triplets (anchor, positive, "
            "negative)."
        )
    return LOSSES[name]()
