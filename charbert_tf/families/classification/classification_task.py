"""ClassificationTask: a label for a text or a pair of texts."""

from collections.abc import Mapping, Sequence

from charbert_tf.families.classification.classification_metric import (
    ClassificationMetric,
)
from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    check_labels,
    label_names,
    refuse_numbers,
    refuse_texts,
)
from charbert_tf.families.classification.text_task import TextTask
from charbert_tf.files.errors import UserError

_METRICS = ("accuracy", "f1", "matthews_correlation")


class ClassificationTask(TextTask):
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
        long_texts: What is done with texts that are too long, `"cut"` or `"windows"`,
            as `ClassificationHead` takes it.

    Raises:
        ValueError: If there is no such metric, or `long_texts` is neither.

    Example:

    ```python
    task = ClassificationTask("sentence", "label")
    examples = task.read("train.tsv")
    ```
    """

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
        long_texts: str = "cut",
    ):
        if metric not in _METRICS:
            raise ValueError(f"The metric is one of {_METRICS}, not {metric!r}.")
        super().__init__(
            text_column,
            label_column,
            text_pair_column,
            header,
            skips_short_rows,
            test_columns,
            long_texts,
            metric=ClassificationMetric(metric),
        )
        self._metric = metric
        self._labels = None if labels is None else list(labels)

    def labels(self, examples: Sequence[LabelledText], path: str) -> list[str]:
        """Returns the data set's labels, or the file's, sorted; see the base class."""
        if self._labels is not None:
            self.check(examples, self._labels, path)
        else:
            refuse_numbers(examples, path)
            refuse_texts(examples, path)
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
