r"""BytePairPretokenizer: text to what byte-pair merges never cross."""

from typing import NamedTuple

import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.subword_tokenizer import cut

# Where RE2 knows ASCII white space alone, GPT-2's \s is Unicode's property.
_SPACE = (
    r"\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}"
    r"\x{3000}"
)
# Letters and numbers of Unicode 15.1 and 16, which tensorflow-text's RE2 is older than.
_LETTER = (
    r"\p{L}\x{1C89}\x{1C8A}\x{A7CB}-\x{A7CD}\x{A7DA}-\x{A7DC}\x{105C0}-\x{105F3}"
    r"\x{10D4A}-\x{10D65}\x{10D6F}-\x{10D85}\x{10EC2}-\x{10EC4}\x{11380}-\x{11389}"
    r"\x{1138B}\x{1138E}\x{11390}-\x{113B5}\x{113B7}\x{113D1}\x{113D3}"
    r"\x{11BC0}-\x{11BE0}\x{13460}-\x{143FA}\x{16100}-\x{1611D}\x{16D40}-\x{16D6C}"
    r"\x{18CFF}\x{1E5D0}-\x{1E5ED}\x{1E5F0}\x{2EBF0}-\x{2EE5D}"
)
_NUMBER = (
    r"\p{N}\x{10D40}-\x{10D49}\x{116D0}-\x{116E3}\x{11BF0}-\x{11BF9}"
    r"\x{16130}-\x{16139}\x{16D70}-\x{16D79}\x{1CCF0}-\x{1CCF9}\x{1E5F1}-\x{1E5FA}"
)
# GPT-2's pattern, but for its last two alternatives, \s+(?!\S)|\s+: RE2 cannot look
# ahead, so each white-space character is matched alone, and joined afterwards.
_WORD = (
    rf"'s|'t|'re|'ve|'m|'ll|'d| ?[{_LETTER}]+| ?[{_NUMBER}]+"
    rf"| ?[^{_SPACE}{_LETTER}{_NUMBER}]+|[{_SPACE}]"
)


class PretokenizedText(NamedTuple):
    """Text cut into pieces; together they are the whole text.

    Attributes:
        words: string ragged tensor `(N, words)`.
        starts: int32 ragged tensor `(N, words)`: each one's first byte in the text.
    """

    words: tf.RaggedTensor
    starts: tf.RaggedTensor


class BytePairPretokenizer:
    """Cuts text as GPT-2 and RoBERTa do, before they merge bytes.

    A word is a run of letters, of numbers or of other characters, with the space
    before it, if there is one; or an English contraction; or white space, of which the
    last character before a word stands apart, for a space goes with the word
    (https://github.com/openai/gpt-2, `encoder.py`).

    Example:

    ```python
    pretokenize = BytePairPretokenizer()
    pretokenize(tf.constant(["It's  so."])).words  # [["It", "'s", " ", " so", "."]]
    ```
    """

    def __call__(self, texts: tf.Tensor) -> PretokenizedText:
        """Cuts texts.

        Args:
            texts: string tensor `(N,)`, valid UTF-8.

        Returns:
            The words and where they begin.
        """
        words, starts, ends = tf_text.regex_split_with_offsets(
            # The op takes a NUL for the end of the text.
            tf.strings.regex_replace(texts, r"\x00", "\x01"),
            _WORD,
            "(?s).*",
        )
        starts, ends = (
            v.with_values(tf.cast(v.values, tf.int32)) for v in (starts, ends)
        )
        has_nul = tf.strings.regex_full_match(texts, r"(?s).*\x00.*")
        words = words.with_values(
            tf.cond(
                tf.reduce_any(has_nul),
                lambda: cut(texts, words.value_rowids(), starts.values, ends.values),
                lambda: words.values,
            )
        )
        is_space = is_white_space(words.values)
        return tf.cond(
            tf.reduce_any(is_space),
            lambda: _join_white_space(words, starts, is_space),
            lambda: PretokenizedText(words, starts),
        )


def is_white_space(words: tf.Tensor) -> tf.Tensor:
    """Whether there is nothing but white space, or nothing at all, in words.

    Args:
        words: string tensor of any shape.

    Returns:
        bool tensor of the same shape.
    """
    return tf.strings.regex_full_match(words, f"[{_SPACE}]*")


def _join_white_space(words, starts, is_space) -> PretokenizedText:
    """Joins runs, without a run's last character if a word follows directly."""
    row = words.value_rowids()
    is_same_row = row[1:] == row[:-1]
    has_own_space = tf.strings.substr(words.values, 0, 1) == " "
    word_follows = is_same_row & ~is_space[1:] & ~has_own_space[1:]
    stands_apart = tf.concat([word_follows, [False]], axis=0)
    space_before = tf.concat([[False], is_same_row & is_space[:-1]], axis=0)
    is_joined = is_space & space_before & ~stands_apart
    first = tf.where(~is_joined)[:, 0]
    joined = tf.strings.unsorted_segment_join(
        words.values, tf.cumsum(tf.cast(~is_joined, tf.int32)) - 1, tf.size(first)
    )
    rows = tf.RaggedTensor.from_value_rowids(
        joined, tf.gather(row, first), words.nrows()
    )
    return PretokenizedText(rows, rows.with_values(tf.gather(starts.values, first)))
