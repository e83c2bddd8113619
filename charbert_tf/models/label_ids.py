"""label_ids: labels that are text, as numbers."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from charbert_tf.models.task_dataset import as_tensor


def label_ids(y: Any, labels: Sequence[str] | None) -> tf.Tensor | tf.RaggedTensor:
    """Looks the names of labels up; numbers stay what they are.

    Args:
        y: Labels, a tensor of any shape, ragged or not, or lists of them.
        labels: The names, each at the number that it stands for; `None` if a head knows
            none.

    Returns:
        int32 tensor of the same shape, or `y` as a tensor.

    Raises:
        ValueError: If there are no names, or a label is not among them; in a graph it
            is an error of TensorFlow's with the same text.

    Example:

    ```python
    label_ids([["EU", "rejects"]], ["O", "B-ORG"])
    ```
    """
    y = as_tensor(y)
    if y.dtype != tf.string:
        return y
    if not labels:
        raise ValueError(
            "`y` is text, and this head has no names for its outputs: make it with "
            '`labels=["...", "..."]`, each name at the number of its output.'
        )
    flat = tf.reshape(y.flat_values if isinstance(y, tf.RaggedTensor) else y, [-1])
    matches = flat[:, None] == tf.constant(list(labels))
    unknown = tf.boolean_mask(flat, ~tf.reduce_any(matches, axis=1))
    text = f"`y` has labels that are not in the head's `labels`, {', '.join(labels)}:"
    if tf.executing_eagerly():
        if len(unknown):
            raise ValueError(f"{text} {unknown[0].numpy().decode()!r}.")
        ids = tf.argmax(matches, axis=1, output_type=tf.int32)
    else:
        checked = tf.debugging.Assert(tf.size(unknown) == 0, [text, unknown])
        with tf.control_dependencies([checked]):
            ids = tf.argmax(matches, axis=1, output_type=tf.int32)
    if isinstance(y, tf.RaggedTensor):
        return y.with_flat_values(ids)
    return tf.reshape(ids, tf.shape(y))
