"""RegexWordSplitter: running text to words, by regular expressions in the graph."""

import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.word_splitter import valid_utf8

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
