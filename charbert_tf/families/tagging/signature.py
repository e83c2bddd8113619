"""TokenClassifierSignature: a tagger as an exported model."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from charbert_tf.families.serving_signature import ServingSignature
from charbert_tf.families.tagging.token_classifier_preprocessor import TokenizedWords
from charbert_tf.families.window_chunks import in_chunks
from charbert_tf.text.row_numbers import row_positions
from charbert_tf.text.word_splitter import WordSplitter
from charbert_tf.text.word_windows import best_places


class TokenClassifierSignature(ServingSignature):
    """`words`, `tags` (strings) and `probabilities` `(B, words)`, padded with `""`.

    Whatever the tokenizer, words are what white space and punctuation part, as in the
    files that taggers learn from, and are tokenized as those are.

    A text that is too long for the model is seen through windows of whole words, and a
    word's tag is that of the window that sees most around it.
    """

    inputs = (("text",),)
    output = "words"

    def __init__(self, model: tf.Module):
        super().__init__(model)
        self._split = WordSplitter()

    def predict(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Predicts tags; see the base class."""
        words = self._split(text)
        tokenized = self._preprocessor.tokenize(words)
        windows = self._preprocessor.windows(tokenized)
        parts = self._preprocessor.parts(tokenized, windows)
        (of_words,) = in_chunks(
            lambda rows: (self._logits_of_words(parts, rows),),
            tf.minimum(parts.token_ids.row_lengths(), self._preprocessor.room),
            (tf.TensorSpec([None, self.model.num_classes], tf.float32),),
        )
        tags, probabilities = self._best(
            tf.gather(of_words, best_places(windows, words))
        )
        return {
            "words": words.to_tensor(""),
            "tags": words.with_values(tags).to_tensor(""),
            "probabilities": words.with_values(probabilities).to_tensor(0.0),
        }

    def _logits_of_words(self, parts: TokenizedWords, rows: tf.Tensor) -> tf.Tensor:
        """Those of the words' first subwords, `(words of all rows, classes)`."""
        features, positions = self._preprocessor.features_and_positions(
            TokenizedWords(*(tf.gather(values, rows) for values in parts))
        )
        window, _ = row_positions(positions)
        return tf.gather_nd(
            self.model(features, training=False),
            tf.stack([window, positions.values], axis=1),
        )

    @classmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes a word and its tag a line, a blank one last; see the base class."""
        return [
            line
            for words, tags in zip(outputs["words"], outputs["tags"], strict=True)
            for line in [
                *(f"{w}\t{tag}" for w, tag in zip(words, tags, strict=True) if w),
                "",
            ]
        ]
