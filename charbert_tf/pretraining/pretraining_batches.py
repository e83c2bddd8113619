"""Batches of pretraining examples, made several at a time."""

from collections.abc import Callable

import tensorflow as tf

from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor

# Examples whose features are made together. For few of them TensorFlow takes longer to
# start its operations than to compute them.
_EXAMPLES_AT_ONCE = 128


def pretraining_batches(
    examples: tf.data.Dataset,
    make: Callable,
    preprocessor: PretrainerPreprocessor,
    batch_size: int,
) -> tf.data.Dataset:
    """Makes batches of features, labels and weights.

    Args:
        examples: One example at a time, without an end.
        make: Called in the graph with a batch of the examples, ragged where they are;
            gives features, labels and weights, as the preprocessor's `make_examples`
            does. A row must not depend on the others.
        preprocessor: Takes the padding off that the other batches needed.
        batch_size: int. Examples of a batch.

    Returns:
        What `make` would give for each batch alone.

    Example:

    ```python
    batches = pretraining_batches(
        subwords.enumerate(),
        lambda ids, subwords: preprocessor.make_examples(subwords, ids, (0, 0)),
        preprocessor,
        batch_size=8,
    )
    ```
    """
    make, without_padding = map(
        tf.autograph.experimental.do_not_convert, (make, preprocessor.without_padding)
    )
    batches_at_once = max(_EXAMPLES_AT_ONCE // batch_size, 1)
    return (
        examples.ragged_batch(batch_size * batches_at_once, drop_remainder=True)
        .map(make, num_parallel_calls=tf.data.AUTOTUNE)
        .rebatch(batch_size, drop_remainder=True)
        .map(without_padding, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )
