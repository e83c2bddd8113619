"""WordSplitter: running text to words, in the graph."""

import tensorflow as tf

from charbert_tf.text.bert_pretokenizer import BertPretokenizer
from charbert_tf.text.normalization_table import Normalization


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
