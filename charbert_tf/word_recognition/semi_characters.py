"""SemiCharacters: what a semi-character network sees of words."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.text.code_point_table import CodePointTable
from charbert_tf.text.row_numbers import row_positions


class SemiCharacters:
    """Describes a word by its first character, the bag of the inner ones and its last.

    Typos that keep the ends change little of it: a swap nothing at all (Sakaguchi et
    al., 2017, section 3, https://arxiv.org/abs/1608.02214).

    Args:
        characters: The character vocabulary, lower-cased, the last entry `<unk>`.

    Example:

    ```python
    features = SemiCharacters(["a", "b", "c", "<unk>"])
    features(tf.ragged.constant([["abbc"]]))["semi_characters"]
    # [[[1, 0, 0, 0,  0, 2, 0, 0,  0, 0, 1, 0]]]
    ```
    """

    def __init__(self, characters: Sequence[str]):
        self._table = CodePointTable(characters)
        self._count = len(characters)

    def __call__(self, words: tf.RaggedTensor) -> dict[str, tf.Tensor]:
        """Makes the features of sentences; case does not count.

        Args:
            words: string ragged tensor `(B, words)`, UTF-8.

        Returns:
            `semi_characters`, float32 `(B, T, 3 * characters)`: the first character
            and the last as one-hot vectors, between them how often each inner one
            occurs; `padding_mask`, int32 `(B, T)`, 1 at words.
        """
        vectors = words.with_values(self._vectors(words.values))
        ones = words.with_values(tf.ones_like(words.values, tf.int32))
        return {
            "semi_characters": vectors.to_tensor(shape=[None, None, 3 * self._count]),
            "padding_mask": ones.to_tensor(),
        }

    def _vectors(self, words: tf.Tensor) -> tf.Tensor:
        lower = tf.strings.lower(words, "utf-8")
        code_points = tf.strings.unicode_decode(lower, "UTF-8")
        ids = self._table(code_points.values)
        length = tf.cast(code_points.row_lengths(), tf.int32)
        row, position = row_positions(code_points)
        is_first, is_last = position == 0, position == tf.gather(length, row) - 1

        def count(chosen, part):
            where = tf.stack([row, part * self._count + ids], axis=1)
            return tf.boolean_mask(where, chosen)

        # The only character of a word is its first and its last.
        where = tf.concat(
            [count(is_first, 0), count(~is_first & ~is_last, 1), count(is_last, 2)],
            axis=0,
        )
        shape = tf.stack([tf.size(words), 3 * self._count])
        return tf.scatter_nd(where, tf.ones(tf.shape(where)[:1]), shape)
