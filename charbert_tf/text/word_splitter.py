"""WordSplitter: running text to words, in the graph."""

import tensorflow as tf
import tensorflow_text as tf_text

_WHITE_SPACE = r"[\s\p{Z}\p{Cc}\p{Cf}]+"
# A punctuation mark or an ideograph is a word of its own, as in BERT's tokenizer.
_PUNCTUATION = r"[!-/:-@\[-`{-~]|\p{P}"
_IDEOGRAPH = (
    r"[\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{20000}-\x{2A6DF}\x{2A700}-\x{2B73F}"
    r"\x{2B740}-\x{2B81F}\x{2B820}-\x{2CEAF}\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}]"
)
_KEPT = f"{_PUNCTUATION}|{_IDEOGRAPH}"


class WordSplitter:
    """Splits at white space and around punctuation, keeping each word's surface.

    These are the words that BERT's basic tokenizer makes; nothing is lower-cased or
    stripped, so that the characters stay what the writer typed.

    Example:

    ```python
    WordSplitter()(tf.constant(["Don't."]))  # [["Don", "'", "t", "."]]
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
