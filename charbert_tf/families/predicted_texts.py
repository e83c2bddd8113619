"""PredictedText: what a classifier says of a text: a label, several or a score."""

import abc
import dataclasses
from collections.abc import Mapping
from typing import Any, Self


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
