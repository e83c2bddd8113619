"""WordPieceSubwordTokenizer: the subwords of BERT, multilingual BERT too."""

import abc

import keras_nlp
import numpy as np
import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.bert_pretokenizer import BertPretokenizer
from charbert_tf.text.normalized_text import BertWords
from charbert_tf.text.rows import row_numbers
from charbert_tf.text.subword_tokenizer import (
    Subwords,
    SubwordTokenizer,
    Words,
    cut,
    join_words,
)
from charbert_tf.text.word_splitter import RegexWordSplitter

_MOST_BYTES_OF_A_CHARACTER = 4


class _BertSubwordTokenizer(SubwordTokenizer):
    """What a BERT's word pieces are, however the text is normalised before them."""

    has_segment_ids = True
    pair_separators = 1

    def __init__(self, tokenizer: keras_nlp.models.BertTokenizer):
        super().__init__()
        self.start_token_id = tokenizer.cls_token_id
        self.end_token_id = tokenizer.sep_token_id
        self.padding_token_id = tokenizer.pad_token_id
        self.mask_token_id = tokenizer.mask_token_id
        self.unknown_token_id = tokenizer.token_to_id(tokenizer.oov_token)
        self.vocabulary_size = tokenizer.vocabulary_size()

    def tokenize_words(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words one by one.

        Args:
            words: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords.
        """
        return self(words)

    def split(self, texts: tf.Tensor) -> Words:
        """Splits into the words that are looked up, as they are written.

        Args:
            texts: string tensor `(B,)`, UTF-8.

        Returns:
            The words.
        """
        words = self._words_of(texts)
        # BERT's subwords do not tell whether there was any.
        return Words(words, tf.zeros_like(words, tf.bool))

    def tokenize_split(self, words: Words) -> tuple[Subwords, tf.RaggedTensor]:
        """Tokenizes what `split` gave.

        Args:
            words: The words of `B` texts.

        Returns:
            The subwords `(B, subwords)` and the number of each one's word.
        """
        return join_words(words, self(words.words.values))

    @abc.abstractmethod
    def _words_of(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """The words of each text."""


class WordPieceSubwordTokenizer(_BertSubwordTokenizer):
    """WordPiece with the surface text of every subword.

    The token ids and the offsets are those of the `tokenizers` library's WordPiece
    after its `BertNormalizer` and `BertPreTokenizer`. A surface is cut from the input
    itself, with what was dropped inside the word and the accents behind it, so that a
    lower-cased subword and `[UNK]` keep their real characters. Subwords that share a
    character, such as a Korean syllable, each have all of it.

    Args:
        tokenizer: The `BertTokenizer` whose vocabulary and settings to use.

    Example:

    ```python
    subwords = WordPieceSubwordTokenizer(tokenizer)(tf.constant(["Playing"]))
    subwords.surfaces  # [["Play", "ing"]]; token_ids are those of "play", "##ing"
    ```
    """

    def __init__(self, tokenizer: keras_nlp.models.BertTokenizer):
        super().__init__(tokenizer)
        self._pretokenize = BertPretokenizer(tokenizer.normalization)
        self._may_have_controls = not tokenizer.clean_text
        self._longest_word = tokenizer.max_characters_per_word
        most_bytes = _MOST_BYTES_OF_A_CHARACTER * self._longest_word
        # What is longer in bytes is unknown to the operation, whatever is in it.
        self._too_long = "x" * (most_bytes + 1)
        entries = tokenizer.word_pieces()
        self._word_piece = tf_text.FastWordpieceTokenizer(
            vocab=entries,
            suffix_indicator=tokenizer.suffix_indicator,
            max_bytes_per_word=most_bytes,
            token_out_type=tf.int32,
            unknown_token=tokenizer.oov_token,
            no_pretokenization=True,
        )
        shown = [entry.removeprefix(tokenizer.suffix_indicator) for entry in entries]
        self._lengths = np.array([len(entry) for entry in shown], np.int32)

    def __call__(self, texts: tf.Tensor) -> Subwords:
        """Tokenizes words, or whole texts: it is the same.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords. A text without any (white space, control characters) has an
            empty row.
        """
        words = self._pretokenize(texts)
        pieces = self._pieces(words)
        lengths = self._piece_lengths(pieces, words)
        ends = tf.cumsum(lengths)
        starts = ends - lengths
        token_ids = words.words.with_values(pieces).merge_dims(1, 2)
        return Subwords(
            token_ids,
            *map(
                token_ids.with_values,
                (
                    words.surfaces(starts, ends),
                    tf.gather(words.first_bytes, tf.gather(words.sources, starts)),
                    words.byte_ends(tf.gather(words.sources, ends - 1)),
                ),
            ),
        )

    def _pieces(self, words: BertWords) -> tf.RaggedTensor:
        is_too_long = words.lengths > self._longest_word
        known = tf.where(is_too_long, self._too_long, words.words.values)
        if self._may_have_controls:
            # The operation has these for itself: it reads memory that is not its own.
            known = tf.strings.regex_replace(
                known, r"(?s).*[\x00\x11].*", self._too_long
            )
        # The word axis of the operation's result has one word each.
        return self._word_piece.tokenize(known)

    def _piece_lengths(self, pieces: tf.RaggedTensor, words: BertWords) -> tf.Tensor:
        """How many normalised characters each subword has; together all of them."""
        lengths = tf.gather(self._lengths, pieces.values)
        is_unknown = pieces.values == self.unknown_token_id
        word = row_numbers(tf.cast(pieces.row_lengths(), tf.int32))
        return tf.where(is_unknown, tf.gather(words.lengths, word), lengths)

    def _words_of(self, texts: tf.Tensor) -> tf.RaggedTensor:
        return self._pretokenize.split(texts)[0]


class CaseFoldingSubwordTokenizer(_BertSubwordTokenizer):
    """WordPiece after tensorflow-text's normaliser, the first version of the text.

    Models that were trained on it have to go on reading it: lower-casing, it folds
    compatibility characters too; format characters part words; and a word of more than
    100 bytes is unknown. `WordPieceSubwordTokenizer` is what all others use.

    Args:
        tokenizer: The tokenizer whose vocabulary and lower-casing to use.

    Example:

    ```python
    subwords = CaseFoldingSubwordTokenizer(tokenizer)(tf.constant(["Playing…"]))
    subwords.surfaces  # [["Play", "ing", "…", "…", "…"]]
    ```
    """

    def __init__(self, tokenizer: keras_nlp.models.BertTokenizer):
        super().__init__(tokenizer)
        self._split = RegexWordSplitter()
        self._normalizer = tf_text.FastBertNormalizer(
            lower_case_nfd_strip_accents=tokenizer.lowercase
        )
        self._word_piece = tf_text.FastWordpieceTokenizer(
            vocab=tokenizer.get_vocabulary(),
            token_out_type=tf.int32,
            unknown_token=tokenizer.oov_token,
        )

    def __call__(self, texts: tf.Tensor) -> Subwords:
        """Tokenizes words, or whole texts: it is the same.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords. A text without any (white space, control characters) has an
            empty row.
        """
        normalized, offsets = self._normalizer.normalize_with_offsets(texts)
        token_ids, starts, ends = self._word_piece.tokenize_with_offsets(normalized)
        row = token_ids.value_rowids()
        row_start = tf.gather(offsets.row_starts(), row)

        def original(position):
            at = tf.gather(offsets.values, row_start + position.values)
            return tf.cast(at, tf.int32)

        starts, ends = original(starts), original(ends)
        surfaces = _cut_or_character(texts, row, starts, ends)
        return Subwords(
            token_ids,
            *map(
                token_ids.with_values,
                (surfaces, starts, starts + tf.strings.length(surfaces)),
            ),
        )

    def _words_of(self, texts: tf.Tensor) -> tf.RaggedTensor:
        return self._split(texts)


def _cut_or_character(strings, rows, starts, ends):
    """The cut; of an empty range the one character at its start.

    A range is empty where one character normalises to several subwords.
    """
    is_empty = starts == ends
    text_end = tf.gather(tf.strings.length(strings), rows)
    longest_character = tf.minimum(starts + 4, text_end)
    pieces = cut(strings, rows, starts, tf.where(is_empty, longest_character, ends))
    first_character = tf.strings.substr(pieces, 0, 1, unit="UTF8_CHAR")
    return tf.where(is_empty, first_character, pieces)
