"""PartGradients: the gradient of an objective on some rows of a batch."""

import contextlib
from typing import NamedTuple

import tensorflow as tf

from charbert_tf.graphs.local_graph import computed_ahead, local_graph
from charbert_tf.training.objective import Objective, Term

# What of the features decides the character encoder's outputs.
_CHARACTERS = ("char_ids", "char_starts", "char_ends", "padding_mask")


class Sums(NamedTuple):
    """What a part of a batch adds to the whole.

    Attributes:
        gradients: The gradient of each variable, zeros where the loss knows none.
        terms: By the term's name its summed loss and what was told right, float32
            `(2,)`.
    """

    gradients: list[tf.Tensor]
    terms: dict[str, tf.Tensor]


class PartGradients:
    """Computes the loss of some rows and its gradient.

    With `jit_compile=True` XLA compiles all of it but the character encoder, whose
    width varies from batch to batch and whose steps follow each other: once for each
    shape of the other features and labels, which had better be static.

    Args:
        objective: What to minimise.
        jit_compile: bool. Whether XLA compiles it.

    Example:

    ```python
    sums = PartGradients(objective)(batch, batch, {"mlm": tf.constant(9.0)}, 1.0)
    ```
    """

    def __init__(self, objective: Objective, jit_compile: bool = False):
        self._objective = objective
        self.variables = objective.model.trainable_variables
        # Known when it is traced.
        self.is_trained = [True] * len(self.variables)
        self._compiled = None
        if jit_compile:
            self._compiled = tf.function(
                self._from_vectors, jit_compile=True, autograph=False
            )
        # Only CharBERT's backbone has one.
        backbone = getattr(objective.model, "backbone", None)
        self._char_encoder = getattr(backbone, "char_encoder", None)

    def __call__(
        self,
        rows: tuple,
        whole: tuple,
        weights: dict[str, tf.Tensor],
        factor: tf.Tensor,
    ) -> Sums:
        """Computes.

        Args:
            rows: Features, labels and weights of the rows.
            whole: Those of the batch that they are of.
            weights: What each term's loss is divided by.
            factor: float32 scalar: what the loss is multiplied by.

        Returns:
            The gradients and the terms.
        """
        if self._compiled is not None:
            return self._compiled_sums(rows, weights, factor)
        with tf.GradientTape() as tape, local_graph():
            terms = self._objective(rows, training=True, whole=whole)
            loss = factor * _mean(terms, weights)
        gradients = tape.gradient(loss, [v.value for v in self.variables])
        return Sums(self._dense(gradients), _stacked(terms))

    def _compiled_sums(self, rows, weights, factor) -> Sums:
        if self._char_encoder is None:
            gradients, _, terms = self._compiled(rows, [], weights, factor)
            return Sums(gradients, terms)
        features, *labels = rows
        characters = {name: features[name] for name in _CHARACTERS}
        variables = [v.value for v in self._char_encoder.trainable_variables]
        with tf.GradientTape() as tape, local_graph():
            vectors = self._char_encoder(**characters, training=True)
        # Of no use any more, and of a width that would be compiled anew.
        features = features | {"char_ids": features["char_starts"]}
        gradients, of_vectors, terms = self._compiled(
            (features, *labels), [vectors], weights, factor
        )
        of_encoder = tape.gradient(vectors, variables, output_gradients=of_vectors[0])
        places = {id(v): place for place, v in enumerate(self.variables)}
        for variable, gradient in zip(
            self._char_encoder.trainable_variables, of_encoder, strict=True
        ):
            gradients[places[id(variable)]] = tf.convert_to_tensor(gradient)
        return Sums(gradients, terms)

    def _from_vectors(self, rows, vectors, weights, factor):
        """The gradients, those of the character encoder's outputs, and the terms.

        `vectors` are these outputs, or nothing for a model without one.
        """
        variables, is_ahead = [v.value for v in self.variables], set()
        with contextlib.ExitStack() as scopes:
            tape = scopes.enter_context(tf.GradientTape())
            scopes.enter_context(local_graph(jit_compile=True))
            for tensor in vectors:
                tape.watch(tensor)
                scopes.enter_context(computed_ahead(self._char_encoder, tensor))
                is_ahead = {id(v) for v in self._char_encoder.trainable_variables}
            terms = self._objective(rows, training=True)
            loss = factor * _mean(terms, weights)
        gradients, of_vectors = tape.gradient(loss, (variables, vectors))
        return self._dense(gradients, is_ahead), of_vectors, _stacked(terms)

    def _dense(self, gradients, is_ahead=frozenset()):
        self.is_trained = [
            gradient is not None or id(variable) in is_ahead
            for variable, gradient in zip(self.variables, gradients, strict=True)
        ]
        return [
            tf.zeros_like(variable.value)
            if gradient is None
            else tf.convert_to_tensor(gradient)
            for variable, gradient in zip(self.variables, gradients, strict=True)
        ]


def _mean(terms: dict[str, Term], weights) -> tf.Tensor:
    return tf.add_n(
        [
            tf.math.divide_no_nan(term.loss, weights[name])
            for name, term in terms.items()
        ]
    )


def _stacked(terms: dict[str, Term]) -> dict[str, tf.Tensor]:
    return {name: tf.stack([t.loss, t.correct]) for name, t in terms.items()}
