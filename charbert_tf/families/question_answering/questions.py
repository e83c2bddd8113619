"""Questions about a context, and their answers.

Offsets are counted in characters (Unicode code points) of the context, as SQuAD's are.
"""

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from charbert_tf.families.example import Edited, Example, RunningText, TextName
from charbert_tf.files.errors import UserError

NO_CANDIDATE_MARGIN = 1e30
"""`null_margin` where there is no candidate: above any, and a number for JSON too."""

# For an attack the contexts are further examples, after all questions.
_CONTEXTS = 1 << 32


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer that stands in the context.

    Args:
        text: its characters.
        start: where the first of them is in the context, from 0.
    """

    text: str
    start: int


@dataclasses.dataclass(frozen=True)
class Question(Example):
    """A question about a context.

    Args:
        id: names the question in its data set.
        text: the question.
        context: what it is asked about.
        answers: what counts as right; empty if the context does not tell.
    """

    id: str
    text: str
    context: str
    answers: tuple[Answer, ...]

    place_fields = ("id",)

    def texts(self) -> Mapping[TextName, RunningText]:
        """Returns the question, and its context with the answers kept.

        Questions about one context see the same typos in it; a recogniser leaves it as
        it is, for answers are told by its characters.
        """
        return {
            "question": RunningText(self.text, title="question"),
            "context": RunningText(
                self.context,
                kept=tuple(
                    (answer.start, answer.start + len(answer.text))
                    for answer in self.answers
                ),
                title="context",
                first=_CONTEXTS,
                is_attacked=False,
                is_shared=True,
                is_corrected=False,
            ),
        }

    def with_texts(self, edited: Mapping[TextName, Edited]) -> Self:
        """Moves the answers with the context's characters; see the base class."""
        changes: dict[str, object] = {}
        if "question" in edited:
            changes["text"] = edited["question"].text
        if "context" in edited:
            context = edited["context"]
            changes["context"] = context.text
            changes["answers"] = tuple(
                dataclasses.replace(
                    answer,
                    start=context.moved(answer.start, answer.start + len(answer.text))[
                        0
                    ],
                )
                for answer in self.answers
            )
        return dataclasses.replace(self, **changes)

    def marked(self, prediction: "PredictedAnswer | None") -> list[tuple[str, str]]:
        """Returns the answer, or all true ones; see the base class."""
        answers = self.answers if prediction is None else [prediction]
        texts = dict.fromkeys(answer.text for answer in answers if answer.text)
        return [(text, "") for text in texts or ["(no answer)"]]


@dataclasses.dataclass(frozen=True)
class PredictedAnswer:
    """What a model answers to a question.

    Args:
        text: characters of the context; `""` if there is no answer.
        candidates: the best answers with their scores (a logit each for start and
            end, added), best first; what is none is not among them.
        null_margin: by how much the score of no answer is above the best candidate's;
            `NO_CANDIDATE_MARGIN` if there is none.

    Example:
        >>> answer = PredictedAnswer("Rome", ((Answer("Rome", 10), 7.5),), -2.0)
        >>> answer.text
        'Rome'
    """

    text: str
    candidates: tuple[tuple[Answer, float], ...]
    null_margin: float

    @property
    def best_text(self) -> str:
        """The best candidate's text, also where no answer is predicted."""
        return self.candidates[0][0].text if self.candidates else ""


def questions_of_records(records: Iterable[Mapping[str, Any]]) -> list[Question]:
    """Makes questions of the records that tensorflow-datasets has of SQuAD.

    Args:
        records: with NumPy values, of `squad/v1.1` or `squad/v2.0`.

    Returns:
        The questions.

    Example:
        >>> answers = {"text": [b"Rome"], "answer_start": [3]}
        >>> texts = {"id": b"1", "question": b"Where?", "context": b"In Rome."}
        >>> questions_of_records([texts | {"answers": answers}])[0].answers
        (Answer(text='Rome', start=3),)
    """
    return [
        Question(
            id=record["id"].decode(),
            text=record["question"].decode(),
            context=record["context"].decode(),
            answers=tuple(
                Answer(text.decode(), int(start))
                for text, start in zip(
                    record["answers"]["text"],
                    record["answers"]["answer_start"],
                    strict=True,
                )
            ),
        )
        for record in records
    ]


def check_answerable(
    questions: Sequence[Question], path: str | os.PathLike[str]
) -> None:
    """Checks that every question has an answer, as in SQuAD 1.1.

    Args:
        questions: the questions of a file.
        path: the file, for the error.

    Raises:
        UserError: if one has none.

    Example:
        >>> check_answerable([Question("1", "?", "It.", (Answer("It", 0),))], "a.json")
    """
    for question in questions:
        if not question.answers:
            raise UserError(
                f"the question {question.id!r} has no answer, which SQuAD 1.1 does not "
                "know: remove it, or take the task of SQuAD 2.0",
                path,
            )
