"""RowComputation: computes something of each example, traced once."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from charbert_tf.families.batching import prediction_batches


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
