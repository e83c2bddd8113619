"""ClassificationHead: texts and pairs as a TextClassifier takes them."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.encoders.preprocessor_sizes import check_pairs
from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    texts_by_input,
)
from charbert_tf.families.classification.options import check_long_texts
from charbert_tf.families.classification.text_classifier import TextClassifier
from charbert_tf.families.cut_texts import tell_of_cut_texts
from charbert_tf.families.example import Label
from charbert_tf.families.family_head import FamilyHead, text_lengths
from charbert_tf.families.problem_types import PROBLEM_TYPES, SingleLabel
from charbert_tf.files.errors import UserError
from charbert_tf.graphs.batching import COUNTED_AT_ONCE, RowComputation, cut

_REMEDY = "give --long_texts=windows to see all of them"
_EXPORT = "export it with --long_texts=windows to see all of them"


class ClassificationHead(FamilyHead):
    """Texts and pairs as a `TextClassifier` takes them.

    Args:
        takes_pairs: bool. Whether the examples are pairs of texts.
        problem_type: What the logits mean, as `TextClassifier` takes it.
        long_texts: What a prediction is made of where texts are longer than the model's
            sequences: of their beginnings, with `"cut"`, and a line of standard error
            says how many there are; of the mean probabilities of windows that together
            show all, with `"windows"`.

    Raises:
        ValueError: If `long_texts` is neither.
    """

    head_cls = TextClassifier

    def __init__(
        self,
        takes_pairs: bool,
        long_texts: str = "cut",
        problem_type: str = SingleLabel.name,
    ):
        check_long_texts(long_texts)
        self._takes_pairs = takes_pairs
        self._long_texts = long_texts
        self._problem = PROBLEM_TYPES[problem_type]
        self._told: set[str] = set()

    def inputs(self, examples: Sequence[LabelledText]) -> tuple[tf.Tensor, ...]:
        """Returns one or two string tensors `(N,)`; see the base class."""
        first = tf.constant([example.text for example in examples])
        if not examples or examples[0].text_pair is None:
            return (first,)
        return first, tf.constant([example.text_pair for example in examples])

    def label_ids(
        self, examples: Sequence[LabelledText], labels: Sequence[str]
    ) -> tf.Tensor:
        """Returns what the problem type makes of labels; see the base class."""
        return self._problem.label_ids([example.label for example in examples], labels)

    def arguments(self, labels: Sequence[str]) -> dict[str, object]:
        """Returns also whether it is about pairs, and of what; see the base class."""
        return {
            # A score has a logit, too, and no name.
            "num_classes": max(len(labels), 1),
            "labels": labels,
            "takes_pairs": self._takes_pairs,
            "problem_type": self._problem.name,
        }

    @property
    def served_output(self) -> str:
        """What models of this problem type return; see the base class."""
        return self._problem.output

    def load(self, folder: str) -> TextClassifier:
        """Returns a model of what the task reads, pairs or single texts.

        One that does not know what it takes is taken at the user's word.

        Args:
            folder: A preset that `official.finetune` wrote.

        Raises:
            UserError: If it is of the other kind, or of another problem type; and see
                the base class.
        """
        model = super().load(folder)
        if model.problem_type != self._problem.name:
            raise UserError(
                f"is of the problem type {model.problem_type}, and this task is of "
                f"{self._problem.name}: name the --task that it was trained on",
                folder,
            )
        if model.takes_pairs is None or model.takes_pairs == self._takes_pairs:
            if self._takes_pairs:
                _check_pairs(model, folder)
            return model
        if model.takes_pairs:
            raise UserError(
                "classifies pairs of texts, and this task reads single ones: name the "
                "second text's column with --text_pair_column, or the --task that it "
                "was trained on",
                folder,
            )
        raise UserError(
            "classifies single texts (its takes_pairs is false), and this task reads "
            "pairs: leave out --text_pair_column, or name the --task that it was "
            "trained on",
            folder,
        )

    def predictor(
        self, model: TextClassifier
    ) -> Callable[[Sequence[LabelledText]], list[Label]]:
        """Returns what gives each example its label, labels or score; see the base."""
        if self._long_texts == "windows":
            values_of = self._mean_values(model)
        else:
            values_of = self._values(model)
        return lambda examples: model.problem.predictions(
            values_of(examples), model.labels
        )

    def tell_what_is_lost(
        self, model: TextClassifier, windows: Sequence[LabelledText]
    ) -> None:
        """Says how many texts are cut in training; see the base class."""
        lengths = self.lengths(model, windows)
        self._tell_of_cut_texts(model, lengths, "raise --sequence_length")

    def predict_served(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[LabelledText],
    ) -> list[Label]:
        """Returns the served model's labels or scores; see the base class."""
        output = served(**texts_by_input(examples))
        # Models that an earlier version exported do not say.
        tell_of_cut_texts(
            sum(output.get("is_cut", [])),
            len(examples),
            "the model",
            _EXPORT,
            told=self._told,
        )
        answers = self.head_cls.signature_cls.answers(output)
        return [getattr(answer, self._problem.output) for answer in answers]

    def lengths(
        self, model: TextClassifier, examples: Sequence[LabelledText]
    ) -> np.ndarray:
        """Returns tokens and characters `(N, 2)`; see the base class."""
        tokens = text_lengths(model.preprocessor, self.inputs(examples))
        characters = [len(e.text) + len(e.text_pair or "") for e in examples]
        return np.stack([tokens, characters], axis=1)

    def _values(self, model: TextClassifier) -> Callable[[Sequence], Sequence]:
        """Computes probabilities, or scores, of each example's beginning."""
        computation = RowComputation(
            model.preprocessor,
            lambda features: model.probabilities(model(features, training=False)),
        )

        def values(examples):
            lengths = self.lengths(model, examples)
            rows = computation((self.inputs(examples),), lengths)
            self._tell_of_cut_texts(model, lengths, _REMEDY)
            return rows

        return values

    def _mean_values(self, model: TextClassifier) -> Callable[[Sequence], Sequence]:
        """Computes the mean of each example's windows, `(N, classes)`."""
        computation = RowComputation(
            model.preprocessor.features,
            lambda features: model.probabilities(model(features, training=False)),
        )

        def mean_values(examples):
            parts, counts = [], []
            for some in cut(examples, COUNTED_AT_ONCE):
                segments, of_examples = model.preprocessor.windows(self.inputs(some))
                parts.append(segments)
                counts += of_examples.numpy().tolist()
            windows = tf.nest.map_structure(lambda *of: tf.concat(of, axis=0), *parts)
            lengths = sum(segment.token_ids.row_lengths() for segment in windows)
            values = np.stack(computation((windows,), lengths.numpy()))
            starts = np.cumsum(counts) - counts
            return np.add.reduceat(values, starts) / np.array(counts)[:, None]

        return mean_values

    def _tell_of_cut_texts(
        self, model: TextClassifier, lengths: np.ndarray, remedy: str
    ) -> None:
        preprocessor = model.preprocessor
        is_cut = lengths[:, 0] > preprocessor.text_room(1 + self._takes_pairs)
        tell_of_cut_texts(
            int(is_cut.sum()),
            len(lengths),
            f"{preprocessor.sequence_length} tokens",
            remedy,
            told=self._told,
        )


def _check_pairs(model: TextClassifier, folder: str) -> None:
    try:
        check_pairs(model.preprocessor, model.backbone)
    except ValueError as error:
        raise UserError(f"cannot be used for pairs: {error}", folder) from error
