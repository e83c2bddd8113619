"""TokenClassifier: a tag for every word."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import keras_nlp

from charbert_tf.encoders.encoder_kind import ReleasedNames
from charbert_tf.encoders.transformer_encoder import initializer
from charbert_tf.families.asked_model import as_texts, ask, one_or_all
from charbert_tf.families.class_names import ClassNames
from charbert_tf.families.tagging.signature import TaggedText, TokenClassifierSignature
from charbert_tf.families.tagging.token_classifier_preprocessor import (
    TokenClassifierPreprocessor,
)
from charbert_tf.models.charbert_preprocessor import copied
from charbert_tf.models.cross_entropies import loss_on_outputs
from charbert_tf.models.encoder_task import EncoderTask, token_representation
from charbert_tf.models.label_ids import check_class_ids
from charbert_tf.models.metrics_on_outputs import metrics_on_outputs
from charbert_tf.models.released_head import ReleasedDense


class _ReleasedTokenClassifier(ReleasedDense):
    architecture = "ForTokenClassification"
    labelled = "tokens"
    folder_mark = "token"

    def output_name(self, names: ReleasedNames) -> str:
        return "classifier"


@keras.saving.register_keras_serializable(package="charbert_tf")
class TokenClassifier(ClassNames, EncoderTask, keras_nlp.models.Task):
    """Dropout and a dense layer on each token: NER, part-of-speech tags.

    On a `CharBertBackbone` the dense layer reads both channels, `[T ; H]` (CharBERT,
    section 4.1, https://arxiv.org/abs/2011.01513); on a plain encoder its output. A
    word's tag is read at its first subword.

    Args:
        backbone: A `CharBertBackbone` or a plain keras-nlp encoder.
        num_classes: int. Number of tags.
        preprocessor: A `TokenClassifierPreprocessor`, or `None` if inputs are
            features already.
        dropout: float. Rate before the dense layer. Defaults to 0.1.
        labels: The classes' names, for tags that are text, predictions and exported
            models.
        **kwargs: Other task arguments.

    Raises:
        ValueError: If there are not as many labels as tags, or one is there twice.

    Returns logits, float32 `(B, T, num_classes)` under every policy, for features as
    `TokenClassifierPreprocessor` makes them.

    Example:

    ```python
    tagger = charbert_tf.TokenClassifier.from_preset(
        "my_preset", num_classes=3, labels=["O", "B-ORG", "B-MISC"]
    )
    words = [["EU", "rejects", "German", "call"], ["it", "does"]]
    tagger.fit(words, [["B-ORG", "O", "B-MISC", "O"], ["O", "O"]])
    tagger.tag("EU rejects German call").entities
    ```
    """

    preprocessor_cls = TokenClassifierPreprocessor
    signature_cls = TokenClassifierSignature
    released_head = _ReleasedTokenClassifier()

    def __init__(
        self,
        backbone: keras_nlp.models.Backbone,
        num_classes: int,
        preprocessor: TokenClassifierPreprocessor | None = None,
        dropout: float = 0.1,
        labels: Sequence[str] | None = None,
        **kwargs,
    ):
        # === Layers ===
        self.backbone = backbone
        self.preprocessor = preprocessor
        self.output_dropout = keras.layers.Dropout(
            dropout, dtype=backbone.dtype_policy, name="output_dropout"
        )
        self.output_dense = keras.layers.Dense(
            num_classes,
            kernel_initializer=initializer(),
            # Logits stay float32 for the softmax under a mixed policy.
            dtype="float32",
            name="logits",
        )

        # === Functional Model ===
        inputs = backbone.input
        tokens = token_representation(backbone, backbone(inputs))
        logits = self.output_dense(self.output_dropout(tokens))
        super().__init__(inputs=inputs, outputs=logits, **kwargs)

        # === Config ===
        self.num_classes = num_classes
        self.dropout = dropout
        self.labels = labels

    def compile(
        self,
        optimizer="auto",
        loss="auto",
        *,
        metrics=None,
        weighted_metrics="auto",
        **kwargs,
    ):
        """Configures training; by default AdamW on the cross-entropy of the tags.

        Args:
            optimizer: A Keras optimizer, or `"auto"`.
            loss: A Keras loss on logits, or `"auto"`. A name or a function is one of
                logits, too.
            metrics: Keras metrics of all subwords. Those of probabilities see
                probabilities.
            weighted_metrics: Metrics of the words' first subwords, likewise, or
                `"auto"` for the accuracy.
            **kwargs: Other arguments of `keras.Model.compile`.

        Raises:
            ValueError: If a cross-entropy is one of probabilities.
        """
        if optimizer == "auto":
            optimizer = keras.optimizers.AdamW(5e-5)
        if loss == "auto":
            loss = keras.losses.SparseCategoricalCrossentropy(
                from_logits=True, reduction="mean_with_sample_weight"
            )
        if weighted_metrics == "auto":
            weighted_metrics = ["accuracy"]
        super().compile(
            optimizer=optimizer,
            loss=loss_on_outputs(loss, from_logits=True),
            metrics=metrics_on_outputs(metrics, from_logits=True),
            weighted_metrics=metrics_on_outputs(weighted_metrics, from_logits=True),
            **kwargs,
        )

    def label_ids(self, y: Any) -> Any:
        """Looks names of tags up, and refuses numbers that are no tag's.

        Args:
            y: Tags.

        Returns:
            Tags as the preprocessor takes them.

        Raises:
            ValueError: If one is not among `labels`, or its number is not below
                `num_classes`.
        """
        y = super().label_ids(y)
        check_class_ids(y, self.num_classes)
        return y

    def tag(self, texts: Iterable[str] | str) -> list[TaggedText] | TaggedText:
        """Tags the words of texts of any length, and finds the entities among them.

        Words are what white space and punctuation part, as in the exported model,
        whose answers these are. A text that is too long for the model is seen through
        windows that overlap.

        Args:
            texts: Any iterable of texts, which is read in batches, or a single text.

        Returns:
            A `TaggedText` for each; of a single text its own. Places are characters
            (Unicode code points) of the text.

        Raises:
            ValueError: If the model lacks its preprocessor or the names of its tags.
        """
        return one_or_all(texts, ask(self, ((text,) for text in as_texts(texts))))

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "dropout": self.dropout,
            "labels": copied(self.labels),
        }
