"""EmbeddingTask: how similar two texts are, as the cosine of their embeddings."""

import functools
from collections.abc import Mapping, Sequence

from charbert_tf.families.classification.labelled_text import (
    LabelledText,
    read_score,
)
from charbert_tf.families.classification.tsv_format import TsvFormat
from charbert_tf.families.correlation_metric import CorrelationMetric
from charbert_tf.families.family import Family
from charbert_tf.files.errors import UserError
from charbert_tf.registry import made_at

_HEAD = "charbert_tf.families.embedding.embedding_head:EmbeddingHead"


class EmbeddingTask(Family):
    """Semantic textual similarity on TSV files, by embeddings (STS-B).

    A score is the cosine times `highest_score`.

    Args:
        text_column: Name or number (from 0) of the first text's column.
        label_column: Name or number of the score's.
        text_pair_column: Name or number of the second text's.
        header: bool. Whether the files begin with the columns' names.
        further_columns: bool. Whether rows may have more columns than the first line.
        test_columns: The columns of files without scores.
        highest_score: What texts have that mean the same; the lowest is 0.
        metric: The score that comes first, `"pearson"` or `"spearman"`.
        channels: What of a CharBERT is embedded, as `SentenceEmbedder` takes it.
        projection_dim: int. Size of the embeddings, if they are projected.

    Raises:
        ValueError: If there is no such metric, or `highest_score` is not above 0.

    Example:

    ```python
    task = EmbeddingTask()
    examples = task.read("train.tsv")
    embedder = task.make_model("my_run/preset", [], sequence_length=128)
    ```
    """

    def __init__(
        self,
        text_column: str | int = "sentence1",
        label_column: str | int = "score",
        text_pair_column: str | int = "sentence2",
        header: bool = True,
        further_columns: bool = False,
        test_columns: Mapping[str, str | int | bool] | None = None,
        highest_score: float = 5.0,
        metric: str = "pearson",
        channels: str | None = None,
        projection_dim: int | None = None,
    ):
        super().__init__(
            TsvFormat(
                text_column,
                label_column,
                text_pair_column,
                header,
                test_columns=test_columns,
                further_columns=further_columns,
                read_label=read_score,
            ),
            CorrelationMetric(metric, highest_score),
            # Files are read and attacked without TensorFlow.
            functools.partial(made_at, _HEAD, highest_score, channels, projection_dim),
        )
        self._highest_score = highest_score

    def are_labelled(self, examples: Sequence[LabelledText]) -> bool:
        """Returns whether none lacks its score; see the base class."""
        return all(example.label is not None for example in examples)

    def labels(self, examples: Sequence[LabelledText], path: str) -> list[str]:
        """Returns none, for there are no classes; see the base class."""
        self.check(examples, [], path)
        return []

    def check(
        self, examples: Sequence[LabelledText], labels: Sequence[str], path: str
    ) -> None:
        """Refuses scores that no cosine stands for; see the base class."""
        for example in examples:
            if example.label is not None and not (
                0 <= example.label <= self._highest_score
            ):
                raise UserError(
                    f"the score {example.label:g} is not between 0 and "
                    f"{self._highest_score:g}: correct it, or give --task=embedding "
                    "and, with --highest_score, what texts have that mean the same",
                    path,
                    example.line,
                )
