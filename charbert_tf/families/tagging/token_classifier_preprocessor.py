"""TokenClassifierPreprocessor: sentences of words, with tags, to features."""

from typing import ClassVar, NamedTuple

import keras
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.models.one_or_many import takes_one_or_many
from charbert_tf.text.rows import row_pieces, row_positions
from charbert_tf.text.word_splitter import valid_utf8
from charbert_tf.text.word_windows import word_windows, words_of_windows


class TokenizedWords(NamedTuple):
    """Sentences whose words have been tokenized.

    Attributes:
        token_ids: int32 ragged tensor `(B, subwords)`.
        surfaces: string ragged tensor `(B, subwords)`: the characters of each.
        subword_counts: int32 ragged tensor `(B, words)`: the subwords of each word, at
            least one.
    """

    token_ids: tf.RaggedTensor
    surfaces: tf.RaggedTensor
    subword_counts: tf.RaggedTensor


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

    has_parts: ClassVar[bool] = False

    @takes_one_or_many(rank=1)
    def call(self, x, y=None, sample_weight=None):
        """Makes features, and labels at the words' first subwords.

        Args:
            x: string ragged tensor `(B, words)`, or what `tokenize` makes of it. Or
                the words of one sentence, `(words,)`: then all has no batch axis.
            y: int ragged tensor `(B, words)` of tag ids.
            sample_weight: float tensor `(B,)`, a weight for each sentence.

        Returns:
            The features; or, with `y`, the features, tag ids `(B, T)` and weights
            `(B, T)`: 1 (or the sentence's) at a word's first subword, 0 elsewhere.
        """
        features, positions = self.features_and_positions(x)
        if y is None:
            return features
        tags = _ragged(y, tf.int32)
        if tags.shape.rank != 2:
            raise ValueError(
                "`x` has to be lists of words, not texts, and `y` has a tag for each."
            )
        have_all_tags = tf.debugging.assert_equal(
            *(tags.row_lengths(), positions.row_lengths()),
            "each word in `x` has to have a tag in `y`",
        )
        # In a graph what follows has errors of its own.
        with tf.control_dependencies([have_all_tags]):
            tags = tf.nest.map_structure(tf.identity, tags, expand_composites=True)
        tags, weights = self._scatter_tags(
            tags, positions, tf.shape(features["token_ids"])
        )
        if sample_weight is not None:
            weights *= tf.cast(sample_weight, weights.dtype)[:, None]
        return features, tags, weights

    def noised(
        self,
        x: tf.RaggedTensor,
        y: tf.RaggedTensor,
        example_ids: tf.Tensor,
        seed: int | tf.Tensor,
    ) -> tuple:
        """Noises the words, whose tags stay; see the base class."""
        words = _ragged(x, tf.string)
        words = words.with_values(valid_utf8(words.values))
        return self.training_noise.words(words, example_ids, seed), y

    def tokenize(self, x: tf.RaggedTensor | TokenizedWords) -> TokenizedWords:
        """Tokenizes the words of sentences.

        Args:
            x: string ragged tensor `(B, words)`.

        Returns:
            The sentences; `x` itself, if it has been tokenized.
        """
        if isinstance(x, TokenizedWords):
            return x
        words = _ragged(x, tf.string)
        of_words = self.subword_tokenizer.at_least_one(valid_utf8(words.values))
        counts = tf.cast(of_words.token_ids.row_lengths(), tf.int32)
        return TokenizedWords(
            words.with_values(of_words.token_ids).merge_dims(1, 2),
            words.with_values(of_words.surfaces).merge_dims(1, 2),
            words.with_values(counts),
        )

    def word_positions(self, x: tf.RaggedTensor | TokenizedWords) -> tf.RaggedTensor:
        """Where each word's first subword is.

        Args:
            x: As `tokenize` takes it.

        Returns:
            int32 ragged tensor `(B, words)`; -1 for words beyond `sequence_length`.
        """
        counts = self.tokenize(x).subword_counts
        # Counted from the start token at 0.
        first = 1 + _counted_before(counts)
        return counts.with_values(tf.where(first <= self.room, first, -1))

    def features_and_positions(
        self, x: tf.RaggedTensor | TokenizedWords
    ) -> tuple[dict[str, tf.Tensor], tf.RaggedTensor]:
        """What `call` and `word_positions` give, tokenized once.

        Args:
            x: As `tokenize` takes it.

        Returns:
            The features and the positions.
        """
        words = self.tokenize(x)
        features = self.features([words], self._num_ends_of_sentence())
        return features, self.word_positions(words)

    @property
    def room(self) -> int:
        """The most subwords of a sentence; what is beyond is cut off, see `windows`."""
        return self.packer.room(sum(self._num_ends_of_sentence()))

    def subword_counts(self, x: tf.RaggedTensor) -> tf.RaggedTensor:
        """How many subwords each word has.

        Args:
            x: As `tokenize` takes it.

        Returns:
            int32 ragged tensor `(B, words)`, at least 1 each.
        """
        return self.tokenize(x).subword_counts

    def windows(self, x: tf.RaggedTensor | TokenizedWords) -> tf.RaggedTensor:
        """Cuts sentences into windows of whole words that the features hold whole.

        Args:
            x: As `tokenize` takes it.

        Returns:
            int32 ragged tensor `(B, windows, words)`, see `word_windows`.
        """
        return word_windows(self.subword_counts(x), self.room)

    def parts(self, words: TokenizedWords, windows: tf.RaggedTensor) -> TokenizedWords:
        """Cuts windows out of sentences that have been tokenized.

        Args:
            words: The sentences.
            windows: Their windows, as `windows` gives them.

        Returns:
            Each window as a sentence; a word that is longer than the room is cut.
        """
        counts = words.subword_counts
        in_sentence = words_of_windows(windows, counts)
        of_windows = windows.values.with_values(tf.gather(counts.values, in_sentence))
        # An empty window has no first word, and takes nothing from wherever it is.
        starts = tf.pad(tf.gather(_counted_before(counts), in_sentence), [[0, 1]])
        token_ids, surfaces = row_pieces(
            [words.token_ids, words.surfaces],
            row_positions(windows)[0],
            tf.gather(starts, of_windows.row_starts()),
            tf.reduce_sum(of_windows, axis=1),
        )
        return TokenizedWords(token_ids, surfaces, of_windows)

    def _num_ends_of_sentence(self) -> list[int]:
        return [self.subword_tokenizer.sentence_ends]

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


def _counted_before(counts: tf.RaggedTensor) -> tf.Tensor:
    """The subwords of a sentence before each of its words, as flat values."""
    before = tf.cumsum(counts.values, exclusive=True)
    row, _ = row_positions(counts)
    of_sentence = tf.gather(tf.pad(before, [[0, 1]]), counts.row_starts())
    return before - tf.gather(of_sentence, row)


def _ragged(values, dtype) -> tf.RaggedTensor:
    """Rows of equal length arrive as a dense tensor, whatever they were made from."""
    if isinstance(values, tf.RaggedTensor):
        return values
    if isinstance(values, tf.Tensor):
        return tf.RaggedTensor.from_tensor(values)
    return tf.ragged.constant([list(row) for row in values], dtype, ragged_rank=1)
