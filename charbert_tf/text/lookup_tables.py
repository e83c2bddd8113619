"""Tables in the graph, by words and by code points."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf


class CodePointTable:
    """Looks up the ids of characters.

    Args:
        characters: The character vocabulary: id = index, the last entry `<unk>`.

    Example:

    ```python
    ids = CodePointTable([" ", "h", "i", "<unk>"])
    ids(tf.constant([ord("h"), ord("é")]))  # [1, 3]
    ```
    """

    def __init__(self, characters: Sequence[str]):
        self._unknown_id = len(characters) - 1
        code_points = {
            ord(character): id
            for id, character in enumerate(characters)
            if len(character) == 1
        }
        self._ids = np.full(max(code_points) + 1, self._unknown_id, np.int32)
        for code_point, id in code_points.items():
            self._ids[code_point] = id

    def __call__(self, code_points: tf.Tensor) -> tf.Tensor:
        """Looks up.

        Args:
            code_points: int32 tensor of any shape.

        Returns:
            int32 tensor of the same shape.
        """
        is_listed = code_points < len(self._ids)
        ids = tf.gather(self._ids, tf.where(is_listed, code_points, 0))
        return tf.where(is_listed, ids, self._unknown_id)


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
