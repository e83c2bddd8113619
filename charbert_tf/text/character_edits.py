"""The edit that every typo is: some characters of a word replaced by others."""

import tensorflow as tf


def replace_characters(
    words: tf.RaggedTensor,
    index: tf.Tensor,
    removed: tf.Tensor,
    replacement: tf.RaggedTensor,
) -> tf.RaggedTensor:
    """Replaces some neighbouring characters of each word.

    Args:
        words: int32 ragged tensor `(N, characters)` of code points.
        index: int32 tensor `(N,)`, where the first of the replaced characters is.
        removed: int32 tensor `(N,)`, how many are taken away.
        replacement: int32 ragged tensor `(N, characters)`, what is put there.

    Returns:
        int32 ragged tensor `(N, characters)`.

    Example:

    ```python
    words = tf.strings.unicode_decode(["hot"], "UTF-8")
    at, other = tf.constant([1]), tf.strings.unicode_decode(["ea"], "UTF-8")
    replace_characters(words, at, tf.constant([1]), other)  # "heat"
    ```
    """
    position = tf.ragged.range(tf.cast(words.row_lengths(), tf.int32))
    end = index + removed
    before = tf.ragged.boolean_mask(words, position < index[:, None])
    after = tf.ragged.boolean_mask(words, position >= end[:, None])
    return tf.concat([before, replacement, after], axis=1)


def characters_at(words: tf.RaggedTensor, index: tf.Tensor) -> tf.Tensor:
    """Gives the characters at some places of each word.

    Args:
        words: int32 ragged tensor `(N, characters)` of code points.
        index: int32 tensor `(N, k)`.

    Returns:
        int32 tensor `(N, k)`; any character where there is none.

    Example:

    ```python
    characters_at(tf.ragged.constant([[104, 111, 116]]), [[2, 0]])  # [[116, 104]]
    ```
    """
    start = tf.cast(words.row_starts(), tf.int32)[:, None]
    # One more, so that there is something to give if all words are empty.
    values = tf.concat([words.values, [0]], axis=0)
    return tf.gather(values, tf.minimum(start + index, tf.size(words.values)))
