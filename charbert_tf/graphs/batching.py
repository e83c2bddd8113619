"""Batches of examples of about the same length, in a reproducible order."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

# Batches that are cut out of one pool of shuffled examples, sorted by length: enough
# that a batch has hardly any padding, few enough that an epoch's order stays random.
_BATCHES_OF_A_POOL = 50
_PREDICTION_BATCH_SIZE = 32
_BATCHES_AHEAD = 2
# Examples whose subwords are counted together: many, to start few operations, and no
# more than fit in memory in subwords and characters.
COUNTED_AT_ONCE = 1024
# For few short examples TensorFlow takes longer to start its operations than to compute
# them, so they come in larger batches, of up to so many tokens.
_PREDICTION_BATCH_TOKENS = 4096


def training_batches(
    examples: tuple,
    lengths: Sequence[int],
    preprocess: Callable,
    batch_size: int,
    epochs: int,
    seed: int,
    noised: Callable | None = None,
) -> tf.data.Dataset:
    """Gives shuffled batches whose examples are about equally long.

    Args:
        examples: Tensors or ragged tensors (or tuples of them) of one first dimension.
        lengths: int `(N,)` or `(N, k)`: each example's tokens, then what orders those
            that have as many.
        preprocess: Called in the graph with a batch of each of `examples`.
        batch_size: int. Examples of a batch; an epoch's last may have fewer.
        epochs: int.
        seed: int. The same seed gives the same batches.
        noised: Called in the graph before `preprocess`, with a batch of each of
            `examples` and their numbers, int64 `(B,)`: another one for each example in
            each epoch. Gives a tuple of what `preprocess` takes instead.

    Returns:
        A dataset of what `preprocess` returns, `epochs` times
        `ceil(N / batch_size)` batches.

    Example:

    ```python
    dataset = training_batches(
        (texts, label_ids), lengths, classifier.preprocessor, 16, epochs=3, seed=0
    )
    ```
    """
    lengths = _by_kind(lengths)
    count = len(lengths)
    # Numbered through all epochs, so that each time an example comes it has another.
    order = [
        batch + epoch * count
        for epoch in range(epochs)
        for batch in _epoch_order(lengths, batch_size, (seed, epoch))
    ]

    def make(numbers):
        batch = _rows(examples, numbers % count)
        return preprocess(*(batch if noised is None else noised(*batch, numbers)))

    return _dataset(order, make)


def prediction_batches(
    examples: tuple, lengths: Sequence[int], preprocess: Callable
) -> tuple[tf.data.Dataset, np.ndarray]:
    """Gives every example once, sorted by length: batches of 32, of short ones more.

    Args:
        examples: As in `training_batches`.
        lengths: As in `training_batches`.
        preprocess: As in `training_batches`.

    Returns:
        The dataset, and which example each of its rows is: int `(N,)`.

    Example:

    ```python
    dataset, order = prediction_batches((texts,), lengths, preprocessor)
    ```
    """
    lengths = _by_kind(lengths)
    order = _sorted(lengths)
    batches = _cut_by_tokens(order, lengths[order, 0])
    return _dataset(batches, lambda rows: preprocess(*_rows(examples, rows))), order


def with_weights(batch: tuple) -> tuple:
    """Completes a batch: a label without a weight weighs 1.

    Args:
        batch: Features, labels and perhaps weights, as a preprocessor makes them.

    Returns:
        Features, labels and weights.

    Example:

    ```python
    features, labels, weights = with_weights(classifier.preprocessor(texts, label_ids))
    ```
    """
    features, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
    if weights is None:
        weights = tf.nest.map_structure(
            lambda values: tf.ones_like(values, tf.float32), labels
        )
    return features, labels, weights


def cut(examples: Sequence, size: int) -> list[Sequence]:
    """Cuts a sequence into parts, the last of which may be shorter.

    Args:
        examples: A list, a tuple or an array.
        size: int. What a part has of it.

    Returns:
        The parts.

    Example:

    ```python
    cut([1, 2, 3], 2)  # [[1, 2], [3]]
    ```
    """
    return [examples[start : start + size] for start in range(0, len(examples), size)]


def _epoch_order(lengths, batch_size: int, seed) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(lengths))
    batches = []
    for pool in cut(shuffled, batch_size * _BATCHES_OF_A_POOL):
        batches += cut(pool[_sorted(lengths[pool])], batch_size)
    return [batches[index] for index in random.permutation(len(batches))]


def _by_kind(lengths) -> np.ndarray:
    """The lengths `(N, k)`."""
    lengths = np.asarray(lengths)
    return lengths[:, np.newaxis] if lengths.ndim == 1 else lengths


def _sorted(lengths: np.ndarray) -> np.ndarray:
    """Which are the shortest examples, the next ones and so on."""
    # The last key of a lexical sort counts most.
    return np.lexsort(lengths.T[::-1])


def _cut_by_tokens(order: np.ndarray, sorted_lengths: np.ndarray) -> list[np.ndarray]:
    batches, start = [], 0
    while start < len(order):
        # No more fit, unless they are empty; to look at all that are left for each
        # batch would take the square of their number.
        lengths = sorted_lengths[start : start + _PREDICTION_BATCH_TOKENS]
        # A batch is as wide as its last example.
        sizes = lengths * np.arange(1, len(lengths) + 1)
        count = int(np.searchsorted(sizes, _PREDICTION_BATCH_TOKENS, side="right"))
        batches.append(order[start : start + max(count, _PREDICTION_BATCH_SIZE)])
        start += len(batches[-1])
    return batches


def _rows(examples: tuple, indices: tf.Tensor) -> tuple:
    return tf.nest.map_structure(lambda values: tf.gather(values, indices), examples)


def _dataset(order: Sequence[np.ndarray], make: Callable) -> tf.data.Dataset:
    rows = tf.RaggedTensor.from_row_lengths(
        np.concatenate([*order, np.zeros(0, np.int64)]),
        [len(batch) for batch in order],
    )

    options = tf.data.Options()
    # TensorFlow's thread that tunes wakes at ever longer intervals, and whoever is done
    # with an iterator may have to wait for it: after 14 seconds of work another 7.
    options.autotune.enabled = False
    return (
        tf.data.Dataset.from_tensor_slices(rows)
        .map(make, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(_BATCHES_AHEAD)
        .with_options(options)
    )


class RowComputation:
    """Computes something of each example, such as a model's logits, in batches.

    Both functions are traced at the first call. An adversary asks for losses many times
    and mostly of few examples, which take less time than a trace does.

    Args:
        preprocess: Called in the graph of the input pipeline with a batch of each of
            the examples' tensors.
        compute: Called in a graph with what `preprocess` returns; gives a tensor, or a
            structure of tensors, of the batch's first dimension.

    Example:

    ```python
    logits = RowComputation(classifier.preprocessor, classifier)
    logits((tf.constant(["a fine film", "dull"]),), lengths=[11, 4])
    ```
    """

    def __init__(self, preprocess: Callable, compute: Callable):
        # Windows of other texts have other numbers of them, which need no trace each.
        self._preprocess = tf.function(
            preprocess, autograph=False, reduce_retracing=True
        )
        self._compute = tf.function(compute, autograph=False)

    def __call__(self, examples: tuple, lengths: Sequence[int]) -> list:
        """Computes the values of all examples.

        Args:
            examples: Tensors or ragged tensors (or tuples of them) of one first
                dimension.
            lengths: As `prediction_batches` takes them.

        Returns:
            A NumPy array, or a structure of arrays as `compute` gives it, for each
            example, in order.
        """
        dataset, order = prediction_batches(examples, lengths, self._preprocess)
        # Batches of any shape are computed by the same graph.
        compute = self._compute.get_concrete_function(dataset.element_spec)
        rows: list = [None] * len(order)
        indices = iter(order)
        for batch in dataset:
            values = tf.nest.map_structure(lambda value: value.numpy(), compute(batch))
            for row in zip(*tf.nest.flatten(values), strict=True):
                rows[next(indices)] = tf.nest.pack_sequence_as(values, row)
        return rows
