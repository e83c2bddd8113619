"""FamilyHead: how a family's head is made, fed, trained and asked."""

import abc
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from charbert_tf.files.errors import UserError
from charbert_tf.graphs.batching import (
    COUNTED_AT_ONCE,
    cut,
    training_batches,
    with_weights,
)
from charbert_tf.models.encoder_task import EncoderTask
from charbert_tf.models.model_folder import (
    load_encoder,
    load_head,
    reading_model_folder,
)
from charbert_tf.noise.training_noise import TrainingNoise


class Windows(NamedTuple):
    """What a model sees of examples, each as a whole or by parts.

    Attributes:
        windows: At least one of each example, in order.
        owners: int array, as many: which example each is of.
    """

    windows: list
    owners: np.ndarray


class _CountsSubwords(Protocol):
    """What `text_lengths` asks of a preprocessor."""

    def subword_counts(self, x: tuple[tf.Tensor, ...]) -> tf.Tensor:
        """Counts the subwords of each example, `(B,)`."""


def text_lengths(
    preprocessor: _CountsSubwords, inputs: tuple[tf.Tensor, ...]
) -> np.ndarray:
    """Counts the subwords of any number of examples, some at a time.

    Args:
        preprocessor: Of a head, with its `subword_counts`.
        inputs: The texts of each example, strings `(N,)`.

    Returns:
        int array `(N,)`.

    Example:

    ```python
    text_lengths(classifier.preprocessor, (tf.constant(["a fine film", "dull"]),))
    ```
    """
    parts = zip(*(cut(texts, COUNTED_AT_ONCE) for texts in inputs), strict=True)
    counts = [preprocessor.subword_counts(part).numpy() for part in parts]
    return np.concatenate([np.zeros(0, int), *counts])


class FamilyHead(abc.ABC):
    """What there is between a family's examples and its Keras model.

    Attributes:
        head_cls: The class of the model.

    Example:

    ```python
    head = TaggingHead()
    tagger = head.make("my_run/preset", ["O", "B-LOC"], sequence_length=128)
    dataset = head.training_dataset(tagger, sentences, 16, epochs=3, seed=0)
    ```
    """

    head_cls: ClassVar[type[EncoderTask]]

    @abc.abstractmethod
    def inputs(self, windows: Sequence) -> tuple:
        """Returns the texts of windows, as tensors that the preprocessor takes.

        Args:
            windows: As `windows` returns them.
        """

    @abc.abstractmethod
    def label_ids(
        self, windows: Sequence, labels: Sequence[str]
    ) -> tf.Tensor | tf.RaggedTensor | dict[str, tf.Tensor]:
        """Returns the labels of windows as the preprocessor takes them.

        Args:
            windows: As `windows` returns them.
            labels: The labels that the model knows; a label's id is its index.
        """

    @abc.abstractmethod
    def lengths(self, model: EncoderTask, windows: Sequence) -> np.ndarray:
        """Measures windows, to batch each with others of about its length.

        Args:
            model: The model, with its preprocessor attached.
            windows: As `windows` returns them.

        Returns:
            int `(N, k)`: tokens, and what orders those that have as many, for
            characters take time too.
        """

    @abc.abstractmethod
    def predictor(self, model: EncoderTask) -> Callable[[Sequence], list]:
        """Returns what predicts for examples, again and again: it traces once.

        Args:
            model: A trained model, with its preprocessor attached. It may be trained
                on between calls.

        Returns:
            A function of a list of examples, whose labels are not looked at, that gives
            a prediction for each.
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
            Predictions, as those of `predictor`.
        """

    @property
    def served_output(self) -> str:
        """What an exported model of the task returns, to be told from others."""
        return self.head_cls.signature_cls.outputs[0]

    def noisable(self, windows: Sequence, labels: Sequence[str]) -> tuple:
        """Returns inputs and labels as `noised` of the preprocessor takes them.

        Args:
            windows: As `windows` returns them.
            labels: As `label_ids` takes them.
        """
        return self.inputs(windows), self.label_ids(windows, labels)

    def windows(self, model: EncoderTask, examples: Sequence) -> Windows:
        """Cuts examples that are too long for the model into ones that are not.

        A family whose examples need not be seen whole says how; others are cut off by
        the preprocessor.

        Args:
            model: The model, with its preprocessor attached.
            examples: The examples.

        Returns:
            The windows.
        """
        return Windows(list(examples), np.arange(len(examples)))

    def tell_what_is_lost(self, model: EncoderTask, windows: Sequence) -> None:
        """Says what no window shows of the labels, for a family that can tell.

        Args:
            model: The model, with its preprocessor attached.
            windows: As `windows` returns them.
        """
        return

    def arguments(self, labels: Sequence[str]) -> dict[str, object]:
        """Returns the arguments of a new model besides encoder and preprocessor.

        Args:
            labels: The labels.
        """
        return {"num_classes": len(labels), "labels": labels}

    def make(
        self,
        folder: str,
        labels: Sequence[str],
        sequence_length: int,
        training_noise: TrainingNoise | None = None,
        **options,
    ) -> EncoderTask:
        """Returns a model: a new head on the encoder of a folder.

        Args:
            folder: A preset, or a Hugging Face folder.
            labels: The labels.
            sequence_length: int. The most tokens of an example.
            training_noise: What training does to the texts.
            **options: Further arguments of the preprocessor that are to differ from
                the folder's.

        Raises:
            UserError: If the folder cannot be read as one, its encoder does not take
                sequences of this length, or texts of this head take no noise.
        """
        encoder, _ = load_encoder(folder, sequence_length)
        with reading_model_folder(folder):
            preprocessor = self.head_cls.load_preprocessor(
                folder,
                sequence_length=sequence_length,
                training_noise=training_noise,
                **options,
            )
        try:
            preprocessor.check_training_noise()
        except NotImplementedError as error:
            raise UserError(str(error)) from error
        try:
            return self.head_cls(
                encoder, preprocessor=preprocessor, **self.arguments(labels)
            )
        except ValueError as error:
            raise UserError(f"cannot be started from: {error}", folder) from error

    def load(self, folder: str) -> EncoderTask:
        """Returns a model that was fine-tuned.

        Args:
            folder: A preset that `official.finetune` wrote.

        Raises:
            UserError: If the folder is no such preset, or its labels have no names.
        """
        return load_head(self.head_cls, folder)

    def training_dataset(
        self,
        model: EncoderTask,
        examples: Sequence,
        batch_size: int,
        epochs: int,
        seed: int,
    ) -> tf.data.Dataset:
        """Gives shuffled batches of features and labels.

        Args:
            model: The model, with its preprocessor attached.
            examples: The training examples.
            batch_size: int.
            epochs: int.
            seed: int.

        Returns:
            A dataset whose `cardinality()` is the number of steps, the same in each
            epoch: there may be more windows than examples.
        """
        preprocessor, labels = model.preprocessor, model.labels
        windows, _ = self.windows(model, examples)
        self.tell_what_is_lost(model, windows)
        examples, noised = (self.inputs(windows), self.label_ids(windows, labels)), None
        if preprocessor.training_noise is not None:
            examples = self.noisable(windows, labels)

            def noised(x, y, numbers):
                return preprocessor.noised(x, y, numbers, seed)

        return training_batches(
            examples,
            self.lengths(model, windows),
            lambda x, y: with_weights(preprocessor(x, y)),
            batch_size,
            epochs,
            seed,
            noised,
        )
