"""MultiLabelTask: any number of labels for a text or a pair of texts."""

from collections.abc import Mapping, Sequence

from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    check_labels,
    label_names,
    read_labels,
    refuse_numbers,
)
from charbert_tf.families.classification.multi_label_metric import MultiLabelMetric
from charbert_tf.families.classification.text_task import TextTask
from charbert_tf.files.errors import UserError


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
