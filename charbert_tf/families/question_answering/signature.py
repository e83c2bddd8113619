"""QuestionAnswererSignature: what answers questions, as an exported model."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from charbert_tf.families.question_answering.answer_spans import (
    DOC_STRIDE,
    MAX_ANSWER_LENGTH,
    best_spans,
)
from charbert_tf.families.serving_signature import ServingSignature
from charbert_tf.text.word_splitter import valid_utf8


class QuestionAnswererSignature(ServingSignature):
    """`answer` (string), `start`, `end`, `score` and `null_score`, all `(B,)`.

    `answer` is the best span of all windows of the context, characters `start` to
    `end`; `score` its logits, and `null_score` those of no answer, likewise: where it
    is the higher one, a model of SQuAD 2.0 says that there is none.

    Args:
        model: A `QuestionAnswerer` with its preprocessor.
        doc_stride: int. As `QuestionAnsweringTask` takes it.
        max_answer_length: int. As `QuestionAnsweringTask` takes it.
    """

    inputs = (("question", "context"),)
    output = "answer"
    options = ("doc_stride", "max_answer_length")

    def __init__(
        self,
        model: tf.Module,
        doc_stride: int = DOC_STRIDE,
        max_answer_length: int = MAX_ANSWER_LENGTH,
    ):
        super().__init__(model)
        self._doc_stride = doc_stride
        self._max_answer_length = max_answer_length

    def predict(self, question: tf.Tensor, context: tf.Tensor) -> dict[str, tf.Tensor]:
        """Predicts answers; see the base class."""
        context = valid_utf8(context)
        windows, _ = self._preprocessor.windows((question, context), self._doc_stride)
        row = windows.value_rowids()
        features, offsets = self._preprocessor.features_and_offsets(
            (tf.gather(question, row), tf.gather(context, row), windows.values)
        )
        spans = best_spans(
            self.model(features, training=False),
            offsets,
            self._max_answer_length,
            n_best=1,
        )
        scores = spans.scores[:, 0]
        score = tf.math.segment_max(scores, row)
        count = tf.size(row)
        # The first of the windows that have the best span.
        best = tf.math.segment_min(
            tf.where(scores == tf.gather(score, row), tf.range(count), count), row
        )
        is_found = tf.math.is_finite(score)
        start, end = (
            tf.where(is_found, tf.gather(values[:, 0], best), 0)
            for values in (spans.starts, spans.ends)
        )
        return {
            "answer": tf.strings.substr(context, start, end - start, "UTF8_CHAR"),
            "start": start,
            "end": end,
            "score": score,
            "null_score": tf.math.segment_min(spans.null_scores, row),
        }

    @classmethod
    def lines(
        cls, texts: Sequence[Sequence[str]], outputs: Mapping[str, list]
    ) -> list[str]:
        """Writes answer, its lead on no answer, and question; see the base class."""
        columns = (outputs[name] for name in ("answer", "score", "null_score"))
        return [
            f"{answer}\t{score - null:.3f}\t{question}"
            for (question, _), answer, score, null in zip(texts, *columns, strict=True)
        ]
