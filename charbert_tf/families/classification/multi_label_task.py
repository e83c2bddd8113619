"""MultiLabelTask: any number of labels for a text or a pair of texts."""

from collections.abc import Mapping, Sequence

import numpy as np

from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    check_labels,
    label_names,
    read_labels,
    refuse_numbers,
)
from charbert_tf.families.classification.text_task import TextTask
from charbert_tf.families.metric import Metric, ratios
from charbert_tf.files.errors import UserError


class MultiLabelMetric(Metric):
    """F1 of all labels together and as a mean over labels; texts that are right.

    Example:
        >>> examples = [LabelledText("ha!", None, ("fear", "joy"), 2)]
        >>> metric, labels = MultiLabelMetric(), ["fear", "joy"]
        >>> counts = metric.counts(examples, [("joy",)], labels)
        >>> metric.scores(counts.sum(axis=0))["micro_f1"].round(3)
        np.float64(0.667)
    """

    score_of_example = "exact_match"
    right_if = "all of its labels are, and none is missing"

    def counts(
        self,
        examples: Sequence[LabelledText],
        predictions: Sequence[Sequence[str]],
        labels: Sequence[str],
    ) -> np.ndarray:
        """Counts texts and labels, `(N, 2 + 3 L)`; see the base class.

        Whether all labels of a text are right, and 1; then of each label whether it is
        there and predicted, predicted, and there.
        """
        true = _indicators([example.label for example in examples], labels)
        predicted = _indicators(predictions, labels)
        right = (true == predicted).all(axis=1)
        each = (true & predicted, predicted, true)
        return np.hstack(
            [right[:, None], np.ones_like(right)[:, None], *each], dtype=float
        )

    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns `micro_f1`, `macro_f1` and `exact_match`; see the base class.

        F1 of a label that is neither there nor predicted counts as 0 in the mean.
        """
        right, predicted, true = np.split(sums[..., 2:], 3, axis=-1)
        of_all = [of.sum(axis=-1) for of in (right, predicted, true)]
        return {
            "micro_f1": ratios(2 * of_all[0], of_all[1] + of_all[2]),
            "macro_f1": np.nan_to_num(_f1_of_labels(sums)).mean(axis=-1),
            "exact_match": ratios(sums[..., 0], sums[..., 1]),
        }

    def scores_of_draws(
        self, sums: np.ndarray, of_all: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Leaves labels that a draw lacks out of `macro_f1`; see the base class.

        A draw seldom has all of many labels. Those that all examples lack count as 0,
        as in `scores`.
        """
        scores, is_known = _f1_of_labels(sums), ~np.isnan(_f1_of_labels(of_all))
        is_there = ~np.isnan(scores)
        of_known = ratios(np.nansum(scores, axis=-1), is_there.sum(axis=-1))
        return super().scores_of_draws(sums, of_all) | {
            "macro_f1": of_known * is_known.mean(axis=-1)
        }


def _f1_of_labels(sums: np.ndarray) -> np.ndarray:
    """F1 of each label, `(..., L)`; not a number if it is not there nor predicted."""
    right, predicted, true = np.split(sums[..., 2:], 3, axis=-1)
    return ratios(2 * right, predicted + true)


class MultiLabelTask(TextTask):
    """Texts that have any number of labels, also none.

    The cell of a file has them with commas between. The arguments are those of
    `ClassificationTask`, but that the first score is always F1 over all labels.

    Args:
        text_column: Name or number (from 0) of the text's column.
        label_column: Name or number of the labels'.
        text_pair_column: Name or number of the second text's, if there is one.
        header: bool. Whether the files begin with the columns' names.
        labels: All labels of the data set, in order. By default they are those that a
            training file has, sorted.
        test_columns: The columns of files without labels.
        long_texts: What is done with texts that are too long, `"cut"` or `"windows"`.

    Example:

    ```python
    task = MultiLabelTask("text", "emotions")
    examples = task.read("train.tsv")
    ```
    """

    problem_type = "multi_label"
    read_label = staticmethod(read_labels)

    def __init__(
        self,
        text_column: str | int,
        label_column: str | int,
        text_pair_column: str | int | None = None,
        header: bool = True,
        labels: Sequence[str] | None = None,
        test_columns: Mapping[str, str | int | bool] | None = None,
        long_texts: str = "cut",
    ):
        super().__init__(
            text_column,
            label_column,
            text_pair_column,
            header,
            test_columns=test_columns,
            long_texts=long_texts,
            metric=MultiLabelMetric(),
        )
        self._labels = None if labels is None else list(labels)

    def labels(self, examples: Sequence[LabelledText], path: str) -> list[str]:
        """Returns the data set's labels, or the file's, sorted; see the base class."""
        if self._labels is not None:
            self.check(examples, self._labels, path)
            return list(self._labels)
        refuse_numbers(examples, path)
        labels = label_names(examples)
        if not labels:
            raise UserError("no text in the file has a label: give some", path)
        return labels

    def check(
        self, examples: Sequence[LabelledText], labels: Sequence[str], path: str
    ) -> None:
        """Refuses labels that the model does not know; see the base class."""
        check_labels(examples, labels, path, list(labels) == self._labels)


def _indicators(of_texts: Sequence[Sequence[str]], labels: Sequence[str]) -> np.ndarray:
    """Which labels each text has, bool `(N, L)`."""
    known = set(labels)
    for names in of_texts:
        # What a user's model gives may be anything; a text would be many labels.
        others = [names] if isinstance(names, str) else set(names) - known
        for name in others:
            raise UserError(
                f"the labels {name!r} are none of {', '.join(map(repr, labels))}: give "
                "a list of labels for each text"
            )
    return np.array(
        [[label in names for label in labels] for names in of_texts], bool
    ).reshape(len(of_texts), len(labels))
