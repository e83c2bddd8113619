"""SentencePieceSubwordTokenizer: the subwords of XLM-RoBERTa."""

import keras_nlp
import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.subword_tokenizer import (
    Subwords,
    SubwordTokenizer,
    Words,
    cut,
)
from charbert_tf.text.word_splitter import RegexWordSplitter

_SPACE = "▁"
# What SentencePiece's normaliser takes for a space, or drops.
_OUTER_WHITE_SPACE = r"^[\s\p{Z}\p{Cc}\p{Cf}]+|[\s\p{Z}\p{Cc}\p{Cf}]+$"
# XLM-RoBERTa's ids are those of its SentencePiece model plus one, for fairseq's own
# special tokens come first.
_MODEL_UNKNOWN_ID, _FIRST_ID = 0, 1


class SentencePieceSubwordTokenizer(SubwordTokenizer):
    """SentencePiece with the surface text of every subword.

    The ids are those of keras-nlp's tokenizer. A surface is cut from the input itself,
    with "▁" for the space before a word as the subword has it: a normalised or unknown
    subword keeps its real characters. (There is no CharBERT of the authors' on this
    encoder; this is what their RoBERTa's "Ġ" amounts to.)

    Args:
        tokenizer: The tokenizer whose SentencePiece model to use.

    Example:

    ```python
    subwords = SentencePieceSubwordTokenizer(tokenizer)(tf.constant(["so ﬁne"]))
    subwords.surfaces  # [["▁so", "▁ﬁne"]]; the second id is that of "▁fine"
    ```
    """

    def __init__(self, tokenizer: keras_nlp.models.XLMRobertaTokenizer):
        super().__init__()
        self.start_token_id = tokenizer.start_token_id
        self.end_token_id = tokenizer.end_token_id
        self.padding_token_id = tokenizer.pad_token_id
        self.mask_token_id = tokenizer.mask_token_id
        self.unknown_token_id = tokenizer.unk_token_id
        self.vocabulary_size = tokenizer.vocabulary_size()
        self._pieces = tokenizer.get_vocabulary()
        self._split = RegexWordSplitter()
        self._model = tokenizer.proto

    def __call__(self, texts: tf.Tensor) -> Subwords:
        """Tokenizes running text.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords.
        """
        # Made in each graph that uses it: a seed that is set anew clears TensorFlow's
        # cache of kernels, and with it a model that was loaded before.
        sentence_piece = tf_text.SentencepieceTokenizer(self._model, tf.int32)
        ids, starts, ends = sentence_piece.tokenize_with_offsets(texts)
        is_unknown = ids.values == _MODEL_UNKNOWN_ID
        token_ids = tf.where(is_unknown, self.unknown_token_id, ids.values + _FIRST_ID)
        starts, ends = (tf.cast(v.values, tf.int32) for v in (starts, ends))
        pieces = tf.gather(tf.constant(self._pieces), token_ids)
        text = cut(texts, ids.value_rowids(), starts, ends)
        surfaces = _surfaces(pieces, text, is_unknown)
        return Subwords(*map(ids.with_values, (token_ids, surfaces, starts, ends)))

    def tokenize_words(self, words: tf.Tensor) -> Subwords:
        """Tokenizes words, each with the "▁" that SentencePiece puts before a text.

        Args:
            words: string tensor `(N,)`, valid UTF-8.

        Returns:
            The subwords.
        """
        return self(words)

    def split(self, texts: tf.Tensor) -> Words:
        """Splits into the words that BERT's basic tokenizer makes.

        What stands between white space would be a sentence in some languages, and
        would keep its punctuation in others; a subword seldom crosses these words.

        Args:
            texts: string tensor `(B,)`, UTF-8.

        Returns:
            The words.
        """
        words, starts, ends = self._split.with_offsets(texts)
        row = words.value_rowids()
        is_apart = (row[1:] == row[:-1]) & (starts.values[1:] > ends.values[:-1])
        # SentencePiece puts a space before a text itself.
        after_space = tf.concat([[False], is_apart], axis=0)[: tf.size(row)]
        return Words(words, words.with_values(after_space))

    def tokenize_split(self, words: Words) -> tuple[Subwords, tf.RaggedTensor]:
        """Tokenizes the text that the words make; spaces are single ones.

        Args:
            words: The words of `B` texts.

        Returns:
            The subwords `(B, subwords)` and the number of each one's word: of the
            first, if a subword crosses words.
        """
        spaces = tf.where(words.after_space.values, " ", "")
        spaced = words.words.with_values(tf.strings.join([spaces, words.words.values]))
        subwords = self(tf.strings.reduce_join(spaced, axis=1))
        word_ends = tf.cumsum(tf.strings.length(spaced.values))
        lengths = tf.reduce_sum(
            spaced.with_values(tf.strings.length(spaced.values)), axis=1
        )
        text_starts = tf.cumsum(lengths, exclusive=True)
        starts = subwords.starts
        position = starts.values + tf.gather(text_starts, starts.value_rowids())
        word = tf.searchsorted(word_ends, position, side="right")
        return subwords, starts.with_values(word)


def _surfaces(pieces, text, is_unknown):
    """The text, with "▁" where its piece begins so; the piece, where it has none.

    Of the pieces of one character, such as "…", only one has a text.
    """
    has_space = tf.strings.regex_full_match(pieces, f"(?s){_SPACE}.*")
    inner = tf.strings.regex_replace(text, _OUTER_WHITE_SPACE, "")
    shown = tf.strings.join([tf.where(has_space, _SPACE, ""), inner])
    return tf.where((inner == "") & ~is_unknown, pieces, shown)
