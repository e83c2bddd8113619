"""Questions seen through windows of their contexts."""

import itertools
import sys
import typing
from collections.abc import Iterable, Sequence

import tensorflow as tf

from charbert_tf.families.question_answering.context_windows import (
    ContextWindows,
    joined_windows,
)
from charbert_tf.families.question_answering.question_answerer_preprocessor import (
    QuestionAnswererPreprocessor,
)
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.graphs.batching import cut

_NOWHERE = -1
# Contexts that are tokenized together: many, to start few operations, and no more than
# fit in memory in subwords and characters.
_CUT_AT_ONCE = 256


class QuestionWindow(typing.NamedTuple):
    """What a model sees of a question at once: the context from a subword on.

    Attributes:
        question: The question.
        start: The context's first subword that is seen.
        length: The tokens of the sequence, special ones included.
        answer: The tokens of the first answer's first and last character; both 0 where
            there is none, or some of it is outside.
        texts: Questions that were tokenized together, this one among them.
        row: Which of them it is.
    """

    question: Question
    start: int
    length: int
    answer: tuple[int, int]
    texts: ContextWindows
    row: int


def question_windows(
    preprocessor: QuestionAnswererPreprocessor,
    questions: Sequence[Question],
    stride: int,
) -> list[QuestionWindow]:
    """Cuts contexts that are too long for the model into windows that are not.

    Args:
        preprocessor: The model's.
        questions: The questions.
        stride: As `windows` of the preprocessor takes it.

    Returns:
        At least one window of each question, in order.

    Example:

    ```python
    windows = question_windows(answerer.preprocessor, questions, stride=128)
    ```
    """
    return [
        window
        for some in cut(questions, _CUT_AT_ONCE)
        for window in _windows(preprocessor, some, stride)
    ]


def _windows(preprocessor, questions, stride) -> list[QuestionWindow]:
    texts = preprocessor.tokenize(question_texts(questions))
    starts, lengths = preprocessor.windows(texts, stride)
    rows = starts.value_rowids()
    answers = preprocessor.answer_subwords(texts, answer_places(questions))
    labels = preprocessor.labels(
        texts.moved(rows, starts.values),
        tuple(tf.gather(subwords, rows) for subwords in answers),
    )
    places = zip(
        *(values.numpy().tolist() for values in (rows, starts.values, lengths.values)),
        zip(*(at.numpy().tolist() for at in labels.values()), strict=True),
        strict=True,
    )
    return [
        QuestionWindow(questions[row], start, length, answer, texts, row)
        for row, start, length, answer in places
    ]


def context_windows(windows: Sequence[QuestionWindow]) -> ContextWindows:
    """Gives windows as a preprocessor takes them; no text is tokenized again.

    Args:
        windows: One or more, of `question_windows`.

    Returns:
        `N` windows.

    Example:

    ```python
    features = answerer.preprocessor(context_windows(windows))
    ```
    """
    parts = {id(window.texts): window.texts for window in windows}
    sizes = [int(tf.size(part.question)) for part in parts.values()]
    first_row = dict(zip(parts, itertools.accumulate(sizes, initial=0), strict=False))
    rows = [first_row[id(window.texts)] + window.row for window in windows]
    starts = [window.start for window in windows]
    return joined_windows(list(parts.values())).moved(
        tf.constant(rows, tf.int32), tf.constant(starts, tf.int32)
    )


def question_texts(questions: Sequence[Question]) -> tuple[tf.Tensor, tf.Tensor]:
    """Gives questions as a preprocessor takes them.

    Args:
        questions: The questions.

    Returns:
        String tensors `(N,)`: the questions and their contexts.

    Example:

    ```python
    features = answerer.preprocessor(question_texts(questions))
    ```
    """
    return (
        tf.constant([question.text for question in questions], tf.string),
        tf.constant([question.context for question in questions], tf.string),
    )


def answer_places(questions: Iterable[Question]) -> tuple[tf.Tensor, tf.Tensor]:
    """Gives what a model learns of questions: where their first answers are.

    Args:
        questions: The questions.

    Returns:
        Int32 tensors `(N,)`: the character of the context at which the answer begins,
        and the one after its last; -1 where there is none.

    Example:
        >>> asked = Question("1", "Where?", "In Rome.", (Answer("Rome", 3),))
        >>> [int(place[0]) for place in answer_places([asked])]
        [3, 7]
    """
    nothing = Answer("", _NOWHERE)
    answers = [next(iter(question.answers), nothing) for question in questions]
    starts = [answer.start for answer in answers]
    ends = [answer.start + len(answer.text) for answer in answers]
    return tf.constant(starts, tf.int32), tf.constant(ends, tf.int32)


def tell_of_answers_in_no_window(windows: Sequence[QuestionWindow]) -> None:
    """Says how many answers a model cannot learn, in a line of standard error, if any.

    Args:
        windows: The windows of its questions, as `question_windows` gives them.

    Example:

    ```python
    tell_of_answers_in_no_window(windows)
    # 3 of 927 answers fit in no window and count as no answer: raise --sequence_length
    ```
    """
    asked = [of for of in windows_of_questions(windows) if of[0].question.answers]
    # A context that has one window is seen whole.
    lost = sum(len(of) > 1 and not any(any(w.answer) for w in of) for of in asked)
    if lost:
        print(
            f"{lost} of {len(asked)} answers fit in no window and count as no answer: "
            "raise --sequence_length",
            file=sys.stderr,
            flush=True,
        )


def windows_of_questions(
    windows: Sequence[QuestionWindow],
) -> list[list[QuestionWindow]]:
    """Parts windows by their questions.

    Args:
        windows: All windows of one question after another.

    Returns:
        Those of each question.

    Example:

    ```python
    best = [max(of, key=score) for of in windows_of_questions(windows)]
    ```
    """
    questions: list[list[QuestionWindow]] = []
    for window in windows:
        if window.start == 0:
            questions.append([])
        questions[-1].append(window)
    return questions
