"""TokenClassifierPreprocessor: sentences of words, with tags, to features."""

import keras
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.text.row_numbers import row_numbers
from charbert_tf.text.subword_tokenizer import Subwords
from charbert_tf.text.word_splitter import valid_utf8
from charbert_tf.text.word_windows import word_windows


@keras.saving.register_keras_serializable(package="charbert_tf")
class TokenClassifierPreprocessor(CharBertPreprocessor):
    """Turns sentences, given as words, into features for a `TokenClassifier`.

    Arguments are those of `CharBertPreprocessor`. Every word has at least one
    subword; its tag stands at the first.

    Example:

    ```python
    preprocessor = charbert_tf.TokenClassifierPreprocessor(tokenizer, characters)
    words = tf.ragged.constant([["EU", "rejects", "German", "call"]])
    tag_ids = tf.ragged.constant([[1, 0, 2, 0]])
    features, tags, weights = preprocessor(words, tag_ids)
    ```
    """

    def call(self, x, y=None, sample_weight=None):
        """Makes features, and labels at the words' first subwords.

        Args:
            x: string ragged tensor `(B, words)`.
            y: int ragged tensor `(B, words)` of tag ids.
            sample_weight: float tensor `(B,)`, a weight for each sentence.

        Returns:
            The features; or, with `y`, the features, tag ids `(B, T)` and weights
            `(B, T)`: 1 (or the sentence's) at a word's first subword, 0 elsewhere.
        """
        features, positions = self.features_and_positions(x)
        if y is None:
            return features
        tags, weights = self._scatter_tags(
            _ragged(y, tf.int32), positions, tf.shape(features["token_ids"])
        )
        if sample_weight is not None:
            weights *= tf.cast(sample_weight, weights.dtype)[:, None]
        return features, tags, weights

    def word_positions(self, x: tf.RaggedTensor) -> tf.RaggedTensor:
        """Where each word's first subword is.

        Args:
            x: string ragged tensor `(B, words)`.

        Returns:
            int32 ragged tensor `(B, words)`; -1 for words beyond `sequence_length`.
        """
        words = _ragged(x, tf.string)
        return self._first_positions(words, self._subwords(words)[1])

    def features_and_positions(
        self, x: tf.RaggedTensor
    ) -> tuple[dict[str, tf.Tensor], tf.RaggedTensor]:
        """What `call` and `word_positions` give, tokenized once.

        Args:
            x: string ragged tensor `(B, words)`.

        Returns:
            The features and the positions.
        """
        words = _ragged(x, tf.string)
        subwords, word_of_subword = self._subwords(words)
        return (
            self.features([subwords], self._num_ends_of_sentence()),
            self._first_positions(words, word_of_subword),
        )

    @property
    def room(self) -> int:
        """The most subwords of a sentence; what is beyond is cut off, see `windows`."""
        return self.packer.room(sum(self._num_ends_of_sentence()))

    def subword_counts(self, x: tf.RaggedTensor) -> tf.RaggedTensor:
        """How many subwords each word has.

        Args:
            x: string ragged tensor `(B, words)`.

        Returns:
            int32 ragged tensor `(B, words)`, at least 1 each.
        """
        words = _ragged(x, tf.string)
        of_words = self.subword_tokenizer.at_least_one(valid_utf8(words.values))
        counts = of_words.token_ids.row_lengths()
        return words.with_values(tf.cast(counts, tf.int32))

    def windows(self, x: tf.RaggedTensor) -> tf.RaggedTensor:
        """Cuts sentences into windows of whole words that the features hold whole.

        Args:
            x: string ragged tensor `(B, words)`.

        Returns:
            int32 ragged tensor `(B, windows, words)`, see `word_windows`.
        """
        return word_windows(self.subword_counts(x), self.room)

    def _subwords(self, words: tf.RaggedTensor):
        """Subwords of the sentences `(B, subwords)`, and which word each is of."""
        of_words = self.subword_tokenizer.at_least_one(valid_utf8(words.values))

        def join(values):
            return words.with_values(values).merge_dims(1, 2)

        subwords = Subwords(*(join(values) for values in of_words))
        word = row_numbers(tf.cast(of_words.token_ids.row_lengths(), tf.int32))
        return subwords, subwords.token_ids.with_values(word)

    def _num_ends_of_sentence(self) -> list[int]:
        return [self.subword_tokenizer.sentence_ends]

    def _first_positions(self, words, word_of_subword) -> tf.RaggedTensor:
        """Positions counted from the start token at 0."""
        position = tf.ragged.range(word_of_subword.row_lengths()).values + 1
        first = tf.math.segment_min(position, word_of_subword.values)
        first = tf.where(first <= self.room, first, -1)
        return words.with_values(tf.cast(first, tf.int32))

    def _scatter_tags(self, tags, positions, shape):
        row = tags.value_rowids()
        is_inside = positions.values >= 0
        index = tf.stack([tf.cast(row, tf.int32), positions.values], axis=1)
        index = tf.boolean_mask(index, is_inside)
        values = tf.boolean_mask(tags.values, is_inside)
        return (
            tf.scatter_nd(index, values, shape),
            tf.scatter_nd(index, tf.ones_like(values, tf.float32), shape),
        )


def _ragged(values, dtype) -> tf.RaggedTensor:
    """Rows of equal length arrive as a dense tensor, whatever they were made from."""
    if isinstance(values, tf.RaggedTensor):
        return values
    if isinstance(values, tf.Tensor):
        return tf.RaggedTensor.from_tensor(values)
    return tf.ragged.constant(values, dtype, ragged_rank=1)
