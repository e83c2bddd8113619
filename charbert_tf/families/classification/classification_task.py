"""ClassificationTask: a label for a text or a pair of texts."""

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.edited_text import EditedText, edited_share_of_texts
from charbert_tf.families.attacked_file import AttackedFile
from charbert_tf.families.batching import COUNTED_AT_ONCE, cut
from charbert_tf.families.classification.attacked_classification import (
    attacked_classification_file,
)
from charbert_tf.families.classification.classification import (
    LabelledText,
    check_labels,
    label_names,
    read_classification_file,
    read_file_to_predict,
    text_columns,
)
from charbert_tf.families.classification.classification_counts import (
    classification_counts,
    classification_scores_of_counts,
)
from charbert_tf.families.classification.classification_scores import (
    classification_scores,
)
from charbert_tf.families.classification.text_classifier import TextClassifier
from charbert_tf.families.corrected_texts import corrected_texts
from charbert_tf.families.fine_tuning_task import FineTuningTask
from charbert_tf.files.errors import UserError
from charbert_tf.word_recognition.word_corrector import WordCorrector

_METRICS = ("accuracy", "f1", "matthews_correlation")


class ClassificationTask(FineTuningTask):
    """Text classification on TSV files (CharBERT, section 4.1).

    Args:
        text_column: Name or number (from 0) of the text's column.
        label_column: Name or number of the label's.
        text_pair_column: Name or number of the second text's, if there is one.
        header: bool. Whether the files begin with the columns' names.
        skips_short_rows: bool. Whether rows that lack columns are left out.
        metric: The score that comes first, by which models are compared: `"accuracy"`,
            `"f1"` (of the second of two labels) or `"matthews_correlation"`.
        labels: All labels of the data set, in order. By default they are those that a
            training file has, sorted.
        test_columns: The columns of files without labels, by the names of the arguments
            above. By default they are the texts' columns of the others.

    Raises:
        ValueError: If there is no such metric.

    Example:

    ```python
    task = ClassificationTask("sentence", "label")
    examples = task.read("train.tsv")
    ```
    """

    model_cls = TextClassifier
    example_score = "accuracy"

    def __init__(
        self,
        text_column: str | int,
        label_column: str | int,
        text_pair_column: str | int | None = None,
        header: bool = True,
        skips_short_rows: bool = False,
        metric: str = "accuracy",
        labels: Sequence[str] | None = None,
        test_columns: Mapping[str, str | int | bool] | None = None,
    ):
        if metric not in _METRICS:
            raise ValueError(f"The metric is one of {_METRICS}, not {metric!r}.")
        self._text_columns = {
            "text_column": text_column,
            "text_pair_column": text_pair_column,
            "header": header,
        }
        self._test_columns = (
            self._text_columns if test_columns is None else test_columns
        )
        self._label_column = label_column
        self._skips_short_rows = skips_short_rows
        self._metric = metric
        self._labels = None if labels is None else list(labels)
        self._reads_pairs = text_pair_column is not None

    def read(self, path: str) -> list[LabelledText]:
        """Reads a TSV file; see the base class."""
        return read_classification_file(
            path,
            label_column=self._label_column,
            skips_short_rows=self._skips_short_rows,
            **self._text_columns,
        )

    def read_to_predict(self, path: str) -> list[LabelledText]:
        """Reads a file that may have no labels, as GLUE's test sets have none.

        Args:
            path: The file.

        Returns:
            What `read` does; in a file that lacks the labels' column, and has the
            texts', each label is `None`.

        Raises:
            UserError: If a line is malformed.
        """
        short_rows = {"skips_short_rows": self._skips_short_rows}
        return read_file_to_predict(
            path,
            {"label_column": self._label_column, **self._text_columns, **short_rows},
            {**self._test_columns, **short_rows},
        )

    def are_labelled(self, examples: Sequence[LabelledText]) -> bool:
        """Returns whether none lacks its label; see the base class."""
        return all(example.label is not None for example in examples)

    def labels(self, examples: Sequence[LabelledText], path: str) -> list[str]:
        """Returns the data set's labels, or the file's, sorted; see the base class."""
        if self._labels is not None:
            self.check(examples, self._labels, path)
        labels = label_names(examples)
        if len(labels) < 2:
            raise UserError(
                f"has the single label {labels[0]!r}: give a file with two or more",
                path,
            )
        if self._metric == "f1" and len(labels) > 2:
            raise UserError(
                f"has {len(labels)} labels, {', '.join(labels)}, and F1 is of two: "
                "correct them",
                path,
            )
        return labels if self._labels is None else list(self._labels)

    def check(
        self, examples: Sequence[LabelledText], labels: Sequence[str], path: str
    ) -> None:
        """Refuses labels that the model does not know; see the base class."""
        check_labels(examples, labels, path, list(labels) == self._labels)

    def attacked(
        self, examples: Sequence[LabelledText], attack: Attack, seed: int
    ) -> list[LabelledText]:
        """Attacks both texts of each example; see the base class."""
        return [
            dataclasses.replace(
                example, **{name: edited.text for name, edited in texts.items()}
            )
            for example, texts in zip(
                examples, _edited_texts(examples, attack, seed), strict=True
            )
        ]

    def edited_share(
        self, examples: Sequence[LabelledText], attack: Attack, seed: int
    ) -> float:
        """Returns the share of the words of both texts; see the base class."""
        texts = _edited_texts(examples, attack, seed)
        return edited_share_of_texts([text for of in texts for text in of.values()])

    def attacked_file(self, path: str, attack: Attack, seed: int) -> AttackedFile:
        """Attacks the texts of a TSV file; see the base class."""
        examples = self.read(path)
        columns = text_columns(path, **self._text_columns)
        return attacked_classification_file(
            path,
            [example.line for example in examples],
            [
                dict(zip(columns, texts.values(), strict=True))
                for texts in _edited_texts(examples, attack, seed)
            ],
        )

    def corrected(
        self, examples: Sequence[LabelledText], corrector: WordCorrector
    ) -> list[LabelledText]:
        """Corrects both texts of each example; see the base class."""
        texts = corrected_texts(
            [
                *(example.text for example in examples),
                *(example.text_pair or "" for example in examples),
            ],
            corrector,
        )
        return [
            dataclasses.replace(
                example,
                text=text,
                text_pair=None if example.text_pair is None else text_pair,
            )
            for example, text, text_pair in zip(
                examples, texts[: len(examples)], texts[len(examples) :], strict=True
            )
        ]

    def inputs(self, examples: Sequence[LabelledText]) -> tuple[tf.Tensor, ...]:
        """Returns one or two string tensors `(N,)`; see the base class."""
        first = tf.constant([example.text for example in examples])
        if not examples or examples[0].text_pair is None:
            return (first,)
        return first, tf.constant([example.text_pair for example in examples])

    def label_ids(
        self, examples: Sequence[LabelledText], labels: Sequence[str]
    ) -> tf.Tensor:
        """Returns an int32 tensor `(N,)`; see the base class."""
        id_of = {label: id for id, label in enumerate(labels)}
        return tf.constant([id_of[example.label] for example in examples], tf.int32)

    def head_arguments(self, labels: Sequence[str]) -> dict[str, object]:
        """Returns also whether it is about pairs; see the base class."""
        return super().head_arguments(labels) | {"takes_pairs": self._reads_pairs}

    def load_model(self, folder: str) -> TextClassifier:
        """Returns a model of what the task reads, pairs or single texts.

        One that does not know what it takes is taken at the user's word.

        Args:
            folder: A preset that `official.finetune` wrote.

        Raises:
            UserError: If it is of the other kind; and see the base class.
        """
        model = super().load_model(folder)
        if model.takes_pairs is None or model.takes_pairs == self._reads_pairs:
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

    def predict(
        self, model: TextClassifier, examples: Sequence[LabelledText]
    ) -> list[str]:
        """Returns a label for each example; see the base class."""
        return [model.labels[row.argmax()] for row in self.logits(model, examples)]

    def scores(
        self,
        examples: Sequence[LabelledText],
        predictions: Sequence[str],
        labels: Sequence[str],
    ) -> dict[str, float]:
        """Returns accuracy, F1 (of two labels) and Matthews correlation."""
        true = [example.label for example in examples]
        scores = classification_scores(true, predictions, labels)
        return {self._metric: scores[self._metric]} | scores

    def score_counts(
        self,
        examples: Sequence[LabelledText],
        predictions: Sequence[str],
        labels: Sequence[str],
    ) -> np.ndarray:
        """Counts right answers and classes, `(N, 1 + 2 L)`; see the base class."""
        true = [example.label for example in examples]
        return classification_counts(true, predictions, labels)

    def scores_of_counts(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns what `scores` returns; see the base class."""
        scores = classification_scores_of_counts(sums)
        return {self._metric: scores[self._metric]} | scores

    def is_right(self, example: LabelledText, prediction: str) -> bool:
        """Tells whether it is the label; see the base class."""
        return prediction == example.label

    def words(self, example: LabelledText) -> dict[str, list[str]]:
        """Returns the words of one or two texts; see the base class."""
        texts = {"text": example.text, "second text": example.text_pair}
        return {name: text.split() for name, text in texts.items() if text is not None}

    def marked(
        self, example: LabelledText, prediction: str | None
    ) -> list[tuple[str, str]]:
        """Returns the label; see the base class."""
        return [(example.label if prediction is None else prediction, "")]

    def predict_served(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[LabelledText],
    ) -> list[str]:
        """Returns the served model's `label`; see the base class."""
        texts = {"text": [example.text for example in examples]}
        if examples and examples[0].text_pair is not None:
            texts["text_pair"] = [example.text_pair for example in examples]
        return served(**texts)["label"]

    def served_labels(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[LabelledText],
        path: str,
    ) -> list[str]:
        """Returns the served model's `labels`; see the base class."""
        texts = {"text": [""]}
        if examples and examples[0].text_pair is not None:
            texts["text_pair"] = [""]
        return served(**texts)["labels"][0]

    def write_predictions(
        self,
        file: typing.TextIO,
        examples: Sequence[LabelledText],
        predictions: Sequence[str],
    ) -> None:
        """Writes TSV of `index`, from 0, and `prediction`, as GLUE takes it.

        The index is that of the row in the file, for some may have been left out.
        """
        file.write("index\tprediction\n")
        rows = zip(examples, predictions, strict=True)
        for place, (example, prediction) in enumerate(rows):
            index = place if example.index is None else example.index
            file.write(f"{index}\t{prediction}\n")

    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns that of TSV; see the base class."""
        return {".tsv": self.write_predictions}

    def lengths(
        self, model: TextClassifier, examples: Sequence[LabelledText]
    ) -> np.ndarray:
        """Returns tokens and characters `(N, 2)`; see the base class."""
        tokens = [
            count
            for some in cut(examples, COUNTED_AT_ONCE)
            for count in model.preprocessor.subword_counts(self.inputs(some)).numpy()
        ]
        characters = [len(e.text) + len(e.text_pair or "") for e in examples]
        return np.stack([tokens, characters], axis=1)


def _edited_texts(
    examples: Sequence[LabelledText], attack: Attack, seed: int
) -> list[dict[str, EditedText]]:
    """Attacks the texts of each example, which there are by the names they have."""

    def edited(index, example):
        texts = {"text": attack.edited_text(example.text, seed, 2 * index)}
        if example.text_pair is not None:
            second = attack.edited_text(example.text_pair, seed, 2 * index + 1)
            texts["text_pair"] = second
        return texts

    return [edited(index, example) for index, example in enumerate(examples)]
