"""TypoTable: what may stand in the place of one or two characters, in the graph."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.noise.word_characters import lone_code_points

# More than there are code points.
_CHARACTERS = 1 << 21


class TypoTable:
    """Looks up the typos of characters.

    Args:
        typos: By one or two characters what may be written instead.

    Example:

    ```python
    table = TypoTable({"m": ["rn", "nn"], "cl": ["d"]})
    rows = table.rows(tf.constant(["m", "c"]), tf.constant(["", "l"]))
    table.counts(rows)  # [2, 1]
    table.typos(rows, tf.constant([1, 0]))  # ["nn", "d"]
    ```
    """

    def __init__(self, typos: Mapping[str, Sequence[str]]):
        keys = np.array([_key(*map(ord, characters)) for characters in typos], np.int64)
        order = np.argsort(keys)
        by_key = [list(typos.values())[index] for index in order]
        # A row of its own, without typos, for what has none.
        self._keys = np.append(keys[order], np.iinfo(np.int64).max)
        self._counts = np.array([*map(len, by_key), 0], np.int32)
        self._starts = np.cumsum(self._counts, dtype=np.int32) - self._counts
        self._typos = [typo for of_key in by_key for typo in of_key] + [""]

    def rows(self, first: tf.Tensor, second: tf.Tensor | None = None) -> tf.Tensor:
        """Finds characters.

        Args:
            first: string tensor `(N,)`.
            second: string tensor `(N,)`: what stands behind, to look up pairs.

        Returns:
            int32 tensor `(N,)`: the row of each.
        """
        keys = _code_points(first)
        if second is not None:
            keys = _key(keys, _code_points(second))
        row = tf.searchsorted(self._keys, keys)
        return tf.where(tf.gather(self._keys, row) == keys, row, len(self._keys) - 1)

    def counts(self, rows: tf.Tensor) -> tf.Tensor:
        """Returns how many typos rows have, int32 `(N,)`.

        Args:
            rows: As `rows` returns them.
        """
        return tf.gather(self._counts, rows)

    def typos(self, rows: tf.Tensor, which: tf.Tensor) -> tf.Tensor:
        """Returns a typo of each row, string `(N,)`.

        Args:
            rows: As `rows` returns them.
            which: int32 tensor `(N,)`: which of its typos.
        """
        return tf.gather(self._typos, tf.gather(self._starts, rows) + which)


def _key(first, second=None):
    return first if second is None else (first + 1) * _CHARACTERS + second


def _code_points(characters: tf.Tensor) -> tf.Tensor:
    return tf.cast(lone_code_points(characters), tf.int64)
