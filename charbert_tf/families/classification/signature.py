"""TextClassifierSignature: a classifier as an exported model."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from charbert_tf.families.serving_signature import ServingSignature


class TextClassifierSignature(ServingSignature):
    """`label` and `probability` `(B,)`; `labels` and `probabilities` `(B, classes)`.

    It takes `text`, and of pairs `text_pair`.
    """

    inputs = (("text",), ("text", "text_pair"))
    output = "label"

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of one text or of both; see the base class."""
        return self.inputs[bool(self.model.takes_pairs)]

    def predict(
        self, text: tf.Tensor, text_pair: tf.Tensor | None = None
    ) -> dict[str, tf.Tensor]:
        """Predicts labels; see the base class."""
        texts = (text,) if text_pair is None else (text, text_pair)
        logits = self.model(self._preprocessor(texts), training=False)
        label, probability = self._best(logits)
        return {
            "label": label,
            "probability": probability,
            "labels": tf.tile(self._labels[None], [tf.shape(text)[0], 1]),
            "probabilities": tf.nn.softmax(logits),
        }

    @classmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes label, probability and text; see the base class."""
        return [
            f"{label}\t{probability:.3f}\t{text}"
            for text, label, probability in zip(
                map("\t".join, texts),
                outputs["label"],
                outputs["probability"],
                strict=True,
            )
        ]
