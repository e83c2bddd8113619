"""SentenceEmbedder: a vector for each sentence."""

from collections.abc import Iterable
from typing import ClassVar

import keras
import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.encoders.text_vectors import embed_texts
from charbert_tf.families.embedding.embedding_losses import (
    LOSSES,
    SimilarityLoss,
    usual_loss,
)
from charbert_tf.families.embedding.sentence_embedder_preprocessor import (
    SentenceEmbedderPreprocessor,
)
from charbert_tf.families.embedding.signature import SentenceEmbedderSignature
from charbert_tf.families.problem_types import Criterion
from charbert_tf.models.charbert_backbone import is_charbert
from charbert_tf.models.encoder_task import EncoderTask

_OUTPUTS = {
    "both": ("sequence_output", "char_sequence_output"),
    "tokens": ("sequence_output",),
    "characters": ("char_sequence_output",),
}


@keras.saving.register_keras_serializable(package="charbert_tf")
class SentenceEmbedder(EncoderTask, keras_nlp.models.Task):
    """Turns sentences into vectors of length 1, whose products are cosines.

    The mean over the real tokens of `[T ; H]`, or of either channel (CharBERT, section
    3, https://arxiv.org/abs/2011.01513); on a plain encoder that of its tokens, as in
    Sentence-BERT (https://arxiv.org/abs/1908.10084). Then, if there is one, a
    projection, and the L2 norm.

    `fit` takes, as a tuple or a dict of texts,

    - pairs, and as `y` how similar they are, from 0 to 1;
    - triplets of an anchor, a positive and a negative;
    - pairs of an anchor and a positive, to which the others of the batch are negatives.

    Args:
        backbone: A `CharBertBackbone` or a plain keras-nlp encoder.
        preprocessor: A `SentenceEmbedderPreprocessor`, or `None` if inputs are features
            already.
        channels: What of a CharBERT the mean is of: `"both"`, `"tokens"` or
            `"characters"`.
        projection_dim: int. Size of the vectors, if they are projected. By default
            they are as wide as the encoder, or twice as wide with both channels.
        **kwargs: Other task arguments.

    Returns float32 `(B, dim)` under every policy for features `(B, T)`, and
    `(B, k, dim)` for those of k texts an example, `(B, k, T)`.

    Raises:
        ValueError: If there are no such channels.

    Example:

    ```python
    embedder = charbert_tf.SentenceEmbedder.from_preset("my_preset")
    embedder.fit(x=(["a fine film", "dull"], ["a good film", "boring"]))
    embeddings = embedder.embed(["a fine film", "a borign film"])
    embeddings @ embeddings.T  # cosines
    ```
    """

    preprocessor_cls = SentenceEmbedderPreprocessor
    signature_cls = SentenceEmbedderSignature
    problem: ClassVar[Criterion] = SimilarityLoss
    labels = ()  # There are no classes.

    def __init__(
        self,
        backbone: keras_nlp.models.Backbone,
        preprocessor: SentenceEmbedderPreprocessor | None = None,
        channels: str = "both",
        projection_dim: int | None = None,
        **kwargs,
    ):
        if channels not in _OUTPUTS:
            raise ValueError(f"Channels are one of {[*_OUTPUTS]}, not {channels!r}.")
        has_characters = is_charbert(backbone)
        if channels == "characters" and not has_characters:
            raise ValueError("A plain encoder has no channel of characters.")
        # === Layers ===
        self.backbone = backbone
        self.preprocessor = preprocessor
        # Means and lengths stay float32 under a mixed policy.
        self.token_mean = keras.layers.GlobalAveragePooling1D(
            dtype="float32", name="token_mean"
        )
        if projection_dim is not None:
            self.projection = keras.layers.Dense(
                projection_dim, use_bias=False, dtype="float32", name="projection"
            )
        self.unit_length = keras.layers.UnitNormalization(
            dtype="float32", name="unit_length"
        )

        # === Functional Model ===
        inputs = backbone.input
        outputs = backbone(inputs)
        mask = keras.ops.cast(inputs["padding_mask"], "bool")
        if has_characters:
            sequences = [outputs[name] for name in _OUTPUTS[channels]]
        else:
            is_dict = isinstance(outputs, dict)
            sequences = [outputs["sequence_output"] if is_dict else outputs]
        means = [self.token_mean(sequence, mask=mask) for sequence in sequences]
        embeddings = means[0] if len(means) == 1 else keras.ops.concatenate(means, -1)
        if projection_dim is not None:
            embeddings = self.projection(embeddings)
        super().__init__(inputs=inputs, outputs=self.unit_length(embeddings), **kwargs)
        # Features of several texts an example have another axis, see `call`.
        self.input_spec = None

        # === Config ===
        self.channels = channels
        self.projection_dim = projection_dim

    def call(self, inputs, training=None, mask=None):
        """Embeds texts, all of those that belong together at once.

        Args:
            inputs: Features `(B, T)` or `(B, k, T)`.
            training: Whether dropout is on.
            mask: Unused.
        """
        shape = inputs["token_ids"].shape
        if len(shape) == 2:
            return super().call(inputs, training=training)
        rows = {
            name: tf.reshape(values, [-1, tf.shape(values)[2]])
            for name, values in inputs.items()
        }
        embeddings = super().call(rows, training=training)
        return tf.reshape(embeddings, [-1, shape[1], embeddings.shape[-1]])

    def compile(self, optimizer="auto", loss="auto", *, metrics="auto", **kwargs):
        """Configures training; by default AdamW, and a loss that fits the data.

        Args:
            optimizer: A Keras optimizer, or `"auto"`.
            loss: `"similarity"`, `"triplet"`, `"in_batch_negatives"`, a Keras loss of
                `y` and of embeddings `(B, k, dim)`, or `"auto"`: see `usual_loss`.
            metrics: Keras metrics and functions of `y` and of embeddings, or `"auto"`
                for none.
            **kwargs: Other arguments of `keras.Model.compile`, but for `loss_weights`:
                there is one loss.

        Raises:
            ValueError: If there is no such loss, or a metric is a name: Keras's
                compare `y` with what has its shape.
        """
        if optimizer == "auto":
            optimizer = keras.optimizers.AdamW(2e-5)
        if loss == "auto":
            # Chosen when there are data.
            loss = None
        elif isinstance(loss, str) and loss in LOSSES:
            loss = LOSSES[loss]()
        elif not isinstance(loss, keras.losses.Loss | None):
            names = ", ".join(map(repr, LOSSES))
            raise ValueError(
                f"The loss is 'auto', one of {names}, or a keras.losses.Loss of `y` "
                f"and of embeddings, not {loss!r}."
            )
        if kwargs.get("loss_weights") is not None:
            raise ValueError("A SentenceEmbedder has one loss: leave out loss_weights.")
        metrics = None if metrics == "auto" else metrics
        for name in keras.tree.flatten([metrics, kwargs.get("weighted_metrics")]):
            if isinstance(name, str):
                raise ValueError(
                    f"The metric {name!r} compares `y` with numbers, and the model "
                    "returns vectors: give a function of `y` and of embeddings "
                    "(B, k, dim)."
                )
        # Keras keeps an earlier one where there is none.
        self.loss = None
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def compute_loss(
        self,
        x: dict[str, tf.Tensor] | None = None,
        y: tf.Tensor | None = None,
        y_pred: tf.Tensor | None = None,
        sample_weight: tf.Tensor | None = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Computes the loss of `compile`, or the usual one for such data.

        Args:
            x: Unused.
            y: Similarities `(B,)`, or `None`.
            y_pred: Embeddings `(B, k, dim)`.
            sample_weight: Weights `(B,)`, or `None`.
            training: Unused.

        Returns:
            A scalar, with what layers add, such as regularisers.
        """
        loss = self.loss
        if loss is None:
            num_texts = 1 if len(y_pred.shape) == 2 else y_pred.shape[1]
            loss = usual_loss(num_texts, y is not None)
        if y is None:
            y = tf.zeros(tf.shape(y_pred)[:1])
        # Keras divides its own losses among replicas, too.
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        added = [
            tf.cast(tf.reduce_sum(one), tf.float32) / replicas for one in self.losses
        ]
        return tf.add_n([loss(y, y_pred, sample_weight=sample_weight), *added])

    def embed(self, texts: Iterable[str]) -> np.ndarray:
        """Embeds any number of texts, in batches of about equally long ones.

        Args:
            texts: The texts, a list, an array, a generator or any other iterable. Ends
                that are beyond the preprocessor's `sequence_length` are not seen.

        Returns:
            float32 array `(texts, dim)`, in their order.

        Raises:
            TypeError: If it is a single text.
            ValueError: If the model has no preprocessor.
        """
        if self.preprocessor is None:
            raise ValueError("The model needs its preprocessor to embed texts.")
        self.check_preprocessor()

        def vectors(features):
            return self(features, training=False)

        return embed_texts(self, self.preprocessor, vectors, texts)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "channels": self.channels,
            "projection_dim": self.projection_dim,
        }
