"""ServingSignature: what an exported model of a family takes and returns."""

import abc
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, NamedTuple, Self

import tensorflow as tf

# Tokens that are computed at once: enough to keep a processor's cores busy, few enough
# that a large encoder's activations fit in some hundred megabytes.
_TOKENS_AT_ONCE = 4096


def in_chunks(
    compute: Callable[[tf.Tensor], tuple[tf.Tensor, ...]],
    lengths: tf.Tensor,
    signature: tuple[tf.TensorSpec, ...],
) -> tuple[tf.Tensor, ...]:
    """Computes something of windows, a bounded number of them at a time.

    However long the text that the windows are of, no more memory is taken than for
    4,096 tokens, besides what is computed. Short texts come in as few chunks as before.

    Args:
        compute: Takes the numbers of some windows, int32 `(n,)`, and gives tensors of
            any first dimension.
        lengths: int tensor `(N,)`: the tokens of each window, as many as a chunk's
            windows are padded to at most.
        signature: The tensors that `compute` gives; their first dimension is `None`.

    Returns:
        Each of the tensors, of all windows one after another.

    Example:

    ```python
    (logits,) = in_chunks(
        lambda rows: (model(tf.gather(token_ids, rows)),),
        tf.fill([1000], 128),
        (tf.TensorSpec([None, 2], tf.float32),),
    )
    ```
    """
    count = tf.size(lengths)
    longest = tf.maximum(tf.cast(tf.reduce_max(lengths), tf.int32), 1)
    size = tf.maximum(_TOKENS_AT_ONCE // longest, 1)
    # One also where there are no windows: it has what shapes the others would have.
    chunks = tf.maximum(-(-count // size), 1)
    arrays = tuple(
        tf.TensorArray(spec.dtype, chunks, element_shape=spec.shape, infer_shape=False)
        for spec in signature
    )

    def add(chunk, arrays):
        rows = tf.range(chunk * size, tf.minimum((chunk + 1) * size, count))
        written = zip(arrays, compute(rows), strict=True)
        return chunk + 1, tuple(array.write(chunk, values) for array, values in written)

    _, arrays = tf.while_loop(
        lambda chunk, arrays: chunk < chunks,
        add,
        (tf.constant(0), arrays),
        # Not several chunks at once, which TensorFlow would start if it could.
        parallel_iterations=1,
    )
    return tuple(array.concat() for array in arrays)


class Table(NamedTuple):
    """What a model answers as a table.

    Attributes:
        columns: The columns' names.
        rows: For each text its rows, as wide as there are columns.
    """

    columns: tuple[str, ...]
    rows: list[list[tuple]]

    @classmethod
    def of_objects(cls, kind: type, objects: Sequence[Sequence]) -> Self:
        """Makes rows of dataclasses.

        Args:
            kind: Their class, whose fields are the columns.
            objects: Those of each text.

        Returns:
            The table.
        """
        columns = tuple(field.name for field in dataclasses.fields(kind))
        rows = [
            [tuple(getattr(one, name) for name in columns) for one in of_text]
            for of_text in objects
        ]
        return cls(columns, rows)


class ServingSignature(abc.ABC):
    """The whole way from raw text to a family's predictions, as one graph.

    A head names its signature as `signature_cls`. What reads a line for the exported
    model and prints what it returns is here too, and needs no model.

    The graph needs TensorFlow's core ops and of tensorflow-text's the regex splitter,
    the normaliser and WordPiece for BERT, SentencePiece for XLM-R. TF Serving's stock
    binary links them all: its target `tensorflow_model_server` depends on
    tensorflow-text's `ops_lib`.

    Args:
        model: A fine-tuned head with its preprocessor and labels.

    Raises:
        ValueError: If the model lacks its preprocessor or labels, or the preprocessor
            is not of this model.

    Example:

    ```python
    signature = classifier.signature_cls(classifier)
    signature.predict(tf.constant(["a borign film"]))["label"]
    ```
    """

    inputs: ClassVar[Sequence[tuple[str, ...]]]
    """The names of what it takes; several of them where a model may take a pair."""

    outputs: ClassVar[Sequence[str]]
    """Of these one is among the outputs of this signature, and of no other that takes
    the same: several of them where models differ in what they return."""

    options: ClassVar[tuple[str, ...]] = ()
    """The names of its further arguments, which a command has flags for."""

    def __init__(self, model: tf.Module):
        if model.preprocessor is None or model.labels is None:
            raise ValueError(
                "The model needs its preprocessor and its labels: make it with "
                "preprocessor=... and labels=[...], the names of the classes in the "
                "order of their ids, or set model.labels."
            )
        model.check_preprocessor()
        self.model = model
        self._preprocessor = model.preprocessor
        self._labels = tf.constant(model.labels, tf.string)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of what this model takes, in the order of `predict`."""
        return self.inputs[0]

    @abc.abstractmethod
    def predict(self, *texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Predicts.

        Args:
            *texts: string tensors `(B,)`, one for each of `input_names`.

        Returns:
            A dict of tensors, see the signature of the exported model.
        """

    @classmethod
    @abc.abstractmethod
    def answers(cls, outputs: Mapping[str, list]) -> list:
        """Makes objects of what a model returns: what the head's own method gives.

        Args:
            outputs: A list by the name of each output, a value for each text.

        Returns:
            A dataclass for each text.

        Raises:
            KeyError: If an earlier version exported the model, and did not return all
                that an object has.
        """

    @classmethod
    @abc.abstractmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes what an exported model returns as lines, to be read by people.

        Args:
            texts: What it was asked, in the order of its inputs' names.
            outputs: What it returned, a list by the name of each output.

        Returns:
            The lines, without their ends.
        """

    @classmethod
    def table(cls, outputs: Mapping[str, list]) -> Table:
        """Makes a table of what a model returns, by default a row for each text.

        Args:
            outputs: As for `answers`; at least one text.

        Returns:
            The table.
        """
        answers = cls.answers(outputs)
        return Table.of_objects(type(answers[0]), [[answer] for answer in answers])


def decoded_outputs(outputs: Mapping[str, tf.Tensor]) -> dict[str, list]:
    """Makes lists of what a graph returns.

    Args:
        outputs: Tensors by name.

    Returns:
        Strings, numbers or lists of them by name.

    Example:
        >>> decoded_outputs({"label": tf.constant(["good"])})
        {'label': ['good']}
    """
    return {name: _decoded(values.numpy().tolist()) for name, values in outputs.items()}


def _decoded(values):
    if isinstance(values, list):
        return [_decoded(value) for value in values]
    return values.decode() if isinstance(values, bytes) else values
