"""TextClassifierSignature: a classifier as an exported model."""

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Self

import tensorflow as tf

from charbert_tf.families.classification.options import check_long_texts
from charbert_tf.families.problem_types import PROBLEM_TYPES
from charbert_tf.families.serving_signature import ServingSignature, in_chunks
from charbert_tf.text.rows import row_numbers
from charbert_tf.text.subword_tokenizer import Subwords


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictedText(abc.ABC):
    """What a classifier says of a text, or of a pair of texts.

    All end with `is_cut`: whether the text is too long for the model, which has not
    seen its end.
    """

    @classmethod
    def of_outputs(cls, outputs: Mapping[str, Any]) -> Self:
        """Takes what a graph returns of a text.

        Args:
            outputs: a value by the name of each output; `""` in a list is padding.

        Returns:
            The same as an object. `is_cut` is false if the graph, which an earlier
            version may have exported, does not say.
        """
        names = {field.name for field in dataclasses.fields(cls)} & outputs.keys()
        values = {name: outputs[name] for name in names}
        return cls(
            **{
                name: tuple(item for item in value if item != "")
                if isinstance(value, list)
                else value
                for name, value in values.items()
            }
        )

    @abc.abstractmethod
    def line(self) -> str:
        """Returns the answer to be read by people, with tabs between its parts."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictedLabel(PredictedText):
    r"""The label of a text.

    Args:
        label: the most probable one.
        probability: its probability, in [0, 1].
        labels: all labels.
        probabilities: theirs, which sum up to 1.

    Example:
        >>> each = {"labels": ("bad", "good"), "probabilities": (0.25, 0.75)}
        >>> PredictedLabel(label="good", probability=0.75, **each).line()
        'good\t0.750'
    """

    label: str
    probability: float
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    is_cut: bool = False

    def line(self) -> str:
        """Returns the label and its probability; see the base class."""
        return f"{self.label}\t{self.probability:.3f}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictedLabels(PredictedText):
    r"""The labels of a text, of which it may have any number.

    Args:
        predicted_labels: those with a probability above one half.
        labels: all labels.
        probabilities: theirs, each in [0, 1].

    Example:
        >>> each = {"labels": ("fear", "joy"), "probabilities": (0.2, 0.75)}
        >>> PredictedLabels(predicted_labels=("joy",), **each).line()
        'joy\t0.750'
    """

    predicted_labels: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    is_cut: bool = False

    def line(self) -> str:
        """Returns labels and probabilities, with commas; see the base class."""
        probability = dict(zip(self.labels, self.probabilities, strict=True))
        numbers = [f"{probability[label]:.3f}" for label in self.predicted_labels]
        return f"{','.join(self.predicted_labels)}\t{','.join(numbers)}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictedScore(PredictedText):
    """The score of a text, such as how alike the two of a pair are.

    Args:
        score: in the unit of the training data.

    Example:
        >>> PredictedScore(score=4.25).line()
        '4.250'
    """

    score: float
    is_cut: bool = False

    def line(self) -> str:
        """Returns the number; see the base class."""
        return f"{self.score:.3f}"


PREDICTED_TEXTS: dict[str, type[PredictedText]] = {
    "label": PredictedLabel,
    "predicted_labels": PredictedLabels,
    "score": PredictedScore,
}
"""The kinds, by what each has and the others have not: `output` of a `ProblemType`."""


class TextClassifierSignature(ServingSignature):
    """`label` and `probability` `(B,)`; `labels` and `probabilities` `(B, classes)`.

    So of one label. Of several labels it returns `predicted_labels` `(B, classes)`,
    those above one half, padded with `""`, beside `labels` and `probabilities`; of a
    score `score` `(B,)` alone. It takes `text`, and of pairs `text_pair`. `is_cut`
    `(B,)` tells which texts are too long for the model, whose end it has not seen.

    Args:
        model: A `TextClassifier` with its preprocessor and labels.
        long_texts: As `ClassificationTask` takes it. No text is cut with `"windows"`.
    """

    inputs = (("text",), ("text", "text_pair"))
    outputs = tuple(problem.output for problem in PROBLEM_TYPES.values())
    options = ("long_texts",)

    def __init__(self, model: tf.Module, long_texts: str = "cut"):
        super().__init__(model)
        check_long_texts(long_texts)
        self._shows_all = long_texts == "windows"

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of one text or of both; see the base class."""
        return self.inputs[bool(self.model.takes_pairs)]

    def predict(
        self, text: tf.Tensor, text_pair: tf.Tensor | None = None
    ) -> dict[str, tf.Tensor]:
        """Predicts labels; see the base class."""
        texts = (text,) if text_pair is None else (text, text_pair)
        windows, counts = self._preprocessor.windows(texts)
        first = tf.cumsum(counts, exclusive=True)
        is_cut = counts > 1
        if self._shows_all:
            rows, is_cut = tf.range(tf.reduce_sum(counts)), tf.zeros_like(is_cut)
        else:
            rows, counts = first, tf.ones_like(counts)
        lengths = tf.add_n([segment.token_ids.row_lengths() for segment in windows])
        (values,) = in_chunks(
            lambda some: (self._values(windows, tf.gather(rows, some)),),
            tf.gather(lengths, rows),
            (tf.TensorSpec([None, self.model.num_classes], tf.float32),),
        )
        values = tf.math.segment_mean(values, row_numbers(counts))
        outputs = self.model.problem.served(values, self._labels)
        return outputs | {"is_cut": is_cut}

    def _values(self, windows: tuple[Subwords, ...], rows: tf.Tensor) -> tf.Tensor:
        """The probabilities, or scores, of some windows, `(rows, classes)`."""
        segments = tf.nest.map_structure(lambda of: tf.gather(of, rows), windows)
        features = self._preprocessor.features(segments)
        return self.model.probabilities(self.model(features, training=False))

    @classmethod
    def answers(cls, outputs: Mapping[str, list]) -> list[PredictedText]:
        """Returns what is predicted of each text; see the base class."""
        kinds = [kind for name, kind in PREDICTED_TEXTS.items() if name in outputs]
        return [
            kinds[0].of_outputs(dict(zip(outputs, of_text, strict=True)))
            for of_text in zip(*outputs.values(), strict=True)
        ]

    @classmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes label and probability, or score, and text; see the base class."""
        return [
            f"{answer.line()}\t{text}"
            for answer, text in zip(
                cls.answers(outputs), map("\t".join, texts), strict=True
            )
        ]
