"""QuestionAnswererSignature: what answers questions, as an exported model."""

import dataclasses
from collections.abc import Mapping, Sequence

import tensorflow as tf

from charbert_tf.families.question_answering.answer_spans import FoundAnswer, best_spans
from charbert_tf.families.question_answering.context_windows import ContextWindows
from charbert_tf.families.question_answering.options import (
    DOC_STRIDE,
    MAX_ANSWER_LENGTH,
)
from charbert_tf.families.serving_signature import ServingSignature, in_chunks
from charbert_tf.text.word_splitter import valid_utf8


class QuestionAnswererSignature(ServingSignature):
    """`text` (string), `start`, `end`, `score`, `null_score` and `no_answer`, `(B,)`.

    `text` is the best span of all windows of the context, characters `start` to
    `end`; `score` its logits, and `null_score` those of no answer, likewise: where it
    is the higher one, which `no_answer` tells, a model of SQuAD 2.0 says that there is
    none. `answer` is the same as `text`, which earlier versions did not have.

    Args:
        model: A `QuestionAnswerer` with its preprocessor.
        doc_stride: int. As `QuestionAnsweringTask` takes it.
        max_answer_length: int. As `QuestionAnsweringTask` takes it.
    """

    inputs = (("question", "context"),)
    outputs = ("answer",)
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
        texts = self._preprocessor.tokenize((question, context))
        starts, lengths = self._preprocessor.windows(texts, self._doc_stride)
        row = starts.value_rowids()
        scores, starts, ends, null_scores = self._best_spans(
            texts.moved(row, starts.values), lengths.values
        )
        score = tf.math.segment_max(scores, row)
        count = tf.size(row)
        # The first of the windows that have the best span.
        best = tf.math.segment_min(
            tf.where(scores == tf.gather(score, row), tf.range(count), count), row
        )
        is_found = tf.math.is_finite(score)
        start, end = (
            tf.where(is_found, tf.gather(values, best), 0) for values in (starts, ends)
        )
        answer = tf.strings.substr(context, start, end - start, "UTF8_CHAR")
        null_score = tf.math.segment_min(null_scores, row)
        return {
            "answer": answer,
            "text": answer,
            "start": start,
            "end": end,
            "score": score,
            "null_score": null_score,
            "no_answer": null_score > score,
        }

    def _best_spans(
        self, windows: ContextWindows, lengths: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        """The best span of each window, as `AnswerSpans` has it, all `(windows,)`."""

        def best(rows):
            features, offsets = self._preprocessor.features_and_offsets(
                tf.gather(windows, rows)
            )
            spans = best_spans(
                self.model(features, training=False),
                offsets,
                self._max_answer_length,
                n_best=1,
            )
            of_best = (
                values[:, 0] for values in (spans.scores, spans.starts, spans.ends)
            )
            return *of_best, spans.null_scores

        dtypes = (tf.float32, tf.int32, tf.int32, tf.float32)
        signature = tuple(tf.TensorSpec([None], dtype) for dtype in dtypes)
        return in_chunks(best, lengths, signature)

    @classmethod
    def answers(cls, outputs: Mapping[str, list]) -> list[FoundAnswer]:
        """Returns the answer to each question; see the base class."""
        names = [field.name for field in dataclasses.fields(FoundAnswer)]
        return [
            FoundAnswer(*of_question)
            for of_question in zip(*(outputs[name] for name in names), strict=True)
        ]

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
