"""Family: what is done with the labelled examples of a kind of task."""

import abc
import functools
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from charbert_tf.attacks.attack import Attack
from charbert_tf.families.edited_examples import (
    Corrector,
    corrected_examples,
    edited_examples,
    share_of_edited_words,
    with_texts,
)
from charbert_tf.families.example import Example
from charbert_tf.families.family_format import AttackedFile, FamilyFormat
from charbert_tf.families.metric import Metric, MetricBefore, scores_of

# What files are read and attacked with shall not wait for TensorFlow.
if TYPE_CHECKING:
    import tensorflow as tf

    from charbert_tf.families.family_head import FamilyHead
    from charbert_tf.models.encoder_task import EncoderTask


class Family(abc.ABC):
    """A family of tasks, put together of parts that each can be used alone.

    Training and evaluation are the same for all families; what differs is in the parts,
    and in the class of the examples, which has their texts.

    Args:
        format: Reads and writes the files.
        metric: Counts what is right; the counts add up to scores.
        head: Makes, feeds and asks the model. Or a function that makes it when it is
            first asked for: then files are read and attacked without TensorFlow.
        attacked_text: Which of an example's texts attacks are of, as `attacked_texts`
            takes it; by default those that the example says.

    Example:

    ```python
    task = TaggingTask()
    train = task.read("train.txt")
    labels = task.labels(train, "train.txt")
    tagger = task.make_model("my_run/preset", labels, sequence_length=128)
    dataset = task.training_dataset(tagger, train, batch_size=16, epochs=3, seed=0)
    ```
    """

    is_of_words: ClassVar[bool] = False
    """Whether an example is a sentence of words with a tag each, for analyses."""

    def __init__(
        self,
        format: FamilyFormat,
        metric: Metric,
        head: "FamilyHead | Callable[[], FamilyHead]",
        attacked_text: str | None = None,
    ):
        self.format = format
        self.metric = metric
        self.attacked_text = attacked_text
        self._head = head

    @functools.cached_property
    def head(self) -> "FamilyHead":
        """What makes, feeds and asks the model."""
        return self._head() if callable(self._head) else self._head

    @abc.abstractmethod
    def labels(self, examples: Sequence[Example], path: str) -> list[str]:
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
    def check(
        self, examples: Sequence[Example], labels: Sequence[str], path: str
    ) -> None:
        """Refuses examples that a model cannot be trained or scored on.

        Args:
            examples: The examples of a file.
            labels: The labels that the model knows.
            path: The file.

        Raises:
            UserError: If a label is unknown.
        """

    def check_attack(
        self, examples: Sequence[Example], attack: Attack, labels: Sequence[str]
    ) -> None:
        """Refuses an attack that gives an example a label which the model has not.

        Args:
            examples: Examples that `check` accepts.
            attack: What is to be done to their words.
            labels: The labels that the model knows.

        Raises:
            UserError: If it does.
        """
        return

    def are_labelled(self, examples: Sequence[Example]) -> bool:
        """Returns whether all examples have labels, so that scores can be told."""
        return True

    def put_first(self, metric: Metric) -> None:
        """Puts a metric before the family's own: models are compared by it.

        Args:
            metric: The metric, with its `num_counts`.

        Raises:
            UserError: If it has none.
        """
        self.metric = MetricBefore(metric, self.metric)

    # === Files ===

    def read(self, path: str | os.PathLike[str]) -> list[Example]:
        """Returns the examples of a labelled file; see `FamilyFormat.read`."""
        return self.format.read(path)

    def read_to_predict(self, path: str | os.PathLike[str]) -> list[Example]:
        """Returns the examples of a file that may have no labels."""
        return self.format.read_to_predict(path)

    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns what writes predictions; see `FamilyFormat.prediction_writers`."""
        return self.format.prediction_writers()

    # === Texts ===

    def attacked(
        self, examples: Sequence[Example], attack: Attack, seed: int
    ) -> list[Example]:
        """Returns the examples with typos and the same labels.

        Args:
            examples: The examples.
            attack: What to do to their words.
            seed: int. The same seed gives the same typos.
        """
        return with_texts(
            examples, edited_examples(examples, attack, seed, self.attacked_text)
        )

    def edited_share(
        self, examples: Sequence[Example], attack: Attack, seed: int
    ) -> float:
        """Returns the share of words that `attacked` edits, in [0, 1]."""
        return share_of_edited_words(examples, attack, seed, self.attacked_text)

    def attacked_file(
        self, path: str | os.PathLike[str], attack: Attack, seed: int
    ) -> AttackedFile:
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
        file = self.format.parse(path)
        edited = edited_examples(file.examples, attack, seed, self.attacked_text, path)
        return file.attacked(edited)

    def corrected(
        self, examples: Sequence[Example], corrector: Corrector
    ) -> list[Example]:
        """Returns the examples with the words that were typed corrected.

        Args:
            examples: The examples.
            corrector: Tells what each word was meant to be.
        """
        return corrected_examples(examples, corrector)

    # === Scores ===

    def scores(
        self,
        examples: Sequence[Example],
        predictions: Sequence,
        labels: Sequence[str],
    ) -> dict[str, float]:
        """Returns scores by name; the first is the one that models are compared by.

        Args:
            examples: The examples.
            predictions: As `predict` returns them.
            labels: The labels that the model knows.

        Raises:
            UserError: If a prediction is none for its example.
        """
        return scores_of(self.metric, examples, predictions, labels)

    # === Models ===

    def make_model(
        self, folder: str, labels: Sequence[str], sequence_length: int, **options
    ) -> "EncoderTask":
        """Returns a new head on an encoder; see `FamilyHead.make`."""
        return self.head.make(folder, labels, sequence_length, **options)

    def load_model(self, folder: str) -> "EncoderTask":
        """Returns a model that was fine-tuned; see `FamilyHead.load`."""
        return self.head.load(folder)

    def training_dataset(
        self,
        model: "EncoderTask",
        examples: Sequence[Example],
        batch_size: int,
        epochs: int,
        seed: int,
    ) -> "tf.data.Dataset":
        """Returns batches to train on; see `FamilyHead.training_dataset`."""
        return self.head.training_dataset(model, examples, batch_size, epochs, seed)

    def predictor(self, model: "EncoderTask") -> Callable[[Sequence[Example]], list]:
        """Returns what predicts again and again; see `FamilyHead.predictor`."""
        return self.head.predictor(model)

    def predict(self, model: "EncoderTask", examples: Sequence[Example]) -> list:
        """Returns what a model predicts for each example.

        Args:
            model: A trained model, with its preprocessor attached.
            examples: The examples; their labels are not looked at.
        """
        return self.predictor(model)(examples)

    def predict_served(
        self, served: Callable[..., dict[str, list]], examples: Sequence[Example]
    ) -> list:
        """Returns what an exported model predicts; see `FamilyHead.predict_served`."""
        return self.head.predict_served(served, examples)

    def served_labels(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[Example],
        path: str,
    ) -> list[str]:
        """Returns the labels of an exported model: those of the examples, or its own.

        Args:
            served: As in `predict_served`.
            examples: The examples of a file.
            path: The file.
        """
        return self.labels(examples, path)
