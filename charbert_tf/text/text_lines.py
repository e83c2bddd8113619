"""numbered_lines: the lines of text files, in the graph."""

from collections.abc import Sequence

import tensorflow as tf


def numbered_lines(paths: Sequence[str]) -> tf.data.Dataset:
    """Reads the lines of text files.

    Args:
        paths: Text files; those that end in .gz are gzipped.

    Returns:
        A dataset of each line's number, counted through all files from 0, and the
        line: int64 and string scalars.

    Example:

    ```python
    numbered_lines(["text.txt"]).batch(256)
    ```
    """

    def read(path, compression):
        return tf.data.TextLineDataset(path, compression_type=compression)

    compressions = ["GZIP" if path.endswith(".gz") else "" for path in paths]
    return (
        tf.data.Dataset.from_tensor_slices((list(paths), compressions))
        .flat_map(read)
        .enumerate()
    )
