"""word_table: the ids of a word vocabulary, looked up in the graph."""

from collections.abc import Sequence

import tensorflow as tf


def word_table(words: Sequence[str]) -> tf.lookup.StaticHashTable:
    """Makes the table of a vocabulary.

    Args:
        words: The words, `<unk>` last.

    Returns:
        A table from strings to int32 ids; a word that is not listed is `<unk>`.

    Example:

    ```python
    word_table(["the", "film", "<unk>"]).lookup(tf.constant(["film", "flim"]))  # 1, 2
    ```
    """
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            list(words), tf.range(len(words)), tf.string, tf.int32
        ),
        default_value=len(words) - 1,
    )
