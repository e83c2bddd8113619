"""EntitySpans: the spans that tags of words mark, in the graph."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from charbert_tf.families.tagging.tag_scheme import is_span_tagging
from charbert_tf.text.row_numbers import row_positions

_OUTSIDE = -1
_NAMELESS = "span"


class EntitySpans(NamedTuple):
    """The spans of a batch of sentences.

    Attributes:
        labels: string ragged tensor `(B, spans)`.
        scores: float32 ragged tensor `(B, spans)`: the mean of the words' scores.
        first: int32 ragged tensor `(B, spans)`: the first word of each, numbered
            through the batch.
        last: int32 ragged tensor `(B, spans)`: its last word.
    """

    labels: tf.RaggedTensor
    scores: tf.RaggedTensor
    first: tf.RaggedTensor
    last: tf.RaggedTensor


class EntitySpanFinder:
    """Finds the spans that IOB tags mark, as `spans_of_tags` does outside of a graph.

    A span opens at `B-`, and at `I-` that goes on with nothing of its kind.

    Args:
        labels: The tags, in the order of their ids.

    Raises:
        ValueError: If they mark no spans.

    Example:

    ```python
    find = EntitySpanFinder(["O", "B-LOC", "I-LOC"])
    spans = find(tf.ragged.constant([[0, 1, 2]]), tf.ragged.constant([[1.0, 0.9, 0.7]]))
    spans.first, spans.last  # [[1]], [[2]]
    ```
    """

    def __init__(self, labels: Sequence[str]):
        if not is_span_tagging(labels):
            raise ValueError(f"The tags {list(labels)} mark no spans.")
        names = [label[2:] or _NAMELESS for label in labels]
        self._names = sorted(set(names))
        self._kinds = np.array(
            [
                _OUTSIDE if label == "O" else self._names.index(name)
                for label, name in zip(labels, names, strict=True)
            ],
            np.int32,
        )
        self._may_go_on = np.array([label.startswith("I") for label in labels])

    def __call__(
        self, tag_ids: tf.RaggedTensor, scores: tf.RaggedTensor
    ) -> EntitySpans:
        """Finds spans.

        Args:
            tag_ids: int ragged tensor `(B, words)`.
            scores: float32 ragged tensor `(B, words)`.

        Returns:
            The spans, in the order of the words.
        """
        row, place = row_positions(tag_ids)
        kind = tf.gather(self._kinds, tag_ids.values)
        before = tf.concat([[_OUTSIDE], kind], axis=0)[:-1]
        goes_on = (place > 0) & (before == kind)
        goes_on &= tf.gather(self._may_go_on, tag_ids.values)
        is_inside = kind != _OUTSIDE
        opens = is_inside & ~goes_on
        first = tf.cast(tf.where(opens)[:, 0], tf.int32)
        count = tf.size(first)
        words = tf.cast(tf.where(is_inside)[:, 0], tf.int32)
        span = tf.gather(tf.cumsum(tf.cast(opens, tf.int32)) - 1, words)
        lengths = tf.math.bincount(
            tf.gather(row, first), minlength=tf.cast(tag_ids.nrows(), tf.int32)
        )

        def of_sentences(values):
            return tf.RaggedTensor.from_row_lengths(
                values, tf.cast(lengths, tf.int64), validate=False
            )

        return EntitySpans(
            of_sentences(tf.gather(self._names, tf.gather(kind, first))),
            of_sentences(
                tf.math.unsorted_segment_mean(
                    tf.gather(scores.values, words), span, count
                )
            ),
            of_sentences(first),
            of_sentences(tf.math.unsorted_segment_max(words, span, count)),
        )
