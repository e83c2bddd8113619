"""answer_characters: where answers that are given as text stand in their contexts."""

import tensorflow as tf

# No context has it, for it is no character.
_NO_TEXT = b"\xff"


def answer_characters(
    contexts: tf.Tensor, answers: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds each answer's first occurrence.

    Args:
        contexts: string tensor `(B,)`, valid UTF-8.
        answers: string tensor `(B,)`: pieces of the contexts, `""` for no answer.

    Returns:
        Two int32 tensors `(B,)`: the character (Unicode code point) at which each
        begins and the one after its last; -1 where there is no answer.

    Raises:
        ValueError: If an answer does not stand in its context; in a graph it is an
            error of TensorFlow's with the same text.

    Example:

    ```python
    answer_characters(tf.constant(["Kafka wrote it."]), tf.constant(["Kafka"]))
    ```
    """
    is_answer = answers != ""
    before, occurrences = tf.map_fn(
        _before,
        (contexts, tf.where(is_answer, answers, _NO_TEXT)),
        fn_output_signature=(tf.string, tf.int32),
    )
    is_missing = is_answer & (occurrences == 0)
    text = "`y` has answers that do not stand in their contexts, letter by letter:"
    missing = tf.boolean_mask(answers, is_missing)
    if tf.executing_eagerly():
        if len(missing):
            raise ValueError(f"{text} {missing[0].numpy().decode()!r}.")
        checks = []
    else:
        checks = [tf.debugging.Assert(tf.size(missing) == 0, [text, missing])]
    with tf.control_dependencies(checks):
        starts = tf.strings.length(before, unit="UTF8_CHAR")
    ends = starts + tf.strings.length(answers, unit="UTF8_CHAR")
    return tuple(tf.where(is_answer, places, -1) for places in (starts, ends))


def _before(context_and_answer):
    """What stands before the answer, and how often that is there."""
    context, answer = context_and_answer
    pieces = tf.strings.split(context[None], answer).values
    count = tf.size(pieces)
    return tf.strings.reduce_join(pieces[:1]), tf.maximum(count, 1) - 1
