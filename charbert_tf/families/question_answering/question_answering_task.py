"""QuestionAnsweringTask: an answer out of a context, or none."""

import functools
from collections.abc import Sequence

from charbert_tf.families.family import Family
from charbert_tf.families.question_answering.options import (
    ATTACKED_TEXT,
    DOC_STRIDE,
    MAX_ANSWER_LENGTH,
)
from charbert_tf.families.question_answering.questions import (
    Question,
    check_answerable,
)
from charbert_tf.families.question_answering.squad_format import SquadFormat
from charbert_tf.families.question_answering.squad_metric import SquadMetric
from charbert_tf.registry import made_at

_HEAD = (
    "charbert_tf.families.question_answering.question_answering_head:"
    "QuestionAnsweringHead"
)


class QuestionAnsweringTask(Family):
    """Extractive question answering on SQuAD's files (CharBERT, section 4.1).

    Args:
        version: `"1.1"`, where each question has an answer, or `"2.0"`. It decides
            whether no answer may be predicted, and the scores.
        doc_stride: int. Subwords from one window's beginning to the next's; or half of
            what a window shows of the context, where that is less.
        max_answer_length: int. The most subwords of a predicted answer.
        n_best: int. The most candidates for an answer.
        null_threshold: float. There is no answer if its score is above that of the
            best candidate by more than this.
        attacked_text: What attacks attack: `"question"`, `"context"` or `"both"`.

    Raises:
        ValueError: If there is no such version, or no such text.

    Example:

    ```python
    task = QuestionAnsweringTask(version="2.0")
    questions = task.read("train-v2.0.json")
    ```
    """

    def __init__(
        self,
        version: str = "2.0",
        doc_stride: int = DOC_STRIDE,
        max_answer_length: int = MAX_ANSWER_LENGTH,
        n_best: int = 20,
        null_threshold: float = 0.0,
        attacked_text: str = "question",
    ):
        if version not in ("1.1", "2.0"):
            raise ValueError(f"SQuAD has versions 1.1 and 2.0, not {version!r}.")
        if attacked_text not in ATTACKED_TEXT.choices:
            raise ValueError(
                f"The attacked text is question, context or both, not {attacked_text!r}"
            )
        has_unanswerable = version == "2.0"
        super().__init__(
            SquadFormat(has_unanswerable),
            SquadMetric(has_unanswerable),
            functools.partial(
                made_at,
                _HEAD,
                *(has_unanswerable, doc_stride, max_answer_length),
                *(n_best, null_threshold),
            ),
            attacked_text,
        )
        self._has_unanswerable = has_unanswerable

    def labels(self, examples: Sequence[Question], path: str) -> list[str]:
        """Returns no labels, for there are no classes; see the base class."""
        self.check(examples, [], path)
        return []

    def check(
        self, examples: Sequence[Question], labels: Sequence[str], path: str
    ) -> None:
        """Refuses questions without an answer in SQuAD 1.1; see the base class."""
        if not self._has_unanswerable:
            check_answerable(examples, path)
