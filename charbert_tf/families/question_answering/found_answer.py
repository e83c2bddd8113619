"""FoundAnswer: what a model answers to a question, and where that stands."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class FoundAnswer:
    """The best answer to a question.

    Args:
        text: its characters; `""` if the context has no word.
        score: its start logit and end logit added; minus infinity if there is none.
        start: its first character in the context, a Unicode code point, from 0.
        end: the character after its last.
        null_score: the score of no answer.
        no_answer: whether that is the higher one: what a model of SQuAD 2.0 says of a
            question that the context does not answer. One that has learnt answers
            alone, as of SQuAD 1.1, says nothing by it.

    Example:
        >>> FoundAnswer("Rome", 7.5, 3, 7, -2.0, no_answer=False).text
        'Rome'
    """

    text: str
    score: float
    start: int
    end: int
    null_score: float
    no_answer: bool
