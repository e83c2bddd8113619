"""BytePairSubwordTokenizer: the subwords of RoBERTa."""

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.text.byte_pair_merger import BytePairMerger, byte_symbols
from charbert_tf.text.byte_pair_pretokenizer import (
    BytePairPretokenizer,
    is_white_space,
)
from charbert_tf.text.row_numbers import row_numbers
from charbert_tf.text.subword_tokenizer import (
    Subwords,
    SubwordTokenizer,
    Words,
    join_words,
)


class BytePairSubwordTokenizer(SubwordTokenizer):
    """Byte-level BPE with offsets, in a graph that can be exported.

    The ids are those of Hugging Face's tokenizer for the same vocabulary and merges.
    keras-nlp's own keeps a mutable cache, which no SavedModel can hold, and gives no
    offsets. A subword's surface is, as in the authors' code, its entry in the
    vocabulary: "Ġ" is the space before a word, and a character outside ASCII is as
    many characters as it has bytes. Offsets are in bytes, so that a subword may begin
    or end inside a character; a word's first subword begins at its space.

    Args:
        tokenizer: The tokenizer whose vocabulary, merges and `add_prefix_space` to use.

    Raises:
        ValueError: If the vocabulary has no `<unk>`, or not all that merges make.

    Example:

    ```python
    subwords = BytePairSubwordTokenizer(tokenizer)(tf.constant(["so fine"]))
    subwords.surfaces  # [["so", "Ġfine"]]
    subwords.starts, subwords.ends  # [[0, 2]], [[2, 7]]
    ```
    """

    sentence_ends = 2

    def __init__(self, tokenizer: keras_nlp.models.RobertaTokenizer):
        super().__init__()
        vocabulary = dict(tokenizer.vocabulary)
        if "<unk>" not in vocabulary:
            raise ValueError("The vocabulary lacks <unk>.")
        self.start_token_id = tokenizer.start_token_id
        self.end_token_id = tokenizer.end_token_id
        self.padding_token_id = tokenizer.pad_token_id
        self.mask_token_id = tokenizer.mask_token_id
        self.unknown_token_id = vocabulary["<unk>"]
        self.vocabulary_size = tokenizer.vocabulary_size()
        self._adds_space = tokenizer.add_prefix_space
        self._pretokenize = BytePairPretokenizer()
        merges = [m for m in tokenizer.merges if not m.startswith("#version")]
        self._merge = BytePairMerger(vocabulary, merges)
        surfaces = np.full(self._merge.first_byte_id, "", object)
        surfaces[list(vocabulary.values())] = list(vocabulary)
        self._surfaces = [*surfaces, *byte_symbols()]

    def __call__(self, texts: tf.Tensor) -> Subwords:
        """Tokenizes running text.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords: all bytes are in one, white space too.
        """
        return self._tokenize(texts, self._adds_space)

    def tokenize_words(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words, each as after a space.

        Args:
            words: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords; a word of white space alone has none.
        """
        words = tf.where(is_white_space(words), "", words)
        return self._tokenize(words, adds_space=True)

    def split(self, texts: tf.Tensor) -> Words:
        """Splits as BPE does before it merges, and takes the space from each word.

        Args:
            texts: string tensor `(B,)`, valid UTF-8.

        Returns:
            The words. White space without a word is a word, without a space before.
        """
        words = self._pretokenize(self._with_space(texts, self._adds_space)).words
        values = words.values
        has_space = tf.strings.substr(values, 0, 1) == " "
        after_space = has_space & ~is_white_space(values)
        first = tf.cast(after_space, tf.int32)
        without = tf.strings.substr(values, first, tf.strings.length(values) - first)
        return Words(words.with_values(without), words.with_values(after_space))

    def tokenize_split(self, words: Words) -> tuple[Subwords, tf.RaggedTensor]:
        """Tokenizes what `split` gave, each word with its space.

        Args:
            words: The words of `B` texts.

        Returns:
            The subwords `(B, subwords)` and the number of each one's word.
        """
        spaces = tf.where(words.after_space.values, " ", "")
        spaced = tf.strings.join([spaces, words.words.values])
        return join_words(words, self._tokenize(spaced, adds_space=False))

    def _with_space(self, texts, adds_space):
        if not adds_space:
            return texts
        needs_space = tf.strings.regex_full_match(texts, "(?s)[^ ].*")
        return tf.where(needs_space, tf.strings.join([" ", texts]), texts)

    def _tokenize(self, texts, adds_space) -> Subwords:
        spaced = self._with_space(texts, adds_space)
        words, word_starts = self._pretokenize(spaced)
        # Most words of a batch occur in it several times.
        different, which = tf.unique(words.values)
        ids, starts = (tf.gather(rows, which) for rows in self._merge(different))
        word = row_numbers(tf.cast(starts.row_lengths(), tf.int32))
        starts = starts.values + tf.gather(word_starts.values, word)
        ids = words.with_values(ids).merge_dims(1, 2)
        is_byte = ids.values >= self._merge.first_byte_id
        token_ids = tf.where(is_byte, self.unknown_token_id, ids.values)
        surfaces = tf.gather(tf.constant(self._surfaces), ids.values)
        lengths = tf.strings.length(spaced)
        added = lengths - tf.strings.length(texts)
        row = ids.value_rowids()
        ends = _ends(starts, row, lengths) - tf.gather(added, row)
        starts = tf.maximum(starts - tf.gather(added, row), 0)
        return Subwords(*map(ids.with_values, (token_ids, surfaces, starts, ends)))


def _ends(starts, row, lengths):
    """The start of the next subword, or the end of the text."""
    is_last = tf.concat([row[1:] != row[:-1], [True]], axis=0)[: tf.size(row)]
    following = tf.concat([starts[1:], [0]], axis=0)[: tf.size(row)]
    return tf.where(is_last, tf.gather(lengths, row), following)
