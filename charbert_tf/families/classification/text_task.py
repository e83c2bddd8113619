"""TextTask: what tasks on texts and pairs of texts have in common."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    read_single_label,
    texts_by_input,
)
from charbert_tf.families.classification.options import check_long_texts
from charbert_tf.families.classification.tsv_format import TsvFormat
from charbert_tf.families.example import Label
from charbert_tf.families.family import Family
from charbert_tf.families.metric import Metric
from charbert_tf.registry import made_at

_HEAD = "charbert_tf.families.classification.classification_head:ClassificationHead"


class TextTask(Family):
    """What tasks on TSV files have in common: a label, several or a score of texts.

    A subclass says with `problem_type` what its models' logits mean, and with
    `read_label` what the cell of a label is.

    Args:
        text_column: Name or number (from 0) of the text's column.
        label_column: Name or number of the label's.
        text_pair_column: Name or number of the second text's, if there is one.
        header: bool. Whether the files begin with the columns' names.
        skips_short_rows: bool. Whether rows that lack columns are left out.
        test_columns: The columns of files without labels, by the names of the arguments
            above. By default they are the texts' columns of the others.
        long_texts: What is done with texts that are too long, `"cut"` or `"windows"`,
            as `ClassificationHead` takes it.
        metric: Counts what is right.

    Raises:
        ValueError: If `long_texts` is neither.
    """

    problem_type: ClassVar[str] = "single_label"
    read_label: ClassVar[Callable[[str], Label]] = staticmethod(read_single_label)

    def __init__(
        self,
        text_column: str | int,
        label_column: str | int,
        text_pair_column: str | int | None = None,
        header: bool = True,
        skips_short_rows: bool = False,
        test_columns: Mapping[str, str | int | bool] | None = None,
        long_texts: str = "cut",
        *,
        metric: Metric,
    ):
        format = TsvFormat(
            text_column,
            label_column,
            text_pair_column,
            header,
            skips_short_rows,
            test_columns,
            read_label=self.read_label,
        )
        check_long_texts(long_texts)
        takes_pairs = text_pair_column is not None
        head = functools.partial(
            made_at, _HEAD, takes_pairs, long_texts, self.problem_type
        )
        super().__init__(format, metric, head)

    def are_labelled(self, examples: Sequence[LabelledText]) -> bool:
        """Returns whether none lacks its label; see the base class."""
        return all(example.label is not None for example in examples)

    def served_labels(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[LabelledText],
        path: str,
    ) -> list[str]:
        """Returns the served model's `labels`; see the base class."""
        one = {name: [""] for name in texts_by_input(examples)}
        return served(**one)["labels"][0]
