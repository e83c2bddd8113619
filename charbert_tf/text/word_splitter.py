"""Running text to words, in the graph: as BERT, a regular expression, an attack."""

import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.bert_pretokenizer import BertPretokenizer
from charbert_tf.text.normalized_text import Normalization


class WordSplitter:
    """Splits at white space and around punctuation, keeping each word's surface.

    These are the words that a cased BERT makes; nothing is lower-cased or stripped, so
    that the characters stay what the writer typed. Control and format characters,
    which BERT drops, stay where they are inside a word.

    Example:

    ```python
    WordSplitter()(tf.constant(["Don't."]))  # [["Don", "'", "t", "."]]
    ```
    """

    def __init__(self):
        self._pretokenize = BertPretokenizer(
            Normalization(lowercase=False, strip_accents=False)
        )

    def __call__(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Splits texts.

        Args:
            texts: string tensor `(B,)`, UTF-8.

        Returns:
            string ragged tensor `(B, words)`.
        """
        return self.with_offsets(texts)[0]

    def with_offsets(
        self, texts: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Splits texts, and tells where the words were.

        Args:
            texts: string tensor `(B,)`, UTF-8.

        Returns:
            The words, and the first byte of each and the byte after it, int32 ragged
            tensors `(B, words)`.
        """
        return self._pretokenize.split(valid_utf8(texts))


def valid_utf8(texts: tf.Tensor) -> tf.Tensor:
    r"""Replaces invalid bytes by U+FFFD: a served model must not fail on them.

    Args:
        texts: string tensor of any shape.

    Returns:
        string tensor of the same shape.

    Example:
        >>> valid_utf8(tf.constant([b"na\xefve"])).numpy()[0].decode()
        'na\ufffdve'
    """
    return tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")


_WHITE_SPACE = r"[\s\p{Z}\p{Cc}\p{Cf}]+"
# A punctuation mark or an ideograph is a word of its own, as in BERT's tokenizer.
_PUNCTUATION = r"[!-/:-@\[-`{-~]|\p{P}"
_IDEOGRAPH = (
    r"[\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{20000}-\x{2A6DF}\x{2A700}-\x{2B73F}"
    r"\x{2B740}-\x{2B81F}\x{2B820}-\x{2CEAF}\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}]"
)
_KEPT = f"{_PUNCTUATION}|{_IDEOGRAPH}"


class RegexWordSplitter:
    """Splits at white space and around punctuation, keeping each word's surface.

    These are nearly the words of `WordSplitter`, but control and format characters
    part them. Presets without a version of the text and XLM-RoBERTa's have these.

    Example:

    ```python
    RegexWordSplitter()(tf.constant(["Don't."]))  # [["Don", "'", "t", "."]]
    ```
    """

    def __call__(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Splits texts.

        Args:
            texts: string tensor `(B,)`, UTF-8.

        Returns:
            string ragged tensor `(B, words)`.
        """
        return self.with_offsets(texts)[0]

    def with_offsets(
        self, texts: tf.Tensor
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]:
        """Splits texts, and tells where the words were.

        Args:
            texts: string tensor `(B,)`, UTF-8.

        Returns:
            The words, and the first byte of each and the byte after it, int64 ragged
            tensors `(B, words)`.
        """
        # The op takes a NUL for the end of the text; it is white space as any control
        # character.
        texts = tf.strings.regex_replace(valid_utf8(texts), r"\x00", " ")
        return tf_text.regex_split_with_offsets(texts, f"{_WHITE_SPACE}|{_KEPT}", _KEPT)


_LETTERS = r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*"
TYPED_WORD = rf"{_LETTERS}(?:['’]{_LETTERS})*"
"""`attacks.running_text.WORD`, for TensorFlow's regular expressions."""


class TypedWordSplitter:
    """Splits into runs of letters and digits, with apostrophes inside, and marks.

    These are the words that an attack puts typos into (`attacks.running_text.WORD`),
    combining marks too; what is neither one nor white space is a word of one character.

    Example:

    ```python
    TypedWordSplitter()(tf.constant(["Don't!"]))  # [["Don't", "!"]]
    ```
    """

    def __call__(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Splits texts.

        Args:
            texts: string tensor `(B,)`, UTF-8.

        Returns:
            string ragged tensor `(B, words)`.
        """
        # The op takes a NUL for the end of the text.
        texts = tf.strings.regex_replace(valid_utf8(texts), r"\x00", " ")
        kept = rf"{TYPED_WORD}|[^\s\p{{Z}}\p{{Cc}}\p{{Cf}}]"
        return tf_text.regex_split(texts, f"{_WHITE_SPACE}|{kept}", kept)
