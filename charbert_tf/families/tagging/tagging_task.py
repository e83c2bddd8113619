"""TaggingTask: a tag for every word."""

import functools
from collections.abc import Sequence

from charbert_tf.attacks.attack import Attack
from charbert_tf.families.family import Family
from charbert_tf.families.tagging.conll_format import ConllFormat
from charbert_tf.families.tagging.tag_scheme import is_span_tagging
from charbert_tf.families.tagging.tagged_sentence import (
    TaggedSentence,
    check_split_tags,
    check_tags,
    tag_names,
)
from charbert_tf.families.tagging.tagging_metric import TaggingMetric
from charbert_tf.files.errors import UserError
from charbert_tf.registry import made_at

_HEAD = "charbert_tf.families.tagging.tagging_head:TaggingHead"
_METRICS = ("f1", "accuracy")


class TaggingTask(Family):
    """Named entities or parts of speech on CoNLL-style files (CharBERT, section 4.1).

    Tags of spans are learnt and predicted in IOB2, whichever of IOB1 and IOB2 the
    files have.

    Args:
        word_column: int. The word's column, from 0.
        tag_column: int. The tag's column, from 0 or, if negative, from the end.
        metric: The score that comes first, by which models are compared: `"f1"` of
            spans or the words' `"accuracy"`. By default F1 if the tags mark spans.
        labels: All tags of the data set, in IOB2 if they mark spans, in order. By
            default they are those that a training file has.
        joins_words: bool. Whether a line with more columns than the first has a word
            with blanks in it.

    Raises:
        ValueError: If there is no such metric.

    Example:

    ```python
    task = TaggingTask()
    sentences = task.read("train.txt")
    ```
    """

    is_of_words = True

    def __init__(
        self,
        word_column: int = 0,
        tag_column: int = -1,
        metric: str | None = None,
        labels: Sequence[str] | None = None,
        joins_words: bool = False,
    ):
        if metric not in (None, *_METRICS):
            raise ValueError(f"The metric is one of {_METRICS}, not {metric!r}.")
        super().__init__(
            ConllFormat(word_column, tag_column, joins_words),
            TaggingMetric(metric),
            functools.partial(made_at, _HEAD),
        )
        self._metric = metric
        self._labels = None if labels is None else list(labels)

    def labels(self, examples: Sequence[TaggedSentence], path: str) -> list[str]:
        """Returns the data set's tags, or the file's, in IOB2; see the base class."""
        if self._labels is not None:
            self.check(examples, self._labels, path)
        labels = tag_names(examples, path)
        if len(labels) < 2:
            raise UserError(
                f"has the single tag {labels[0]!r}: give a file with two or more", path
            )
        if self._metric == "accuracy" and is_span_tagging(labels):
            raise UserError(
                "its tags mark spans, and this task is of single words: give a file "
                "of parts of speech, or take --task=tagging, which has any tags",
                path,
            )
        return labels if self._labels is None else list(self._labels)

    def check(
        self, examples: Sequence[TaggedSentence], labels: Sequence[str], path: str
    ) -> None:
        """Refuses tags that the model does not know; see the base class."""
        check_tags(examples, labels, path, list(labels) == self._labels)
        if self._metric == "f1" and not is_span_tagging(labels):
            raise UserError(
                "this task is scored by spans, and the model's tags mark none: take a "
                "model of this task, or take --task=tagging, which has any tags",
                path,
            )

    def check_attack(
        self, examples: Sequence[TaggedSentence], attack: Attack, labels: Sequence[str]
    ) -> None:
        """Refuses to split words into tags not learnt; see the base class."""
        check_split_tags(examples, attack, labels)
