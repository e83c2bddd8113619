"""A block as a record of a TFRecord file."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.corpus.block_packer import Block


def encode_block(block: Block, position: Sequence[int]) -> bytes:
    """Makes the record of a block: a `tf.train.Example`, always the same bytes.

    Args:
        block: The block.
        position: The numbers of its file, of its chunk in the file, and its own there.

    Returns:
        The features "text" (bytes), "tokens" (one int64) and "position" (three).

    Example:

    ```python
    record = encode_block(Block("So it is. ", tokens=4), position=(0, 0, 7))
    ```
    """
    features = {
        "position": tf.train.Feature(int64_list=tf.train.Int64List(value=position)),
        "text": tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[block.text.encode()])
        ),
        "tokens": tf.train.Feature(int64_list=tf.train.Int64List(value=[block.tokens])),
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def decode_blocks(records: tf.Tensor) -> dict[str, tf.Tensor]:
    """Reads records, in the graph.

    Args:
        records: string tensor `(B,)`.

    Returns:
        "text": string `(B,)`; "tokens": int64 `(B,)`; "position": int64 `(B, 3)`.

    Example:

    ```python
    texts = decode_blocks(tf.constant([record]))["text"]
    ```
    """
    features = {
        "position": tf.io.FixedLenFeature([3], tf.int64),
        "text": tf.io.FixedLenFeature([], tf.string),
        "tokens": tf.io.FixedLenFeature([], tf.int64),
    }
    return tf.io.parse_example(records, features)
