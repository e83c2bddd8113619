"""ProblemType: what logits mean, one label, any number of labels, or a score."""

import abc
from collections.abc import Sequence
from typing import ClassVar, Protocol

import keras
import numpy as np
import tensorflow as tf

from charbert_tf.families.example import Label
from charbert_tf.families.predicted_texts import (
    PredictedLabel,
    PredictedLabels,
    PredictedScore,
    PredictedText,
)

RIGHT_WITHIN = 0.5
"""How far a predicted score may be from the true one to be counted as right."""

_THRESHOLD = 0.5


class Criterion(Protocol):
    """What training and adversaries ask of a head: what its outputs are to be.

    A head has one as `problem`; see `problem_of`.
    """

    @abc.abstractmethod
    def losses(self, labels: tf.Tensor, outputs: tf.Tensor, /) -> tf.Tensor:
        """Computes the loss of each label.

        Args:
            labels: As the head's preprocessor passes them on, of any first dimensions.
            outputs: float32 tensor, the head's, such as logits `(..., classes)`.

        Returns:
            float32 tensor of the labels' shape.
        """

    @abc.abstractmethod
    def are_right(self, labels: tf.Tensor, outputs: tf.Tensor, /) -> tf.Tensor:
        """Tells which labels are predicted.

        Args:
            labels: As for `losses`.
            outputs: As for `losses`.

        Returns:
            bool tensor of the labels' shape.
        """


class ProblemType(Criterion, abc.ABC):
    """What the logits of a head mean: how they are trained and what is made of them.

    A head keeps the name of its type in its configuration.

    Attributes:
        name: What it is called in configurations.
        huggingface_name: What transformers calls it there.
        output: What exported models of this type return and those of others do not.
        answer_cls: What is said of a text, of what they return.
        activation: What makes probabilities of logits, for metrics; `None` of scores.

    Example:

    ```python
    PROBLEM_TYPES["multi_label"].values(classifier(features))  # sigmoids
    ```
    """

    name: ClassVar[str]
    huggingface_name: ClassVar[str]
    output: ClassVar[str]
    answer_cls: ClassVar[type[PredictedText]]
    activation: ClassVar[str | None] = None

    def check(self, num_classes: int, labels: Sequence[str] | None) -> None:
        """Refuses a head that cannot be of this type.

        Args:
            num_classes: int. How many logits it has.
            labels: Their names, if they are known.

        Raises:
            ValueError: If it cannot.
        """
        if labels is not None and len(labels) != num_classes:
            raise ValueError(
                f"There are {num_classes} classes and {len(labels)} labels: name each "
                "class once, labels=[...] in the order of their ids."
            )
        twice = [name for name in labels or () if list(labels).count(name) > 1]
        if twice:
            raise ValueError(
                f"Several classes are called {twice[0]!r}: give each a name of its "
                "own, labels=[...] in the order of their ids."
            )

    def names(self, labels: Sequence[str] | None) -> list[str] | None:
        """Returns what the logits are called; `None` where nobody has told.

        Args:
            labels: What somebody has told.
        """
        return None if labels is None else list(labels)

    @abc.abstractmethod
    def values(self, logits: tf.Tensor) -> tf.Tensor:
        """Makes probabilities, or scores, of logits: what several windows' mean is of.

        Args:
            logits: float tensor `(..., classes)`.

        Returns:
            float tensor of the same shape.
        """

    @abc.abstractmethod
    def label_ids(self, examples: Sequence[Label], labels: Sequence[str]) -> tf.Tensor:
        """Makes a tensor of labels, as heads learn from it.

        Args:
            examples: The label of each example.
            labels: The names of all, in the order of their ids.

        Returns:
            A tensor whose first dimension is that of the examples.
        """

    @abc.abstractmethod
    def predictions(self, values: np.ndarray, labels: Sequence[str]) -> list[Label]:
        """Decides what is predicted.

        Args:
            values: float `(N, classes)`, as `values` gives them.
            labels: The names of the classes.

        Returns:
            A label for each example.
        """

    @abc.abstractmethod
    def served(self, values: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        """Makes what an exported model returns.

        Args:
            values: float tensor `(B, classes)`, as `values` gives them.
            labels: string tensor `(classes,)`.

        Returns:
            Tensors of first dimension `B` by their names, `output` among them.
        """

    @abc.abstractmethod
    def loss(self, from_logits: bool) -> keras.losses.Loss:
        """Returns the loss that `compile` takes unless another one is given.

        Args:
            from_logits: bool. Whether the head returns logits, not probabilities.
        """

    @abc.abstractmethod
    def metrics(self) -> list[str]:
        """Returns the names of the metrics that `compile` takes unless told others."""


class SingleLabel(ProblemType):
    """One of several labels: a softmax."""

    name = "single_label"
    huggingface_name = "single_label_classification"
    output = "label"
    answer_cls = PredictedLabel
    activation = "softmax"

    def values(self, logits: tf.Tensor) -> tf.Tensor:
        """Returns the softmax; see the base class."""
        return tf.nn.softmax(logits)

    def losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the cross-entropy of ids; see the base class."""
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)

    def are_right(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns whether an id has the highest logit; see the base class."""
        return tf.argmax(logits, -1, tf.int32) == tf.cast(labels, tf.int32)

    def label_ids(self, examples: Sequence[str], labels: Sequence[str]) -> tf.Tensor:
        """Returns ids, int32 `(N,)`; see the base class."""
        id_of = {label: id for id, label in enumerate(labels)}
        return tf.constant([id_of[label] for label in examples], tf.int32)

    def predictions(self, values: np.ndarray, labels: Sequence[str]) -> list[str]:
        """Returns the most probable label; see the base class."""
        return [labels[row.argmax()] for row in values]

    def served(self, values: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the label, its probability and those of all; see the base class."""
        return {
            "label": tf.gather(labels, tf.argmax(values, axis=-1)),
            "probability": tf.reduce_max(values, axis=-1),
            **_of_each_label(values, labels),
        }

    def loss(self, from_logits: bool) -> keras.losses.Loss:
        """Returns the cross-entropy; see the base class."""
        return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)

    def metrics(self) -> list[str]:
        """Returns the accuracy; see the base class."""
        return ["accuracy"]


class MultiLabel(ProblemType):
    """Any number of labels, also none: a sigmoid each, above one half or not."""

    name = "multi_label"
    huggingface_name = "multi_label_classification"
    output = "predicted_labels"
    answer_cls = PredictedLabels
    activation = "sigmoid"

    def values(self, logits: tf.Tensor) -> tf.Tensor:
        """Returns the sigmoids; see the base class."""
        return tf.sigmoid(logits)

    def losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the binary cross-entropy of each class; see the base class."""
        return tf.nn.sigmoid_cross_entropy_with_logits(
            tf.cast(labels, logits.dtype), logits
        )

    def are_right(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns whether a class is told to be there as it is; see the base class."""
        return (self.values(logits) > _THRESHOLD) == (labels > _THRESHOLD)

    def label_ids(
        self, examples: Sequence[tuple[str, ...]], labels: Sequence[str]
    ) -> tf.Tensor:
        """Returns 1 or 0 for each class, float32 `(N, classes)`; see the base class."""
        rows = [[name in of_example for name in labels] for of_example in examples]
        return tf.constant(rows, tf.float32, [len(rows), len(labels)])

    def predictions(
        self, values: np.ndarray, labels: Sequence[str]
    ) -> list[tuple[str, ...]]:
        """Returns the labels above one half; see the base class."""
        return [
            tuple(
                name
                for name, value in zip(labels, row, strict=True)
                if value > _THRESHOLD
            )
            for row in values
        ]

    def served(self, values: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the labels, padded, and the probability of each; see the base."""
        of_each = _of_each_label(values, labels)
        predicted = tf.ragged.boolean_mask(of_each["labels"], values > _THRESHOLD)
        return {
            "predicted_labels": predicted.to_tensor("", shape=[None, labels.shape[0]]),
            **of_each,
        }

    def loss(self, from_logits: bool) -> keras.losses.Loss:
        """Returns the binary cross-entropy; see the base class."""
        return keras.losses.BinaryCrossentropy(from_logits=from_logits)

    def metrics(self) -> list[str]:
        """Returns the share of classes that are right; see the base class."""
        return ["accuracy"]


class Regression(ProblemType):
    """A score: the only logit, as it is."""

    name = "regression"
    huggingface_name = "regression"
    output = "score"
    answer_cls = PredictedScore

    def check(self, num_classes: int, labels: Sequence[str] | None) -> None:
        """Refuses more than one logit, and names for it; see the base class."""
        if num_classes != 1 or labels:
            raise ValueError(
                f"A regression has one score, num_classes=1 and no labels, not "
                f"num_classes={num_classes} and labels={labels}."
            )

    def names(self, labels: Sequence[str] | None) -> list[str]:
        """Returns no names, for there are no classes; see the base class."""
        return []

    def values(self, logits: tf.Tensor) -> tf.Tensor:
        """Returns the scores; see the base class."""
        return logits

    def losses(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns the squared errors; see the base class."""
        return tf.square(tf.cast(labels, logits.dtype) - logits[..., 0])

    def are_right(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Returns whether a score is near the true one; see the base class."""
        errors = tf.cast(labels, logits.dtype) - logits[..., 0]
        return tf.abs(errors) <= RIGHT_WITHIN

    def label_ids(self, examples: Sequence[float], labels: Sequence[str]) -> tf.Tensor:
        """Returns the scores, float32 `(N,)`; see the base class."""
        return tf.constant(examples, tf.float32, [len(examples)])

    def predictions(self, values: np.ndarray, labels: Sequence[str]) -> list[float]:
        """Returns the scores; see the base class."""
        return [float(row[0]) for row in values]

    def served(self, values: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the score alone; see the base class."""
        return {"score": values[:, 0]}

    def loss(self, from_logits: bool) -> keras.losses.Loss:
        """Returns the mean squared error; see the base class."""
        return keras.losses.MeanSquaredError()

    def metrics(self) -> list[str]:
        """Returns the root of the mean squared error; see the base class."""
        return ["root_mean_squared_error"]


def _of_each_label(values: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
    count = tf.shape(values)[0]
    return {"labels": tf.tile(labels[None], [count, 1]), "probabilities": values}


PROBLEM_TYPES: dict[str, ProblemType] = {
    kind.name: kind for kind in (SingleLabel(), MultiLabel(), Regression())
}
"""What logits may mean, by name."""


def problem_of(model: keras.Model) -> Criterion:
    """Tells what the outputs of a model are to be.

    Args:
        model: A head that has a `problem`, or another model, whose logits are of one
            label each.

    Returns:
        The model's `problem`.

    Example:

    ```python
    problem_of(classifier).losses(label_ids, classifier(features))
    ```
    """
    return getattr(model, "problem", PROBLEM_TYPES[SingleLabel.name])
