"""TextClassifier: a label for a text or a pair of texts."""

from collections.abc import Sequence

import keras
import keras_nlp

from charbert_tf.families.classification.signature import TextClassifierSignature
from charbert_tf.families.classification.text_classifier_preprocessor import (
    TextClassifierPreprocessor,
)
from charbert_tf.models.charbert_backbone import CharBertBackbone
from charbert_tf.models.encoder_task import EncoderTask, token_representation


@keras.saving.register_keras_serializable(package="charbert_tf")
class TextClassifier(EncoderTask):
    """Classifies texts and pairs of texts.

    On a `CharBertBackbone`: the mean over the real tokens of `[T ; H]`, dropout and a
    dense layer (CharBERT, section 4.1, https://arxiv.org/abs/2011.01513); not the
    first position, which has no characters. On a plain encoder the usual head: its
    pooled first position, dropout and a dense layer; an encoder without a pooler gets
    a new one. The mean leaves out padded positions if the backbone masks them.

    Args:
        backbone: A `CharBertBackbone` or a plain keras-nlp encoder.
        num_classes: int. Number of labels.
        preprocessor: A `TextClassifierPreprocessor`, or `None` if inputs are features
            already.
        dropout: float. Rate before the dense layer. Defaults to 0.1.
        labels: The classes' names, for predictions and exported models.
        takes_pairs: bool. Whether it classifies pairs, for exported models, and for
            commands, which refuse texts that are not what it was trained on. `None`,
            the default, leaves it unsaid: `fit` does not tell, so commands take the
            user's word for it, and an exported model takes single texts.
        **kwargs: Other task arguments.

    Returns logits, float32 `(B, num_classes)` under every policy, for features as
    `TextClassifierPreprocessor` makes them.

    Example:

    ```python
    classifier = charbert_tf.TextClassifier.from_preset("my_preset", num_classes=2)
    classifier.fit(x=["a fine film", "a borign film"], y=[1, 0])
    ```
    """

    preprocessor_cls = TextClassifierPreprocessor
    signature_cls = TextClassifierSignature

    def __init__(
        self,
        backbone: keras_nlp.models.Backbone,
        num_classes: int,
        preprocessor: TextClassifierPreprocessor | None = None,
        dropout: float = 0.1,
        labels: Sequence[str] | None = None,
        takes_pairs: bool | None = None,
        **kwargs,
    ):
        # === Layers ===
        self.backbone = backbone
        self.preprocessor = preprocessor
        is_charbert = isinstance(backbone, CharBertBackbone)
        if is_charbert:
            self.token_mean = keras.layers.GlobalAveragePooling1D(
                dtype=backbone.dtype_policy, name="token_mean"
            )
        elif not hasattr(backbone, "pooled_dense"):
            self.pooled_dense = keras.layers.Dense(
                backbone.hidden_dim,
                activation="tanh",
                kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.02),
                dtype=backbone.dtype_policy,
                name="pooled_dense",
            )
        self.output_dropout = keras.layers.Dropout(
            dropout, dtype=backbone.dtype_policy, name="output_dropout"
        )
        self.output_dense = keras.layers.Dense(
            num_classes,
            kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.02),
            # Logits stay float32 for the softmax under a mixed policy.
            dtype="float32",
            name="logits",
        )

        # === Functional Model ===
        inputs = backbone.input
        outputs = backbone(inputs)
        tokens = token_representation(backbone, outputs)
        if is_charbert:
            mask = keras.ops.cast(inputs["padding_mask"], "bool")
            text = self.token_mean(tokens, mask=mask if backbone.mask_padding else None)
        elif hasattr(backbone, "pooled_dense"):
            text = outputs["pooled_output"]
        else:
            text = self.pooled_dense(tokens[:, 0, :])
        logits = self.output_dense(self.output_dropout(text))
        super().__init__(inputs=inputs, outputs=logits, **kwargs)

        # === Config ===
        self.num_classes = num_classes
        self.dropout = dropout
        self.labels = None if labels is None else list(labels)
        self.takes_pairs = takes_pairs

    def compile(self, optimizer="auto", loss="auto", *, metrics="auto", **kwargs):
        """Configures training; by default AdamW on the cross-entropy of the labels.

        Args:
            optimizer: A Keras optimizer, or `"auto"`.
            loss: A Keras loss on logits, or `"auto"`.
            metrics: Keras metrics, or `"auto"` for the accuracy.
            **kwargs: Other arguments of `keras.Model.compile`.
        """
        if optimizer == "auto":
            optimizer = keras.optimizers.AdamW(5e-5)
        if loss == "auto":
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        if metrics == "auto":
            metrics = [keras.metrics.SparseCategoricalAccuracy("accuracy")]
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "dropout": self.dropout,
            "labels": self.labels,
            "takes_pairs": self.takes_pairs,
        }
