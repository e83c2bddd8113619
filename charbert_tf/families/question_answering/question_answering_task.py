"""QuestionAnsweringTask: an answer out of a context, or none."""

import dataclasses
import math
import typing
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.attacks.attack import Attack
from charbert_tf.families.attacked_file import AttackedFile
from charbert_tf.families.corrected_texts import corrected_texts
from charbert_tf.families.fine_tuning_task import FineTuningTask
from charbert_tf.families.question_answering.answer_files import (
    write_answers,
    write_n_best,
    write_n_best_or_none,
    write_null_odds,
)
from charbert_tf.families.question_answering.answer_spans import (
    DOC_STRIDE,
    MAX_ANSWER_LENGTH,
    AnswerSpans,
    best_spans,
)
from charbert_tf.families.question_answering.attacked_questions import (
    ATTACKED_TEXTS,
    asked_about,
    edited_contexts,
    edited_questions,
    edited_share_of_questions,
)
from charbert_tf.families.question_answering.attacked_squad import attacked_squad_file
from charbert_tf.families.question_answering.context_windows import ContextWindows
from charbert_tf.families.question_answering.predicted_answer import (
    NO_CANDIDATE_MARGIN,
    PredictedAnswer,
)
from charbert_tf.families.question_answering.question_answerer import QuestionAnswerer
from charbert_tf.families.question_answering.question_windows import (
    QuestionWindow,
    context_windows,
    question_windows,
    tell_of_answers_in_no_window,
    windows_of_questions,
)
from charbert_tf.families.question_answering.questions import (
    Answer,
    Question,
    check_answerable,
    read_squad_file,
)
from charbert_tf.families.question_answering.squad_scores import (
    scores_of_squad_counts,
    squad1_scores,
    squad2_scores,
    squad_counts,
)
from charbert_tf.families.row_computation import RowComputation
from charbert_tf.files.errors import UserError
from charbert_tf.word_recognition.word_corrector import WordCorrector


class QuestionAnsweringTask(FineTuningTask):
    """Extractive question answering on SQuAD's files (CharBERT, section 4.1).

    A context that is too long is seen through overlapping windows. A model learns the
    first answer to a question in the windows that hold it, and no answer in the
    others; it predicts the best span of all windows.

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

    model_cls = QuestionAnswerer
    example_score = "f1"

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
        if attacked_text not in ATTACKED_TEXTS:
            raise ValueError(
                f"The attacked text is question, context or both, not {attacked_text!r}"
            )
        self._has_unanswerable = version == "2.0"
        self._doc_stride = doc_stride
        self._max_answer_length = max_answer_length
        self._n_best = n_best
        self._null_threshold = null_threshold
        self._attacked_text = attacked_text

    def read(self, path: str) -> list[Question]:
        """Reads a file of SQuAD; see the base class."""
        return read_squad_file(path)

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

    def attacked(
        self, examples: Sequence[Question], attack: Attack, seed: int
    ) -> list[Question]:
        """Attacks the questions, the contexts or both; see the base class.

        Words of a context that have some of an answer to any question about it stay.
        Questions about the same context see the same typos in it.
        """
        texts = edited_questions(examples, attack, seed, self._attacked_text)
        contexts = edited_contexts(examples, attack, seed, self._attacked_text)
        return [
            asked_about(example, text.text, contexts.get(example.context))
            for example, text in zip(examples, texts, strict=True)
        ]

    def edited_share(
        self, examples: Sequence[Question], attack: Attack, seed: int
    ) -> float:
        """Returns the share of the words of what is attacked; see the base class."""
        return edited_share_of_questions(examples, attack, seed, self._attacked_text)

    def attacked_file(self, path: str, attack: Attack, seed: int) -> AttackedFile:
        """Attacks the texts of a file of SQuAD; see the base class."""
        examples = self.read(path)
        return attacked_squad_file(
            path,
            examples,
            edited_questions(examples, attack, seed, self._attacked_text),
            edited_contexts(examples, attack, seed, self._attacked_text),
        )

    def corrected(
        self, examples: Sequence[Question], corrector: WordCorrector
    ) -> list[Question]:
        """Corrects the questions, not the contexts; see the base class."""
        texts = corrected_texts([example.text for example in examples], corrector)
        return [
            dataclasses.replace(example, text=text)
            for example, text in zip(examples, texts, strict=True)
        ]

    def head_arguments(self, labels: Sequence[str]) -> dict[str, object]:
        """Returns no arguments; see the base class."""
        return {}

    def windows(
        self, model: QuestionAnswerer, examples: Sequence[Question]
    ) -> list[QuestionWindow]:
        """Returns the windows that see all of each context; see the base class."""
        return question_windows(model.preprocessor, examples, self._doc_stride)

    def inputs(self, examples: Sequence[QuestionWindow]) -> ContextWindows:
        """Returns the windows, which were tokenized already; see the base class."""
        return context_windows(examples)

    def label_ids(
        self, examples: Sequence[QuestionWindow], labels: Sequence[str]
    ) -> dict[str, tf.Tensor]:
        """Returns the tokens of the first answers' ends in the windows, `(N,)`."""
        starts, ends = zip(*(window.answer for window in examples), strict=True)
        return {
            "start_logits": tf.constant(starts, tf.int32),
            "end_logits": tf.constant(ends, tf.int32),
        }

    def tell_what_is_lost(
        self, model: QuestionAnswerer, windows: list[QuestionWindow]
    ) -> None:
        """Says how many answers fit in no window, if any do; see the base class."""
        tell_of_answers_in_no_window(windows)

    def predict(
        self, model: QuestionAnswerer, examples: Sequence[Question]
    ) -> list[PredictedAnswer]:
        """Returns the best answer of all windows; see the base class."""
        windows = self.windows(model, examples)
        computation = RowComputation(
            model.preprocessor.features_and_offsets,
            lambda batch: best_spans(
                model(batch[0], training=False),
                batch[1],
                self._max_answer_length,
                self._n_best,
            ),
        )
        spans = iter(computation((self.inputs(windows),), self.lengths(model, windows)))
        return [
            self._answer(of_question[0].question, [next(spans) for _ in of_question])
            for of_question in windows_of_questions(windows)
        ]

    def scores(
        self,
        examples: Sequence[Question],
        predictions: Sequence[PredictedAnswer],
        labels: Sequence[str],
    ) -> dict[str, float]:
        """Returns F1, exact match and, for 2.0, what its script reports besides.

        Thresholds, whose names end in `_threshold`, are differences of logits; all
        other scores are in [0, 1].
        """
        true = [[answer.text for answer in example.answers] for example in examples]
        predicted = [prediction.text for prediction in predictions]
        if not self._has_unanswerable:
            return squad1_scores(true, predicted)
        return squad2_scores(
            true,
            predicted,
            [_best_text(prediction.candidates) for prediction in predictions],
            [prediction.null_margin for prediction in predictions],
        )

    def score_counts(
        self,
        examples: Sequence[Question],
        predictions: Sequence[PredictedAnswer],
        labels: Sequence[str],
    ) -> np.ndarray:
        """Returns F1 and exact match of each question, `(N, 6)`; see the base class.

        Raises:
            UserError: If a prediction is no `PredictedAnswer`.
        """
        for answer in predictions:
            if not isinstance(answer, PredictedAnswer):
                raise UserError(
                    f"the answer {answer!r} is no PredictedAnswer: of a text make one "
                    "with PredictedAnswer(text, candidates=(), null_margin=0.0)"
                )
        return squad_counts(
            [[answer.text for answer in example.answers] for example in examples],
            [prediction.text for prediction in predictions],
            self._has_unanswerable,
        )

    def scores_of_counts(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns what `scores` returns but `best_...`; see the base class."""
        return scores_of_squad_counts(sums, self._has_unanswerable)

    def is_right(self, example: Question, prediction: PredictedAnswer) -> bool:
        """Tells whether it matches a true answer exactly; see the base class."""
        scores = self.scores_of_counts(
            self.score_counts([example], [prediction], [])[0]
        )
        return scores["exact"] == 1

    def words(self, example: Question) -> dict[str, list[str]]:
        """Returns the words of question and context; see the base class."""
        return {"question": example.text.split(), "context": example.context.split()}

    def marked(
        self, example: Question, prediction: PredictedAnswer | None
    ) -> list[tuple[str, str]]:
        """Returns the answer, or all true ones; see the base class."""
        answers = example.answers if prediction is None else [prediction]
        texts = dict.fromkeys(answer.text for answer in answers if answer.text)
        return [(text, "") for text in texts or ["(no answer)"]]

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

    def write_predictions(
        self,
        file: typing.TextIO,
        examples: Sequence[Question],
        predictions: Sequence[PredictedAnswer],
    ) -> None:
        """Writes JSON, `{id: answer}`, as SQuAD's scripts read it."""
        write_answers(file, examples, predictions)

    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns those of answers, of candidates and, for 2.0, of null odds."""
        writers = {".json": self.write_predictions}
        if not self._has_unanswerable:
            return writers | {".nbest.json": write_n_best}
        return writers | {
            ".nbest.json": write_n_best_or_none,
            ".null_odds.json": write_null_odds,
        }

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
