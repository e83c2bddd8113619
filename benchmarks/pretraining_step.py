"""A step of pretraining as a graph: forward, backward and AdamW."""

from collections.abc import Callable

import keras
import tensorflow as tf

from charbert_tf.training.cross_entropy import CrossEntropy
from charbert_tf.training.grouped_adamw import GroupedAdamW


def pretraining_step(
    model: keras.Model, element_spec: tuple
) -> Callable[..., tf.Tensor]:
    """Makes a function that trains a pretrainer for a step, with dropout.

    Args:
        model: The pretrainer.
        element_spec: The types of a batch's features, labels and weights.

    Returns:
        A function of features, labels and weights; it returns the loss.
    """
    objective, optimizer = CrossEntropy(model), GroupedAdamW(1e-5)
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function(input_signature=element_spec)
    def step(features, labels, weights):
        with tf.GradientTape() as tape:
            terms = objective((features, labels, weights), training=True)
            loss = tf.add_n([term.loss / term.weight for term in terms.values()])
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        trained = [
            (gradient, variable)
            for gradient, variable in zip(gradients, variables, strict=True)
            if gradient is not None
        ]
        optimizer.apply(*zip(*trained, strict=True))
        return loss

    return step
