"""EmbeddingHead: pairs of texts as a SentenceEmbedder takes them."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.cut_texts import tell_of_cut_texts
from charbert_tf.families.embedding.embedding_losses import cosine_similarities
from charbert_tf.families.embedding.sentence_embedder import SentenceEmbedder
from charbert_tf.families.family_head import FamilyHead, text_lengths
from charbert_tf.graphs.batching import RowComputation


class EmbeddingHead(FamilyHead):
    """Pairs of texts as a `SentenceEmbedder` takes them.

    Args:
        highest_score: What a cosine of 1 stands for.
        channels: Of a new model; `None` for the usual ones.
        projection_dim: int. Of a new model.
    """

    head_cls = SentenceEmbedder

    def __init__(
        self,
        highest_score: float = 5.0,
        channels: str | None = None,
        projection_dim: int | None = None,
    ):
        self._highest_score = highest_score
        given = {"channels": channels, "projection_dim": projection_dim}
        self._arguments = {name: v for name, v in given.items() if v is not None}

    def inputs(self, examples: Sequence[LabelledText]) -> tuple[tf.Tensor, ...]:
        """Returns two string tensors `(N,)`; see the base class."""
        return (
            tf.constant([example.text for example in examples], tf.string),
            tf.constant([example.text_pair for example in examples], tf.string),
        )

    def label_ids(
        self, examples: Sequence[LabelledText], labels: Sequence[str]
    ) -> tf.Tensor:
        """Returns the cosines that are wanted, float32 `(N,)`; see the base class."""
        scores = np.array([example.label for example in examples], "float32")
        return tf.constant(scores / self._highest_score, tf.float32)

    def lengths(
        self, model: SentenceEmbedder, examples: Sequence[LabelledText]
    ) -> np.ndarray:
        """Returns tokens and characters `(N, 2)`; see the base class."""
        tokens = text_lengths(model.preprocessor, self.inputs(examples))
        characters = [max(len(e.text), len(e.text_pair)) for e in examples]
        return np.stack([tokens, characters], axis=1)

    def tell_what_is_lost(
        self, model: SentenceEmbedder, windows: Sequence[LabelledText]
    ) -> None:
        """Says how many pairs have a text that is cut; see the base class."""
        preprocessor = model.preprocessor
        is_cut = self.lengths(model, windows)[:, 0] > preprocessor.text_room()
        tell_of_cut_texts(
            int(is_cut.sum()),
            len(windows),
            f"{preprocessor.sequence_length} tokens",
            "raise --sequence_length",
            what="pairs have texts that",
        )

    def arguments(self, labels: Sequence[str]) -> dict[str, object]:
        """Returns those that were given; see the base class."""
        return self._arguments

    def predictor(
        self, model: SentenceEmbedder
    ) -> Callable[[Sequence[LabelledText]], list[float]]:
        """Returns what gives each example a score; see the base class."""
        computation = RowComputation(
            model.preprocessor,
            lambda features: cosine_similarities(model(features, training=False)),
        )
        return lambda examples: self._scores(
            computation((self.inputs(examples),), self.lengths(model, examples))
        )

    def predict_served(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[LabelledText],
    ) -> list[float]:
        """Returns scores of the served model's `embedding`; see the base class."""
        first, second = (
            np.array(served(text=[text(example) for example in examples])["embedding"])
            for text in (lambda e: e.text, lambda e: e.text_pair)
        )
        return self._scores((first * second).sum(axis=-1))

    def _scores(self, cosines: Sequence[float]) -> list[float]:
        return [self._highest_score * float(cosine) for cosine in cosines]
