"""in_chunks: a model's answers to many windows, some of them at a time."""

from collections.abc import Callable

import tensorflow as tf

# Tokens that are computed at once: enough to keep a processor's cores busy, few enough
# that a large encoder's activations fit in some hundred megabytes.
_TOKENS_AT_ONCE = 4096


def in_chunks(
    compute: Callable[[tf.Tensor], tuple[tf.Tensor, ...]],
    lengths: tf.Tensor,
    signature: tuple[tf.TensorSpec, ...],
) -> tuple[tf.Tensor, ...]:
    """Computes something of windows, a bounded number of them at a time.

    However long the text that the windows are of, no more memory is taken than for
    4,096 tokens, besides what is computed. Short texts come in as few chunks as before.

    Args:
        compute: Takes the numbers of some windows, int32 `(n,)`, and gives tensors of
            any first dimension.
        lengths: int tensor `(N,)`: the tokens of each window, as many as a chunk's
            windows are padded to at most.
        signature: The tensors that `compute` gives; their first dimension is `None`.

    Returns:
        Each of the tensors, of all windows one after another.

    Example:

    ```python
    (logits,) = in_chunks(
        lambda rows: (model(tf.gather(token_ids, rows)),),
        tf.fill([1000], 128),
        (tf.TensorSpec([None, 2], tf.float32),),
    )
    ```
    """
    count = tf.size(lengths)
    longest = tf.maximum(tf.cast(tf.reduce_max(lengths), tf.int32), 1)
    size = tf.maximum(_TOKENS_AT_ONCE // longest, 1)
    # One also where there are no windows: it has what shapes the others would have.
    chunks = tf.maximum(-(-count // size), 1)
    arrays = tuple(
        tf.TensorArray(spec.dtype, chunks, element_shape=spec.shape, infer_shape=False)
        for spec in signature
    )

    def add(chunk, arrays):
        rows = tf.range(chunk * size, tf.minimum((chunk + 1) * size, count))
        written = zip(arrays, compute(rows), strict=True)
        return chunk + 1, tuple(array.write(chunk, values) for array, values in written)

    _, arrays = tf.while_loop(
        lambda chunk, arrays: chunk < chunks,
        add,
        (tf.constant(0), arrays),
        # Not several chunks at once, which TensorFlow would start if it could.
        parallel_iterations=1,
    )
    return tuple(array.concat() for array in arrays)
