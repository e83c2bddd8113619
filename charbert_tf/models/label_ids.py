"""label_ids: labels that are text, as numbers; check_class_ids: those that are."""

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


def check_class_ids(y: tf.Tensor | tf.RaggedTensor, num_classes: int) -> None:
    """Refuses numbers of classes that a head does not have.

    On CPUs the loss would stop at them in the middle of an epoch; on GPUs it is not a
    number from then on.

    Args:
        y: Numbers of any shape and type, ragged or not; in a graph they are not looked
            at.
        num_classes: int. How many classes the head has.

    Raises:
        ValueError: If one is negative or too large.

    Example:

    ```python
    check_class_ids(tf.constant([0, 1]), num_classes=2)
    ```
    """
    if not tf.executing_eagerly() or y.dtype.is_bool:
        return
    flat = tf.reshape(y.flat_values if isinstance(y, tf.RaggedTensor) else y, [-1])
    # NaN is below and above none.
    wrong = tf.boolean_mask(flat, ~((flat >= 0) & (flat < num_classes)))
    if len(wrong):
        raise ValueError(
            f"`y` has {wrong[0].numpy():g}, and the head's {num_classes} classes are 0 "
            f"to {num_classes - 1}: number them so, or make it with more `num_classes`."
        )
