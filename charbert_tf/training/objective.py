"""Objectives: what a training step minimises, as sums over examples."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import keras
import tensorflow as tf

from charbert_tf.families.problem_types import Criterion, problem_of


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


def means_of(sums: Mapping[str, Term]) -> dict[str, Term]:
    """Divides terms by their weights.

    Args:
        sums: The terms by name, summed over some batches.

    Returns:
        The same, with the mean loss, the accuracy and the weight as floats.
    """
    means = {}
    for name, (loss, correct, weight) in sums.items():
        divisor = max(float(weight), 1e-9)
        means[name] = Term(
            float(loss) / divisor, float(correct) / divisor, float(weight)
        )
    return means


def measures_of(means: Mapping[str, Term]) -> dict[str, float]:
    """Names what means say: `mlm_loss`, `mlm_accuracy` and so on.

    Args:
        means: As `means_of` returns them.

    Returns:
        The loss and the accuracy of each term by such names.
    """
    measures = {}
    for name, term in means.items():
        measures |= {f"{name}_loss": term.loss, f"{name}_accuracy": term.correct}
    return measures


def accuracies_text(means: Mapping[str, Term]) -> str:
    """Writes accuracies as progress shows them: `mlm 31.2 %  nlm 24.0 %`.

    Args:
        means: As `means_of` returns them.

    Returns:
        The text.
    """
    return "  ".join(
        f"{name} {100 * term.correct:.1f} %" for name, term in means.items()
    )


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


class CrossEntropy:
    """The cross-entropy of each of a model's outputs.

    The losses of several outputs add up, each with its share: that of the model's
    `loss_shares`, which a model has whose outputs are of one label, or 1. Of a model
    with a `problem_type` it is the loss of this type: of several labels the binary
    cross-entropy of each, of a score the squared error.

    Args:
        model: A model that returns logits, or a dict of them.

    A batch is `(features, labels)` or `(features, labels, weights)`, labels and
    weights of the outputs' structure.

    Example:

    ```python
    terms = CrossEntropy(classifier)((features, labels), training=False)
    terms["loss"].correct / terms["loss"].weight  # the accuracy
    ```
    """

    def __init__(self, model: keras.Model):
        self.model = model
        self._shares = getattr(model, "loss_shares", {})
        self._problem = problem_of(model)

    def weights(self, batch: tuple) -> dict[str, tf.Tensor]:
        """Sums the labels' weights.

        Args:
            batch: Features, labels and weights.

        Returns:
            A float32 scalar for each term.
        """
        targets = self._targets(batch)
        return {
            name.removesuffix("_logits"): tf.reduce_sum(weights)
            for name, (_, weights) in targets.items()
        }

    def __call__(
        self, batch: tuple, training: bool, whole: tuple | None = None
    ) -> dict[str, Term]:
        """Computes the terms.

        Args:
            batch: Features, labels and weights.
            training: Whether dropout is on.
            whole: Unused: an example's loss depends on no other example.

        Returns:
            A term for each output, named after it (`"mlm"` for `"mlm_logits"`), or
            `"label"` for a model with one output.
        """
        logits = _by_output(self.model(batch[0], training=training))
        return {
            name.removesuffix("_logits"): _term(
                self._problem, logits[name], *target, self._shares.get(name, 1.0)
            )
            for name, target in self._targets(batch).items()
        }

    def _targets(self, batch):
        """Each output's labels and weights."""
        _, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
        labels, weights = _by_output(labels), _by_output(weights)
        targets = {}
        for name in _by_output(self.model.output):
            weight = weights.get(name)
            weight = tf.ones_like(labels[name]) if weight is None else weight
            targets[name] = labels[name], tf.cast(weight, tf.float32)
        return targets


def _by_output(values):
    """Values by output; a model's only output is the label's logits."""
    return values if isinstance(values, dict) else {"label_logits": values}


def _term(problem: Criterion, logits, labels, weights, share) -> Term:
    logits = tf.cast(logits, tf.float32)
    loss = problem.losses(labels, logits)
    is_right = problem.are_right(labels, logits)
    return Term(
        share * tf.reduce_sum(loss * weights),
        tf.reduce_sum(tf.cast(is_right, tf.float32) * weights),
        tf.reduce_sum(weights),
    )
