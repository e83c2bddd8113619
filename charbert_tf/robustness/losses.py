"""The loss of each example under a model: differentiable, or of a black box."""

from collections.abc import Callable, Sequence

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.attacks.attack import Attack
from charbert_tf.families.family import Family
from charbert_tf.families.problem_types import Criterion, problem_of
from charbert_tf.files.errors import UserError
from charbert_tf.graphs.batching import RowComputation, with_weights
from charbert_tf.robustness.evaluated_model import EvaluatedModel

# The loss of what a classifier rules out stays finite.
_LEAST_PROBABILITY = 1e-12


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


def _summed(problem: Criterion, logits, labels, weights) -> tuple[tf.Tensor, tf.Tensor]:
    losses = problem.losses(labels, tf.cast(logits, tf.float32))
    rows = tf.shape(labels)[0]
    return tuple(
        tf.reduce_sum(tf.reshape(values, [rows, -1]), axis=1)
        for values in (losses * weights, weights)
    )


class PredictionLoss:
    """How much of the prediction for an example is wrong, from 0 to 1.

    For a label it is 1 if it is wrong, as for several labels if one is; for a score it
    is how far off it is, as a share of the scale; for a tagged sentence the share of
    the words whose tag is wrong, for an answer 1 - F1. The model is a black box, a
    preset, a SavedModel or any Python function, that need not tell how sure it is. What
    is told by a `ModelLoss` or a `ProbabilityLoss` is finer: here an edit that makes a
    model less sure and no more is as good as none.

    Args:
        task: The family of tasks.
        model: What predicts.

    Attributes:
        queries: int. How many examples it has scored.

    Example:
        >>> from charbert_tf.families import TaggedSentence, TaggingTask
        >>> def predict(sentences):
        ...     return [["O"] * len(sentence.words) for sentence in sentences]
        >>> model = EvaluatedModel("nothing", predict, labels=["O", "B-LOC"])
        >>> loss = PredictionLoss(TaggingTask(), model)
        >>> loss([TaggedSentence(("Rome", "wins"), ("B-LOC", "O"), line=1)])
        array([0.5])
    """

    def __init__(self, task: Family, model: EvaluatedModel):
        self._task = task
        self._model = model
        self.queries = 0

    def __call__(self, examples: Sequence) -> np.ndarray:
        """Computes the losses.

        Args:
            examples: Labelled examples of the task.

        Returns:
            float64 `(N,)`.

        Raises:
            UserError: If a class, true or predicted, is none of the model's labels, or
                if there is not a prediction for each example, for each word of a
                sentence a tag.
        """
        self.queries += len(examples)
        predictions = self._model.predictions(examples)
        counts = self._model.score_counts(
            self._task, examples, predictions, self._model.labels
        )
        return 1 - self._task.metric.scores_of_examples(counts)


class ProbabilityLoss:
    """The negative logarithm of the probability that the true label gets.

    The classifier is a black box: a SavedModel, a pipeline of another library, any
    Python function.

    Args:
        predict: Called with a list of texts, or of pairs `(text, text_pair)`; returns
            probabilities `(N, classes)`.
        labels: What the classes are called, in their order.

    Example:
        >>> from charbert_tf.families import LabelledText
        >>> def predict(texts):
        ...     share = np.array([text.count("i") / len(text) for text in texts])
        ...     return np.stack([1 - share, share], axis=1)
        >>> loss = ProbabilityLoss(predict, labels=["no", "yes"])
        >>> loss([LabelledText("hi", None, "yes", line=1)])
        array([0.69314718])
    """

    def __init__(
        self,
        predict: Callable[[list], Sequence[Sequence[float]]],
        labels: Sequence[str],
    ):
        self._predict = predict
        self._id_of = {label: id for id, label in enumerate(labels)}

    def __call__(self, examples: Sequence) -> np.ndarray:
        """Computes the losses.

        Args:
            examples: Labelled texts.

        Returns:
            float64 `(N,)`.

        Raises:
            UserError: If a label is not among the classes, or if there is not a row
                of probabilities for each text.
        """
        true = [self._class_of(example) for example in examples]
        answer = self._predict(
            [
                of.text if of.text_pair is None else (of.text, of.text_pair)
                for of in examples
            ]
        )
        of_true = self._probabilities(answer, len(examples))[np.arange(len(true)), true]
        return -np.log(np.maximum(of_true, _LEAST_PROBABILITY))

    def _probabilities(self, answer: object, count: int) -> np.ndarray:
        """What the classifier, which is a user's, gave; refused if it is no table."""
        try:
            probabilities = np.asarray(answer, np.float64)
        except (TypeError, ValueError) as error:
            raise UserError(
                f"the classifier gives no table of numbers ({error}): return a row of "
                "probabilities for each text"
            ) from error
        classes = len(self._id_of)
        if probabilities.shape != (count, classes):
            raise UserError(
                f"the classifier gives probabilities of shape {probabilities.shape} "
                f"for {count} text(s) and {classes} classes: return a row for each "
                "text, in it a number for each class"
            )
        return probabilities

    def _class_of(self, example) -> int:
        if example.label not in self._id_of:
            raise UserError(
                f"line {example.line}: the label {example.label!r} is not among the "
                f"classes, {', '.join(self._id_of)}: name them as the file does"
            )
        return self._id_of[example.label]
