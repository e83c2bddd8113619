"""CharAligner: the characters of a sequence's tokens, and where each token's are."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.text.lookup_tables import CodePointTable

# Longer tokens do not exist, only unknown ones: a megabyte without a space.
_LONGEST_TOKEN = 100
CHARACTERS_PER_TOKEN = 6


class CharAligner:
    """Writes the surfaces of a sequence's tokens as one string of character ids.

    Each token's characters, then one separator (id 0). A token without a surface (a
    special one, or one that is masked) has the single character 0 (CharBERT, section
    3.1, https://arxiv.org/abs/2011.01513). The ids, starts and ends are those of the
    authors' code, with which a padded token starts and ends at the last character.

    Args:
        characters: The character vocabulary: id = index, the first entry a space (the
            separator), the last one `<unk>`.
        width: int. Characters of a sequence, padded or truncated; `None` for as many
            as the longest sequence of the batch has.
        lowercase: bool. Whether capitals have the ids of their small letters.

    Example:

    ```python
    align = CharAligner([" ", "h", "i", "<unk>"])
    align(tf.constant([["", "hi", ""]]), tf.constant([[1, 1, 1]]))
    # {"char_ids": [[0, 0, 1, 2, 0, 0, 0]],
    #  "char_starts": [[0, 2, 5]], "char_ends": [[0, 3, 5]]}
    ```
    """

    def __init__(
        self,
        characters: Sequence[str],
        width: int | None = None,
        lowercase: bool = False,
    ):
        self.width = width
        self._lowercase = lowercase
        self._table = CodePointTable(characters)

    def __call__(
        self, surfaces: tf.Tensor, padding_mask: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Aligns.

        Args:
            surfaces: string tensor `(B, T)`, empty at special and padded tokens.
            padding_mask: int tensor `(B, T)`, 1 at real tokens.

        Returns:
            `char_ids` `(B, C)`, `char_starts` and `char_ends` `(B, T)`, int32.
        """
        shape = tf.shape(surfaces, out_type=tf.int64)
        ids = self._ids(tf.reshape(surfaces, [-1]))
        is_real = tf.cast(tf.reshape(padding_mask, [-1]), tf.int64)
        length = ids.row_lengths()
        # An empty token has a zero of its own before the separator.
        zeros = is_real * tf.where(length == 0, tf.constant(2, tf.int64), 1)
        ids = tf.concat([ids, _zeros(zeros)], axis=1)
        length = tf.reshape(length + zeros, shape)
        starts = tf.cumsum(length, axis=1, exclusive=True)
        characters = tf.RaggedTensor.from_row_lengths(
            ids.values, tf.reduce_sum(length, axis=1)
        )
        char_ids = characters.to_tensor(shape=[None, self.width])
        last = tf.cast(tf.maximum(tf.shape(char_ids)[1], 1), tf.int64) - 1
        is_token = tf.cast(padding_mask, tf.bool)

        def position(value):
            value = tf.where(is_token, tf.minimum(value, last), last)
            return tf.cast(value, tf.int32)

        return {
            "char_ids": char_ids,
            "char_starts": position(starts),
            "char_ends": position(starts + length - 2),
        }

    def _ids(self, surfaces: tf.Tensor) -> tf.RaggedTensor:
        if self._lowercase:
            surfaces = tf.strings.lower(surfaces, "utf-8")
        code_points = tf.strings.unicode_decode(surfaces, "UTF-8")
        code_points = code_points[:, :_LONGEST_TOKEN]
        return code_points.with_values(self._table(code_points.values))


def _zeros(row_lengths: tf.Tensor) -> tf.RaggedTensor:
    values = tf.zeros([tf.reduce_sum(row_lengths)], tf.int32)
    return tf.RaggedTensor.from_row_lengths(values, row_lengths)
