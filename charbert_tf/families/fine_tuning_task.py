"""FineTuningTask: what every task family knows how to do."""

import abc
import typing
from collections.abc import Callable, Sequence

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.attacks.attack import Attack
from charbert_tf.families.attacked_file import AttackedFile
from charbert_tf.families.batching import training_batches, with_weights
from charbert_tf.families.row_computation import RowComputation
from charbert_tf.models.model_folder import (
    load_encoder,
    load_head,
    reading_model_folder,
)
from charbert_tf.word_recognition.word_corrector import WordCorrector


class FineTuningTask(abc.ABC):
    """A family of tasks: its files, its head, its scores.

    Training and evaluation are the same for all families; what differs is here. A new
    family is one subclass.

    Example:

    ```python
    task = TaggingTask()
    train = task.read("train.txt")
    labels = task.labels(train, "train.txt")
    tagger = task.make_model("my_run/preset", labels, sequence_length=128)
    dataset = task.training_dataset(tagger, train, batch_size=16, epochs=3, seed=0)
    ```
    """

    model_cls: type
    """The head's class."""

    example_score: str
    """Which of the scores tells of a single example how much of it is right."""

    @abc.abstractmethod
    def read(self, path: str) -> list:
        """Returns the examples of a labelled file.

        Args:
            path: The file.

        Raises:
            UserError: If a line is malformed.
        """

    def read_to_predict(self, path: str) -> list:
        """Returns the examples of a file that may have no labels, if the family can."""
        return self.read(path)

    def are_labelled(self, examples: Sequence) -> bool:
        """Returns whether all examples have labels, so that scores can be told."""
        return True

    @abc.abstractmethod
    def labels(self, examples: Sequence, path: str) -> list[str]:
        """Returns the labels that a training file has.

        Args:
            examples: Its examples.
            path: The file.

        Returns:
            The names of the classes; none for a task that has no classes.

        Raises:
            UserError: If a model cannot be trained on these.
        """

    @abc.abstractmethod
    def check(self, examples: Sequence, labels: Sequence[str], path: str) -> None:
        """Refuses examples that a model cannot be trained or scored on.

        Args:
            examples: The examples of a file.
            labels: The labels that the model knows.
            path: The file.

        Raises:
            UserError: If a label is unknown.
        """

    @abc.abstractmethod
    def attacked(self, examples: Sequence, attack: Attack, seed: int) -> list:
        """Returns the examples with typos and the same labels.

        Args:
            examples: The examples.
            attack: What to do to their words.
            seed: int. The same seed gives the same typos.
        """

    @abc.abstractmethod
    def edited_share(self, examples: Sequence, attack: Attack, seed: int) -> float:
        """Returns the share of words that `attacked` edits, in [0, 1]."""

    @abc.abstractmethod
    def attacked_file(self, path: str, attack: Attack, seed: int) -> AttackedFile:
        """Puts typos into a labelled file and leaves all else in it as it is.

        Args:
            path: The file.
            attack: What to do to its words.
            seed: int. The same seed gives the same typos.

        Returns:
            A file that `read` takes for the examples that `attacked` makes of those of
            the file.

        Raises:
            UserError: If a line is malformed.
        """

    @abc.abstractmethod
    def corrected(self, examples: Sequence, corrector: WordCorrector) -> list:
        """Returns the examples with their words corrected and the same labels.

        Args:
            examples: The examples.
            corrector: Tells what each word was meant to be.
        """

    @abc.abstractmethod
    def inputs(self, examples: Sequence) -> tuple:
        """Returns the examples' texts, as tensors that the preprocessor takes.

        Args:
            examples: The examples, as `windows` returns them.
        """

    @abc.abstractmethod
    def label_ids(
        self, examples: Sequence, labels: Sequence[str]
    ) -> tf.Tensor | tf.RaggedTensor | dict[str, tf.Tensor]:
        """Returns the examples' labels as the preprocessor takes them.

        Args:
            examples: The examples, as `windows` returns them.
            labels: The labels that the model knows; a label's id is its index.
        """

    @abc.abstractmethod
    def predict(self, model: keras_nlp.models.Task, examples: Sequence) -> list:
        """Returns what the model predicts for each example.

        Args:
            model: A trained head, with its preprocessor attached.
            examples: The examples; their labels are not looked at.
        """

    @abc.abstractmethod
    def scores(
        self, examples: Sequence, predictions: Sequence, labels: Sequence[str]
    ) -> dict[str, float]:
        """Returns scores by name; the first is the one that models are compared by.

        Args:
            examples: The examples.
            predictions: As `predict` returns them.
            labels: The labels that the model knows.
        """

    @abc.abstractmethod
    def score_counts(
        self, examples: Sequence, predictions: Sequence, labels: Sequence[str]
    ) -> np.ndarray:
        """Counts, for each example, what scores are made of.

        The scores of any choice of the examples are those of the sum of their rows:
        so a bootstrap needs no more than these.

        Args:
            examples: The examples.
            predictions: As `predict` returns them.
            labels: The labels that the model knows.

        Returns:
            float array `(N, K)`.
        """

    @abc.abstractmethod
    def scores_of_counts(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns the scores of sums of `score_counts`, those of `scores` first.

        Args:
            sums: float `(..., K)`.

        Returns:
            Arrays of shape `(...)`, by the measures' names: those of `scores` that sums
            over examples tell. The first is the one that models are compared by.
        """

    @abc.abstractmethod
    def is_right(self, example: object, prediction: object) -> bool:
        """Returns whether a prediction is right in every respect.

        Args:
            example: An example.
            prediction: The prediction for it, as `predict` returns it.
        """

    @abc.abstractmethod
    def words(self, example: object) -> dict[str, list[str]]:
        """Returns the words of each text of an example, by a name to be read."""

    @abc.abstractmethod
    def marked(self, example: object, prediction: object) -> list[tuple[str, str]]:
        """Returns a prediction, or the truth, to be read by people.

        Args:
            example: An example.
            prediction: The prediction for it, as `predict` returns it, or None for
                what is true of it.

        Returns:
            Pieces of text with a mark each, `""` for none.
        """

    @abc.abstractmethod
    def predict_served(
        self, served: Callable[..., dict[str, list]], examples: Sequence
    ) -> list:
        """Returns what an exported model predicts for each example.

        Args:
            served: The model: takes lists of texts by the names of its inputs, gives
                lists by the names of its outputs.
            examples: The examples; their labels are not looked at.

        Returns:
            Predictions, as those of `predict`.
        """

    @abc.abstractmethod
    def write_predictions(
        self, file: typing.TextIO, examples: Sequence, predictions: Sequence
    ) -> None:
        """Writes predictions as the data set's own scorer reads them.

        Args:
            file: An open text file.
            examples: The examples.
            predictions: As `predict` returns them.
        """

    @abc.abstractmethod
    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns what writes the files of predictions, by the ends of their names.

        `write_predictions` is the first of them; the others take what it takes.
        """

    @abc.abstractmethod
    def lengths(self, model: keras_nlp.models.Task, examples: Sequence) -> np.ndarray:
        """Measures examples, to batch each with others of about its length.

        Args:
            model: The head, with its preprocessor attached.
            examples: The examples, as `windows` returns them.

        Returns:
            int `(N, k)`: tokens, special ones aside, and what orders those that have
            as many, for characters take time too.
        """

    def windows(self, model: keras_nlp.models.Task, examples: Sequence) -> list:
        """Cuts examples that are too long for the model into ones that are not.

        A family whose examples need not be seen whole says how; others are cut off by
        the preprocessor.

        Args:
            model: The head, with its preprocessor attached.
            examples: The examples.

        Returns:
            At least one window of each example, in order.
        """
        return list(examples)

    def tell_what_is_lost(self, model: keras_nlp.models.Task, windows: list) -> None:
        """Says what no window shows of the labels, for a family that can tell.

        Args:
            model: The head, with its preprocessor attached.
            windows: As `windows` returns them.
        """
        return

    def make_model(
        self, folder: str, labels: Sequence[str], sequence_length: int
    ) -> keras_nlp.models.Task:
        """Returns a model: a new head on the encoder of a folder.

        Args:
            folder: A preset, or a Hugging Face folder.
            labels: The labels.
            sequence_length: int. The most tokens of an example.

        Raises:
            UserError: If the folder cannot be read as one, or its encoder does not
                take sequences of this length.
        """
        encoder, _ = load_encoder(folder, sequence_length)
        with reading_model_folder(folder):
            preprocessor = self.model_cls.load_preprocessor(
                folder, sequence_length=sequence_length
            )
        return self.model_cls(
            encoder, preprocessor=preprocessor, **self.head_arguments(labels)
        )

    def head_arguments(self, labels: Sequence[str]) -> dict[str, object]:
        """Returns the arguments of a new head besides encoder and preprocessor.

        Args:
            labels: The labels.
        """
        return {"num_classes": len(labels), "labels": labels}

    def load_model(self, folder: str) -> keras_nlp.models.Task:
        """Returns a model that was fine-tuned on this family.

        Args:
            folder: A preset that `official.finetune` wrote.

        Raises:
            UserError: If the folder is no such preset, or its labels have no names.
        """
        return load_head(self.model_cls, folder)

    def served_labels(
        self, served: Callable[..., dict[str, list]], examples: Sequence, path: str
    ) -> list[str]:
        """Returns the labels of an exported model: those of the examples, or its own.

        Args:
            served: As in `predict_served`.
            examples: The examples of a file.
            path: The file.
        """
        return self.labels(examples, path)

    def training_dataset(
        self,
        model: keras_nlp.models.Task,
        examples: Sequence,
        batch_size: int,
        epochs: int,
        seed: int,
    ) -> tf.data.Dataset:
        """Gives shuffled batches of features and labels.

        Args:
            model: The head, with its preprocessor attached.
            examples: The training examples.
            batch_size: int.
            epochs: int.
            seed: int.

        Returns:
            A dataset whose `cardinality()` is the number of steps, the same in each
            epoch: there may be more windows than examples.
        """
        preprocessor = model.preprocessor
        windows = self.windows(model, examples)
        self.tell_what_is_lost(model, windows)
        return training_batches(
            (self.inputs(windows), self.label_ids(windows, model.labels)),
            self.lengths(model, windows),
            lambda x, y: with_weights(preprocessor(x, y)),
            batch_size,
            epochs,
            seed,
        )

    def logits(self, model: keras_nlp.models.Task, examples: Sequence) -> list:
        """Returns the logits of each example, as NumPy arrays.

        Args:
            model: The head, with its preprocessor attached.
            examples: The examples, as `windows` returns them.
        """
        computation = RowComputation(
            model.preprocessor, lambda features: model(features, training=False)
        )
        return computation((self.inputs(examples),), self.lengths(model, examples))
