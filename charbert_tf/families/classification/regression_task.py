"""RegressionTask: a score for a text or a pair of texts."""

from collections.abc import Callable, Mapping, Sequence

from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    read_score,
)
from charbert_tf.families.classification.text_task import TextTask
from charbert_tf.families.correlation_metric import CorrelationMetric
from charbert_tf.files.errors import UserError


class RegressionTask(TextTask):
    """Scores of texts or pairs of texts, such as how alike two sentences are.

    Args:
        text_column: Name or number (from 0) of the text's column.
        label_column: Name or number of the score's.
        text_pair_column: Name or number of the second text's, if there is one.
        header: bool. Whether the files begin with the columns' names.
        test_columns: The columns of files without scores.
        long_texts: What is done with texts that are too long, `"cut"` or `"windows"`.

    Example:

    ```python
    task = RegressionTask("sentence1", "score", "sentence2")
    examples = task.read("train.tsv")
    ```
    """

    problem_type = "regression"
    read_label = staticmethod(read_score)

    def __init__(
        self,
        text_column: str | int,
        label_column: str | int,
        text_pair_column: str | int | None = None,
        header: bool = True,
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
            metric=CorrelationMetric(),
        )

    def labels(self, examples: Sequence[LabelledText], path: str) -> list[str]:
        """Returns no labels, for there are no classes; see the base class."""
        if len({example.label for example in examples}) < 2:
            raise UserError(
                f"has the single score {examples[0].label:g}: give a file with others",
                path,
            )
        return []

    def check(
        self, examples: Sequence[LabelledText], labels: Sequence[str], path: str
    ) -> None:
        """Does nothing: any number is a score; see the base class."""
        return

    def served_labels(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[LabelledText],
        path: str,
    ) -> list[str]:
        """Returns no labels; see the base class."""
        return []
