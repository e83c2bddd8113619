"""class_ids, multi_hot: labels of a classifier as its losses take them."""

import tensorflow as tf

from charbert_tf.models.label_ids import check_class_ids


def class_ids(y: tf.Tensor, num_classes: int) -> tf.Tensor:
    """Refuses what is no number of a class.

    Args:
        y: Numbers `(B,)`; a column of a table may come as `(B, 1)`.
        num_classes: int. How many classes the head has.

    Returns:
        The numbers `(B,)`.

    Raises:
        ValueError: If they are one-hot, have fractions or are no class's.

    Example:

    ```python
    class_ids(tf.constant([[0], [2]]), num_classes=3)
    ```
    """
    if y.shape.rank == 2 and y.shape[1] not in (1, None):
        raise ValueError(
            f"`y` has {y.shape[1]} numbers for each text, as one-hot labels have; "
            "the loss takes the number of a class: give `np.argmax(y, -1)`, or "
            'compile(loss="categorical_crossentropy").'
        )
    _refuse_fractions(y)
    check_class_ids(y, num_classes)
    return tf.reshape(y, [-1]) if y.shape.rank == 2 else y


def multi_hot(
    y: tf.Tensor | tf.RaggedTensor, num_classes: int, are_names: bool = False
) -> tf.Tensor:
    """Makes 1 or 0 for each class of what a text has several of.

    Args:
        y: Numbers of the classes of each text, ragged or `(B, any)`, or of its only
            one, `(B,)`; or 1 or 0 for each class already, `(B, num_classes)`.
        num_classes: int. How many classes the head has.
        are_names: bool. Whether `y` was names: then it is numbers of classes, however
            many there are.

    Returns:
        1 or 0, or what of it was given, `(B, num_classes)`.

    Raises:
        ValueError: If a number is no class's, or what is for each class is not from 0
            to 1. In a graph only the shape is, and a number that is no class's is an
            error of TensorFlow's.

    Example:

    ```python
    multi_hot(tf.constant([[0, 2], [1, 2]]), num_classes=3)
    ```
    """
    is_ragged = isinstance(y, tf.RaggedTensor)
    if not (is_ragged or are_names or _is_of_other_width(y, num_classes)):
        _refuse_all_but_shares(y, num_classes)
        return y
    if y.dtype.is_floating and not is_ragged:
        raise ValueError(
            f"`y` is of shape {y.shape}, and the head has {num_classes} classes: give "
            "1 or 0 for each class, or a list of its classes, names or whole numbers, "
            "for each text."
        )
    _refuse_fractions(y)
    check_class_ids(y, num_classes)
    if y.shape.rank == 1:
        y = y[:, None]
    rows = y if is_ragged else tf.RaggedTensor.from_tensor(y)
    ids = tf.cast(rows.values, tf.int32)
    # Of another number there would be no 1 at all, in silence.
    is_class = tf.reduce_all((ids >= 0) & (ids < num_classes))
    message = f"`y` has a number that is none of the head's {num_classes} classes"
    with tf.control_dependencies([tf.debugging.Assert(is_class, [message, ids])]):
        rows = rows.with_values(tf.one_hot(ids, num_classes))
    return tf.minimum(tf.reduce_sum(rows, axis=1), 1.0)


def _is_of_other_width(y: tf.Tensor, num_classes: int) -> bool:
    """Whether it cannot have something for each class; a graph may not tell."""
    if y.shape.rank == 1:
        return num_classes > 1
    return y.shape.rank == 2 and y.shape[1] not in (num_classes, None)


def _refuse_all_but_shares(y: tf.Tensor, num_classes: int) -> None:
    if not tf.executing_eagerly() or y.dtype.is_bool:
        return
    # NaN is below and above none.
    wrong = tf.boolean_mask(y, ~((y >= 0) & (y <= 1)))
    if len(wrong):
        raise ValueError(
            f"`y` has {wrong[0].numpy():g} where 1 or 0 is wanted for each of the "
            f"head's {num_classes} classes: lists of classes, as many for each text as "
            "the head has, are names, or a ragged tensor, tf.ragged.constant(y)."
        )


def _refuse_fractions(y: tf.Tensor | tf.RaggedTensor) -> None:
    if not y.dtype.is_floating or not tf.executing_eagerly():
        return
    flat = y.flat_values if isinstance(y, tf.RaggedTensor) else y
    fractions = tf.boolean_mask(flat, (flat != tf.round(flat)) & ~tf.math.is_nan(flat))
    if len(fractions):
        raise ValueError(
            f"`y` has numbers such as {fractions[0].numpy():g}, as scores "
            "have, and the loss takes the number of a class: make the "
            "classifier with num_classes=1 to learn scores."
        )
