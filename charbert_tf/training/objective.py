"""Objectives: what a training step minimises, as sums over examples."""

from typing import NamedTuple, Protocol

import keras
import tensorflow as tf


class Term(NamedTuple):
    """One term of a loss, summed over a batch's labels.

    Sums, not means: only they can be added over replicas.

    Attributes:
        loss: float32 scalar, summed weighted cross-entropy.
        correct: float32 scalar, summed weight of the labels that were told right.
        weight: float32 scalar, summed weight of the labels.
    """

    loss: tf.Tensor
    correct: tf.Tensor
    weight: tf.Tensor


class Objective(Protocol):
    """What a `Trainer` minimises: the sum of its terms' means."""

    @property
    def model(self) -> keras.Model:
        """The model whose weights are trained."""
        ...

    def weights(self, batch: tuple) -> dict[str, tf.Tensor]:
        """Returns each term's `weight` in a batch, without computing its loss.

        Those of some rows and of the others add up to those of all.
        """
        ...

    def __call__(
        self, batch: tuple, training: bool, whole: tuple | None = None
    ) -> dict[str, Term]:
        """Returns the terms of a batch by name.

        `whole` is what `batch` is some rows of, by default the same: for a loss that
        compares an example with the others. It is the global batch unless its rows are
        divided among workers, see `Trainer.train`.
        """
        ...
