"""TypedWordSplitter: running text to the words that the attacks see, in the graph."""

import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.word_splitter import valid_utf8

_WHITE_SPACE = r"[\s\p{Z}\p{Cc}\p{Cf}]+"
_LETTERS = r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*"
_WORD = rf"{_LETTERS}(?:['’]{_LETTERS})*"


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
        kept = rf"{_WORD}|[^\s\p{{Z}}\p{{Cc}}\p{{Cf}}]"
        return tf_text.regex_split(texts, f"{_WHITE_SPACE}|{kept}", kept)
