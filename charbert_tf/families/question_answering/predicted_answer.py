"""PredictedAnswer: what a model answers to a question."""

import dataclasses

from charbert_tf.families.question_answering.questions import Answer

NO_CANDIDATE_MARGIN = 1e30
"""`null_margin` where there is no candidate: above any, and a number for JSON too."""


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
