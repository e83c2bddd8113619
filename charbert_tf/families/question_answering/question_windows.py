"""Questions seen through windows of their contexts."""

import itertools
import sys
import typing
from collections.abc import Iterable, Iterator, Sequence

import tensorflow as tf

from charbert_tf.families.batching import cut
from charbert_tf.families.question_answering.question_answerer_preprocessor import (
    QuestionAnswererPreprocessor,
)
from charbert_tf.families.question_answering.questions import Answer, Question

_NOWHERE = -1
# Contexts whose windows are found together: many, to start few operations, and no more
# than fit in memory in subwords and characters.
_CUT_AT_ONCE = 256


class QuestionWindow(typing.NamedTuple):
    """What a model sees of a question at once: the context from a subword on.

    Attributes:
        question: The question.
        start: The context's first subword that is seen.
        length: The tokens of the sequence, special ones included.
    """

    question: Question
    start: int
    length: int


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
    windows = []
    for some in cut(questions, _CUT_AT_ONCE):
        starts, lengths = (
            values.to_list()
            for values in preprocessor.windows(question_texts(some), stride)
        )
        windows += [
            QuestionWindow(question, *place)
            for question, *places in zip(some, starts, lengths, strict=True)
            for place in zip(*places, strict=True)
        ]
    return windows


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


def tell_of_answers_in_no_window(
    preprocessor: QuestionAnswererPreprocessor,
    windows: Sequence[QuestionWindow],
    stride: int,
) -> None:
    """Says how many answers a model cannot learn, in a line of standard error, if any.

    Args:
        preprocessor: The model's.
        windows: The windows of its questions, as `question_windows` gives them.
        stride: As it was given to `question_windows`.

    Example:

    ```python
    tell_of_answers_in_no_window(answerer.preprocessor, windows, stride=128)
    # 3 of 927 answers fit in no window and count as no answer: raise --sequence_length
    ```
    """
    # A context that has one window is seen whole.
    in_doubt = [window.question for window in _second_windows(windows)]
    lost = 0
    for some in cut([q for q in in_doubt if q.answers], _CUT_AT_ONCE):
        is_whole = preprocessor.shows_answers(
            question_texts(some), answer_places(some), stride
        )
        lost += len(some) - int(tf.math.count_nonzero(is_whole))
    if lost:
        answers = sum(w.start == 0 and bool(w.question.answers) for w in windows)
        print(
            f"{lost} of {answers} answers fit in no window and count as no answer: "
            "raise --sequence_length",
            file=sys.stderr,
            flush=True,
        )


def _second_windows(windows: Sequence[QuestionWindow]) -> Iterator[QuestionWindow]:
    for before, window in itertools.pairwise(windows):
        if before.start == 0 < window.start:
            yield window
