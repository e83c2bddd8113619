"""ModelLoss: the loss of each example under a fine-tuned model."""

from collections.abc import Sequence

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.attacks.attack import Attack
from charbert_tf.families.batching import RowComputation, with_weights
from charbert_tf.families.family import Family
from charbert_tf.families.problem_types import ProblemType, problem_of


class ModelLoss:
    """The mean loss of an example's labels, as training minimises it: cross-entropy.

    It is over the words of a tagged sentence, and over both ends of an answer. What an
    example has several windows for, the labels of all of them count. Of several labels
    it is the mean of binary cross-entropies, of a score the squared error.

    Many examples at once are what it is made for: they are batched with others of about
    their length.

    Args:
        task: The family of tasks.
        model: A model that was fine-tuned on it.
        path: str. The file that the examples come from, for the error.

    Attributes:
        queries: int. How many examples it has scored.

    Example:

    ```python
    task = TaggingTask()
    loss = ModelLoss(task, task.load_model("my_tagger/preset"))
    loss(task.read("dev.txt"))  # one number a sentence
    ```
    """

    def __init__(
        self,
        task: Family,
        model: keras_nlp.models.Task,
        path: str = "examples",
    ):
        self._task = task
        self._model = model
        self._path = path
        self._computation = RowComputation(
            model.preprocessor, lambda batch: summed_losses(model, batch)
        )
        self.queries = 0

    def check_attack(self, examples: Sequence, attack: Attack) -> None:
        """Makes sure that there will be a loss of all that an attack makes.

        Args:
            examples: Labelled examples of the task.
            attack: What is to be done to their words.

        Raises:
            UserError: If it gives a word that is split a tag that the model does not
                know.
        """
        self._task.check_attack(examples, attack, self._model.labels)

    def __call__(self, examples: Sequence) -> np.ndarray:
        """Computes the losses.

        Args:
            examples: Labelled examples of the task.

        Returns:
            float64 `(N,)`.

        Raises:
            UserError: If the model does not know a label. A word that is split may need
                a tag that the training data had not.
        """
        task, model = self._task, self._model
        task.check(examples, model.labels, self._path)
        self.queries += len(examples)
        windows, owners = task.head.windows(model, examples)
        rows = self._computation(
            (task.head.inputs(windows), task.head.label_ids(windows, model.labels)),
            task.head.lengths(model, windows),
        )
        losses, weights = (
            np.bincount(owners, values, minlength=len(examples))
            for values in zip(*rows, strict=True)
        )
        # An example without a label, which no window has room for, has no loss.
        return losses / np.maximum(weights, 1)


def summed_losses(
    model: keras_nlp.models.Task, batch: tuple
) -> tuple[tf.Tensor, tf.Tensor]:
    """Sums the losses of each row's labels, and the weights of these.

    Args:
        model: A head.
        batch: Features, labels and perhaps weights, as its preprocessor makes them.

    Returns:
        Two float32 tensors `(B,)`.

    Example:

    ```python
    batch = classifier.preprocessor(tf.constant(["a fine film"]), tf.constant([1]))
    losses, weights = summed_losses(classifier, batch)
    ```
    """
    features, labels, weights = with_weights(batch)
    logits = model(features, training=False)
    outputs = zip(*map(tf.nest.flatten, (logits, labels, weights)), strict=True)
    problem = problem_of(model)
    summed = [_summed(problem, *of_output) for of_output in outputs]
    return tuple(map(tf.add_n, zip(*summed, strict=True)))


def _summed(
    problem: ProblemType, logits, labels, weights
) -> tuple[tf.Tensor, tf.Tensor]:
    losses = problem.losses(labels, tf.cast(logits, tf.float32))
    rows = tf.shape(labels)[0]
    return tuple(
        tf.reduce_sum(tf.reshape(values, [rows, -1]), axis=1)
        for values in (losses * weights, weights)
    )
