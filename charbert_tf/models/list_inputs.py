"""ListInputs: `fit`, `evaluate` and `predict` on lists, arrays and named labels."""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from charbert_tf.models.label_ids import label_ids
from charbert_tf.models.one_or_many import as_list
from charbert_tf.models.task_dataset import (
    batches,
    is_in_memory,
    map_leaves,
    rows_of,
)


class ListInputs:
    """A task that takes lists and arrays, beside datasets, and names of labels.

    Lists and arrays become a `tf.data.Dataset`, whatever other packages are installed:
    with grain keras-hub would call the preprocessor in Python for each batch.

    Example:

    ```python
    classifier.fit(["a fine film", "a borign film"], ["good", "bad"])
    ```
    """

    # Names of the outputs, of heads that have some.
    labels = None
    # What `predict` gives beyond the end of a batch that is narrower than others.
    output_padding: ClassVar[float] = 0.0

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        sample_weight: Any = None,
        validation_data: Any = None,
        validation_split: float | None = None,
        shuffle: bool = True,
        validation_batch_size: int | None = None,
        **kwargs,
    ) -> keras.callbacks.History:
        """Trains as `keras.Model.fit` does.

        Lists and arrays are shuffled before each epoch. A dataset comes in its own
        order: shuffle it before it is batched.

        Args:
            x: What the preprocessor takes, as lists, arrays or tensors; or a dataset of
                batches of that and of labels.
            y: Labels: numbers, or the names that `labels` lists.
            batch_size: int. Rows of a batch, unless `x` is a dataset. Defaults to 32.
            sample_weight: Weights `(N,)`.
            validation_data: A tuple of `x` and `y`, or a dataset.
            validation_split: float. Which share of the rows, the last ones, is kept for
                validation, unless there are `validation_data`.
            shuffle: bool. Whether rows that are no dataset are shuffled.
            validation_batch_size: int. Rows of a batch of validation, unless
                `validation_data` is a dataset. Defaults to `batch_size`.
            **kwargs: Other arguments of `keras.Model.fit`.

        Returns:
            The history of the training.

        Raises:
            ValueError: If `x` and `y` are not equally long, a label is unknown, or the
                split leaves no rows to train on or none to validate.
        """
        validation_batch_size = validation_batch_size or batch_size
        if isinstance(validation_data, tuple):
            validation_data = self._batches(
                *validation_data, batch_size=validation_batch_size
            )
        if not is_in_memory(x):
            return super().fit(
                self.training_batches(x),
                y,
                batch_size,
                sample_weight,
                validation_data,
                validation_split,
                **kwargs,
            )
        rows = self._rows(x, y, sample_weight)
        if validation_split and validation_data is None:
            kept = _rows_to_train_on(rows.cardinality().numpy(), validation_split)
            validation_data = batches(rows.skip(kept), validation_batch_size)
            rows = rows.take(kept)
        return super().fit(
            self.training_batches(batches(rows, batch_size, shuffle)),
            validation_data=validation_data,
            # It is already: Keras would warn that it does not shuffle datasets.
            shuffle=False,
            **kwargs,
        )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        sample_weight: Any = None,
        **kwargs,
    ) -> Any:
        """Computes the loss and the metrics, as `keras.Model.evaluate` does.

        Args:
            x: As `fit` takes it.
            y: As `fit` takes it.
            batch_size: As `fit` takes it.
            sample_weight: As `fit` takes it.
            **kwargs: Other arguments of `keras.Model.evaluate`.

        Returns:
            What `keras.Model.evaluate` returns.
        """
        if is_in_memory(x):
            x = self._batches(x, y, sample_weight, batch_size=batch_size)
            y = batch_size = sample_weight = None
        return super().evaluate(x, y, batch_size, sample_weight, **kwargs)

    def predict(
        self, x: Any = None, batch_size: int | None = None, **kwargs
    ) -> np.ndarray | dict[str, np.ndarray]:
        """Computes the outputs, as `keras.Model.predict` does.

        Args:
            x: As `fit` takes it.
            batch_size: As `fit` takes it.
            **kwargs: Other arguments of `keras.Model.predict`.

        Returns:
            The outputs of all rows, in their order. A batch is as wide as its longest
            row: outputs of tokens are padded to the widest batch.
        """
        if is_in_memory(x):
            x, batch_size = batches(self._rows(x), batch_size), None
        return tf.nest.map_structure(
            self._padded, super().predict(x, batch_size, **kwargs)
        )

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, **kwargs
    ) -> Any:
        """Makes one step of training, as `keras.Model.train_on_batch` does.

        Args:
            x: A batch of what the preprocessor takes.
            y: Its labels, as `fit` takes them.
            sample_weight: Its weights.
            **kwargs: Other arguments of `keras.Model.train_on_batch`.

        Returns:
            What `keras.Model.train_on_batch` returns.
        """
        # keras-hub's takes no labels and weights that have names.
        batch = self._preprocessed(x, y, sample_weight)
        return keras.Model.train_on_batch(self, *batch, **kwargs)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, **kwargs
    ) -> Any:
        """Computes the loss and the metrics, as `keras.Model.test_on_batch` does.

        Args:
            x: A batch of what the preprocessor takes.
            y: Its labels, as `fit` takes them.
            sample_weight: Its weights.
            **kwargs: Other arguments of `keras.Model.test_on_batch`.

        Returns:
            What `keras.Model.test_on_batch` returns.
        """
        batch = self._preprocessed(x, y, sample_weight)
        return keras.Model.test_on_batch(self, *batch, **kwargs)

    def predict_on_batch(self, x: Any) -> np.ndarray | dict[str, np.ndarray]:
        """Computes the outputs, as `keras.Model.predict_on_batch` does.

        Args:
            x: A batch of what the preprocessor takes.

        Returns:
            The outputs.
        """
        return tf.nest.map_structure(self._padded, super().predict_on_batch(x))

    def make_predict_function(self, force: bool = False) -> Callable:
        """Makes what `predict` calls for each batch, as `keras.Model` does.

        Args:
            force: bool. Whether to make it anew.

        Returns:
            The function. What has a width of its own in each batch is ragged, for then
            Keras joins it at once, where it would read tensors number by number; and
            batches are predicted one by one, whatever `steps_per_execution`, for in a
            graph Keras joins tensors, which have to be equally wide.
        """
        if self.predict_function is None or force:
            super().make_predict_function(force)
            predict = self.predict_function

            def predict_each(data):
                outputs = [
                    tf.nest.map_structure(_as_ragged, self.output, predict([batch]))
                    for batch in data
                ]
                return tf.nest.map_structure(lambda *of: tf.concat(of, 0), *outputs)

            self.predict_function = predict_each
        return self.predict_function

    def preprocess_samples(
        self, x: Any, y: Any = None, sample_weight: Any = None
    ) -> Any:
        """Makes what the model takes of a batch.

        Args:
            x: What the preprocessor takes.
            y: Labels, or their names.
            sample_weight: Weights.

        Returns:
            Features, or a tuple of them, labels and weights.
        """
        self.check_examples(x)
        y = None if y is None else self.label_ids(y)
        return super().preprocess_samples(x, y, sample_weight)

    def check_examples(self, x: Any) -> None:
        """Refuses examples that the model has no rows for; none unless a task does.

        Args:
            x: What the preprocessor takes.
        """

    def training_batches(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """Changes what `fit` is given; see `EncoderTask`.

        Args:
            batches: Texts, labels and weights.

        Returns:
            The same.
        """
        return batches

    def label_ids(self, y: Any) -> Any:
        """Looks names of labels up.

        Args:
            y: Labels.

        Returns:
            Labels as the preprocessor takes them.

        Raises:
            ValueError: If one is not among `labels`.
        """
        return map_leaves(lambda names: label_ids(names, self.labels), as_list(y))

    def _preprocessed(self, x: Any, y: Any, sample_weight: Any) -> tuple:
        batch = self.preprocess_samples(x, y, sample_weight)
        return tuple(
            map_leaves(tf.convert_to_tensor, part)
            for part in keras.utils.unpack_x_y_sample_weight(batch)
        )

    def _rows(
        self, x: Any, y: Any = None, sample_weight: Any = None
    ) -> tf.data.Dataset:
        x = x if self.preprocessor_cls.has_parts else as_list(x)
        self.check_examples(x)
        # Here already, where an error is no error of a graph's.
        return rows_of(x, None if y is None else self.label_ids(y), sample_weight)

    def _batches(
        self, x: Any, y: Any = None, sample_weight: Any = None, *, batch_size=None
    ) -> tf.data.Dataset:
        return batches(self._rows(x, y, sample_weight), batch_size)

    def _padded(self, outputs: Any) -> np.ndarray:
        if isinstance(outputs, tf.RaggedTensor):
            return outputs.to_tensor(self.output_padding).numpy()
        return outputs


def _rows_to_train_on(count: int, validation_split: float) -> int:
    kept = math.floor(count * (1 - validation_split))
    if not 0 < kept < count:
        raise ValueError(
            f"validation_split={validation_split} of {count} rows leaves "
            f"{max(kept, 0)} to train on: give more rows, another share between 0 and "
            "1, or validation_data."
        )
    return kept


def _as_ragged(symbolic: keras.KerasTensor, outputs: Any) -> Any:
    has_any_width = len(symbolic.shape) > 1 and symbolic.shape[1] is None
    if not has_any_width or isinstance(outputs, tf.RaggedTensor):
        return outputs
    return tf.RaggedTensor.from_tensor(outputs)
