"""QuestionAnsweringHead: questions as a QuestionAnswerer takes them."""

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.families.family_head import FamilyHead, Windows
from charbert_tf.families.question_answering.answer_spans import (
    AnswerSpans,
    best_spans,
)
from charbert_tf.families.question_answering.context_windows import ContextWindows
from charbert_tf.families.question_answering.options import (
    DOC_STRIDE,
    MAX_ANSWER_LENGTH,
)
from charbert_tf.families.question_answering.question_answerer import QuestionAnswerer
from charbert_tf.families.question_answering.question_windows import (
    QuestionWindow,
    answer_places,
    context_windows,
    question_texts,
    question_windows,
    tell_of_answers_in_no_window,
)
from charbert_tf.families.question_answering.questions import (
    NO_CANDIDATE_MARGIN,
    Answer,
    PredictedAnswer,
    Question,
)
from charbert_tf.graphs.batching import RowComputation


class QuestionAnsweringHead(FamilyHead):
    """Questions as a `QuestionAnswerer` takes them.

    A context that is too long is seen through overlapping windows. A model learns the
    first answer to a question in the windows that hold it, and no answer in the
    others; it predicts the best span of all windows.

    Args:
        has_unanswerable: bool. Whether no answer may be predicted.
        doc_stride: int. As `QuestionAnsweringTask` takes it.
        max_answer_length: int. As `QuestionAnsweringTask` takes it.
        n_best: int. As `QuestionAnsweringTask` takes it.
        null_threshold: float. As `QuestionAnsweringTask` takes it.
    """

    head_cls = QuestionAnswerer

    def __init__(
        self,
        has_unanswerable: bool,
        doc_stride: int = DOC_STRIDE,
        max_answer_length: int = MAX_ANSWER_LENGTH,
        n_best: int = 20,
        null_threshold: float = 0.0,
    ):
        self._has_unanswerable = has_unanswerable
        self._doc_stride = doc_stride
        self._max_answer_length = max_answer_length
        self._n_best = n_best
        self._null_threshold = null_threshold

    def arguments(self, labels: Sequence[str]) -> dict[str, object]:
        """Returns no arguments; see the base class."""
        return {}

    def windows(self, model: QuestionAnswerer, examples: Sequence[Question]) -> Windows:
        """Returns the windows that see all of each context; see the base class."""
        windows = question_windows(model.preprocessor, examples, self._doc_stride)
        is_first = [window.start == 0 for window in windows]
        return Windows(windows, np.cumsum(is_first, dtype=int) - 1)

    def inputs(self, windows: Sequence[QuestionWindow]) -> ContextWindows:
        """Returns the windows, which were tokenized already; see the base class."""
        return context_windows(windows)

    def label_ids(
        self, windows: Sequence[QuestionWindow], labels: Sequence[str]
    ) -> dict[str, tf.Tensor]:
        """Returns the tokens of the first answers' ends in the windows, `(N,)`."""
        starts, ends = zip(*(window.answer for window in windows), strict=True)
        return {
            "start_logits": tf.constant(starts, tf.int32),
            "end_logits": tf.constant(ends, tf.int32),
        }

    def noisable(
        self, windows: Sequence[QuestionWindow], labels: Sequence[str]
    ) -> tuple[tuple, tuple]:
        """Returns the texts and the answers' characters; see the base class."""
        questions = [window.question for window in windows]
        starts = tf.constant([window.start for window in windows], tf.int32)
        return (*question_texts(questions), starts), answer_places(questions)

    def tell_what_is_lost(
        self, model: QuestionAnswerer, windows: list[QuestionWindow]
    ) -> None:
        """Says how many answers fit in no window, if any do; see the base class."""
        tell_of_answers_in_no_window(windows)

    def predictor(
        self, model: QuestionAnswerer
    ) -> Callable[[Sequence[Question]], list[PredictedAnswer]]:
        """Returns what finds the best answer of all windows; see the base class."""
        computation = RowComputation(
            model.preprocessor.features_and_offsets,
            lambda batch: best_spans(
                model(batch[0], training=False),
                batch[1],
                self._max_answer_length,
                self._n_best,
            ),
        )
        return functools.partial(self._predict, model, computation)

    def _predict(
        self,
        model: QuestionAnswerer,
        computation: RowComputation,
        examples: Sequence[Question],
    ) -> list[PredictedAnswer]:
        windows, owners = self.windows(model, examples)
        spans = computation((self.inputs(windows),), self.lengths(model, windows))
        spans_of_question: list[list[AnswerSpans]] = [[] for _ in examples]
        for owner, of_window in zip(owners, spans, strict=True):
            spans_of_question[owner].append(of_window)
        return [
            self._answer(example, of_question)
            for example, of_question in zip(examples, spans_of_question, strict=True)
        ]

    def predict_served(
        self,
        served: Callable[..., dict[str, list]],
        examples: Sequence[Question],
    ) -> list[PredictedAnswer]:
        """Returns the served model's `answer`, or none; see the base class."""
        output = served(
            question=[example.text for example in examples],
            context=[example.context for example in examples],
        )
        rows = zip(
            *(output[name] for name in ("answer", "start", "score", "null_score")),
            strict=True,
        )
        return [
            self._predicted(
                [(Answer(text, start), score)] if math.isfinite(score) else [],
                null_score,
            )
            for text, start, score, null_score in rows
        ]

    def lengths(
        self, model: QuestionAnswerer, examples: Sequence[QuestionWindow]
    ) -> np.ndarray:
        """Returns the tokens `(N, 1)`, special ones too; see the base class."""
        return np.array([[window.length] for window in examples])

    def _answer(self, question: Question, spans: list[AnswerSpans]) -> PredictedAnswer:
        scores: dict[Answer, float] = {}
        for window in spans:
            for score, start, end in zip(
                *(values.tolist() for values in window[:3]), strict=True
            ):
                answer = Answer(question.context[start:end], start)
                scores[answer] = max(score, scores.get(answer, score))
        candidates = sorted(scores.items(), key=lambda item: -item[1])
        candidates = [item for item in candidates if math.isfinite(item[1])]
        null_score = min(float(window.null_scores) for window in spans)
        return self._predicted(candidates, null_score)

    def _predicted(
        self, candidates: list[tuple[Answer, float]], null_score: float
    ) -> PredictedAnswer:
        null_margin = NO_CANDIDATE_MARGIN
        if candidates:
            null_margin = null_score - candidates[0][1]
        is_null = self._has_unanswerable and null_margin > self._null_threshold
        return PredictedAnswer(
            "" if is_null else _best_text(candidates),
            tuple(candidates[: self._n_best]),
            null_margin,
        )


def _best_text(candidates: Sequence[tuple[Answer, float]]) -> str:
    return candidates[0][0].text if candidates else ""
