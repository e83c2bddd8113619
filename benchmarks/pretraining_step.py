"""The step that the commands train with, as a graph."""

from collections.abc import Callable

import keras
import tensorflow as tf

from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW
from charbert_tf.training.training_step import TrainingStep


def pretraining_step(
    model: keras.Model, element_spec: tuple, jit_compile: bool = False
) -> Callable[..., tf.Tensor]:
    """Makes a function that trains a model for a step, with dropout and clipping.

    Args:
        model: The pretrainer, or another head.
        element_spec: The types of a batch's features, labels and weights.
        jit_compile: bool. As `TrainingStep` takes it.

    Returns:
        A function of features, labels and weights; it returns the loss.
    """
    training_step = TrainingStep(
        CrossEntropy(model),
        GroupedAdamW(1e-5),
        tf.distribute.get_strategy(),
        jit_compile=jit_compile,
    )

    @tf.function(input_signature=element_spec, autograph=False)
    def step(*batch):
        report = training_step(batch, tf.constant(1, tf.int64), tf.constant(False))
        return tf.add_n([term.loss / term.weight for term in report.terms.values()])

    return step
