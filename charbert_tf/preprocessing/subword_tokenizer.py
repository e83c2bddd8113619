"""SubwordTokenizer: strings to subwords that remember the text they stand for."""

from typing import NamedTuple

import keras_nlp
import tensorflow as tf
import tensorflow_text as tf_text


class Subwords(NamedTuple):
    """Subwords of a batch of strings.

    Attributes:
        token_ids: int32 ragged tensor `(N, subwords)`.
        surfaces: string ragged tensor `(N, subwords)`: the characters of the input
            that each subword stands for, with their case and accents.
    """

    token_ids: tf.RaggedTensor
    surfaces: tf.RaggedTensor


class SubwordTokenizer:
    """WordPiece with the surface text of every subword.

    The token ids are those of BERT's tokenizer; the surface is cut from the input
    itself, so that a lower-cased subword and `[UNK]` keep their real characters.

    Args:
        tokenizer: The `keras_nlp.models.BertTokenizer` whose vocabulary and
            lower-casing to use.

    Raises:
        TypeError: If the tokenizer is of another kind.

    Example:

    ```python
    subwords = SubwordTokenizer(tokenizer)(tf.constant(["Playing"]))
    subwords.surfaces  # [["Play", "ing"]]; token_ids are those of "play", "##ing"
    ```
    """

    def __init__(self, tokenizer: keras_nlp.models.BertTokenizer):
        if not isinstance(tokenizer, keras_nlp.models.BertTokenizer):
            raise TypeError(
                "Expected a `keras_nlp.models.BertTokenizer`, got "
                f"{type(tokenizer).__name__}."
            )
        self.unknown_token_id = tokenizer.token_to_id(tokenizer.oov_token)
        self._normalizer = tf_text.FastBertNormalizer(
            lower_case_nfd_strip_accents=tokenizer.lowercase
        )
        self._word_piece = tf_text.FastWordpieceTokenizer(
            vocab=tokenizer.get_vocabulary(),
            token_out_type=tf.int32,
            unknown_token=tokenizer.oov_token,
        )

    def __call__(self, strings: tf.Tensor) -> Subwords:
        """Tokenizes strings: words, or whole texts.

        Args:
            strings: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords. A string without any (white space, control characters) has
            an empty row.
        """
        normalized, offsets = self._normalizer.normalize_with_offsets(strings)
        token_ids, starts, ends = self._word_piece.tokenize_with_offsets(normalized)
        row = token_ids.value_rowids()
        offsets = _row_lookup(offsets, row)
        surfaces = _cut(tf.gather(strings, row), offsets(starts), offsets(ends))
        return Subwords(token_ids, token_ids.with_values(surfaces))

    def at_least_one(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words that must not vanish, such as words that carry a label.

        Args:
            words: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords; a word without any becomes one `[UNK]` with the word as its
            surface.
        """
        subwords = self(words)
        missing = tf.cast(subwords.token_ids.row_lengths() == 0, tf.int64)
        rows = tf.RaggedTensor.from_row_lengths
        unknown_ids = tf.fill([tf.reduce_sum(missing)], self.unknown_token_id)
        unknown_surfaces = tf.boolean_mask(words, missing == 1)
        return Subwords(
            tf.concat([subwords.token_ids, rows(unknown_ids, missing)], axis=1),
            tf.concat([subwords.surfaces, rows(unknown_surfaces, missing)], axis=1),
        )


def _row_lookup(offsets: tf.RaggedTensor, row: tf.Tensor):
    """Maps ragged normalised byte positions to flat original ones."""
    row_start = tf.gather(offsets.row_starts(), row)
    return lambda position: tf.gather(offsets.values, row_start + position.values)


def _cut(strings: tf.Tensor, starts: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
    """Bytes `starts` to `ends`; of an empty range the one character at its start.

    A range is empty where one character normalises to several subwords.
    """
    starts, lengths = tf.cast(starts, tf.int32), tf.cast(ends - starts, tf.int32)
    cut = tf.strings.substr(strings, starts, lengths)
    longest_character = tf.strings.substr(strings, starts, tf.fill(tf.shape(starts), 4))
    first_character = tf.strings.substr(longest_character, 0, 1, unit="UTF8_CHAR")
    return tf.where(lengths > 0, cut, first_character)
