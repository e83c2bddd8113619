"""SentenceEmbedderSignature: an embedder as an exported model."""

import dataclasses
from collections.abc import Mapping, Sequence

import tensorflow as tf

from charbert_tf.families.serving_signature import ServingSignature


@dataclasses.dataclass(frozen=True)
class EmbeddedText:
    """The embedding of a text.

    Args:
        embedding: the numbers of the vector, whose length is 1.
    """

    embedding: tuple[float, ...]


class SentenceEmbedderSignature(ServingSignature):
    """`embedding` `(B, dim)`, float32, of `text`: `SentenceEmbedder.embed` of it."""

    inputs = (("text",),)
    outputs = ("embedding",)

    def predict(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Embeds texts; see the base class."""
        features = self._preprocessor(text)
        return {"embedding": self.model(features, training=False)}

    @classmethod
    def answers(cls, outputs: Mapping[str, list]) -> list[EmbeddedText]:
        """Returns the embeddings; see the base class."""
        return [EmbeddedText(tuple(numbers)) for numbers in outputs["embedding"]]

    @classmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes the numbers, with blanks between, and the text; see the base class."""
        return [
            f"{' '.join(f'{number:.6g}' for number in embedding)}\t{text}"
            for (text,), embedding in zip(texts, outputs["embedding"], strict=True)
        ]
