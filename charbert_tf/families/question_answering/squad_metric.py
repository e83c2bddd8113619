"""SquadMetric: F1 and exact match, as SQuAD's scripts for 1.1 and 2.0 compute them."""

import collections
import re
import string
from collections.abc import Sequence

import numpy as np

from charbert_tf.families.metric import Metric, ratios
from charbert_tf.families.question_answering.questions import PredictedAnswer, Question
from charbert_tf.files.errors import UserError

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


class SquadMetric(Metric):
    """F1 and exact match; for SQuAD 2.0 also what its script reports besides.

    Args:
        has_unanswerable: whether to compare answers as SQuAD 2.0 does, or as 1.1.

    Example:
        >>> from charbert_tf.families import Answer
        >>> from charbert_tf.families.metric import scores_of
        >>> question = Question("1", "Where?", "In Rome.", (Answer("Rome", 3),))
        >>> answer = PredictedAnswer("in Rome", (), -2.0)
        >>> scores_of(SquadMetric(False), [question], [answer], [])
        {'f1': 0.6666666666666666, 'exact': 0.0}
    """

    score_of_example = "f1"
    right_if = "it is a true answer exactly"

    def __init__(self, has_unanswerable: bool):
        self._has_unanswerable = has_unanswerable

    def counts(
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
        texts = [prediction.text for prediction in predictions]
        return squad_counts(_true_texts(examples), texts, self._has_unanswerable)

    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns `f1` and `exact`, for 2.0 also by kind; see the base class."""
        return scores_of_squad_counts(sums, self._has_unanswerable)

    def are_right(self, counts: np.ndarray) -> np.ndarray:
        """Tells which answers match a true one exactly; see the base class."""
        return counts[..., 1] + counts[..., 4] == 1

    def further_scores(
        self, examples: Sequence[Question], predictions: Sequence[PredictedAnswer]
    ) -> dict[str, float]:
        """Returns those at the best threshold, for 2.0; see the base class.

        Thresholds, whose names end in `_threshold`, are differences of logits.
        """
        if not self._has_unanswerable:
            return {}
        return scores_at_best_thresholds(
            _true_texts(examples),
            [prediction.best_text for prediction in predictions],
            [prediction.null_margin for prediction in predictions],
        )


def normalized_answer(text: str) -> str:
    """Takes away what does not count when answers are compared.

    Args:
        text: an answer.

    Returns:
        It in lower case, without ASCII punctuation and articles, its words separated
        by one space.

    Example:
        >>> normalized_answer("The  U.S. army's")
        'us armys'
    """
    text = text.lower().translate(_NO_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", text).split())


def squad_counts(
    true: Sequence[Sequence[str]], predicted: Sequence[str], has_unanswerable: bool
) -> np.ndarray:
    """Gives what the scores are means of, question by question.

    Args:
        true: the true answers to each question.
        predicted: an answer to each question, `""` for none.
        has_unanswerable: whether to compare answers as SQuAD 2.0 does, or as 1.1.

    Returns:
        float array (N, 6): F1, exact match and 1 of a question that has a true answer,
        or zeros; then likewise of one that has none.

    Example:
        >>> squad_counts([["Rome"], []], ["Rome", "It"], has_unanswerable=True)
        array([[1., 1., 1., 0., 0., 0.],
               [0., 0., 0., 0., 0., 1.]])
    """
    _check_counts(true, predicted)
    has_answer = np.array([[bool(answers)] for answers in true])
    if has_unanswerable:
        true = [_accepted(answers) for answers in true]
    f1 = _best_of_true(_f1_with_none if has_unanswerable else _f1, predicted, true)
    exact = _best_of_true(_exact, predicted, true)
    values = np.stack([f1, exact, np.ones(len(f1))], axis=1)
    return np.hstack([values * has_answer, values * ~has_answer])


def scores_of_squad_counts(
    sums: np.ndarray, has_unanswerable: bool
) -> dict[str, np.ndarray]:
    """Gives the scores of summed `squad_counts`.

    Args:
        sums: float (..., 6).
        has_unanswerable: as in `squad_counts`.

    Returns:
        `f1` and `exact`; for SQuAD 2.0 the same with the prefix `has_answer_` and
        `no_answer_`, if there are such questions; all of shape (...), in [0, 1]. The
        scores at the best threshold are no sums over questions, and not among them.

    Example:
        >>> sums = squad_counts([["Rome"], []], ["Rome", "It"], True).sum(axis=0)
        >>> float(scores_of_squad_counts(sums, True)["no_answer_f1"])
        0.0
    """
    with_answer, without = np.split(np.asarray(sums), 2, axis=-1)
    kinds = {"": with_answer + without}
    if has_unanswerable:
        kinds |= {"has_answer_": with_answer, "no_answer_": without}
    return {
        prefix + name: ratios(of_kind[..., index], of_kind[..., 2])
        for prefix, of_kind in kinds.items()
        if of_kind[..., 2].any()
        for index, name in enumerate(("f1", "exact"))
    }


def scores_at_best_thresholds(
    true: Sequence[Sequence[str]],
    best: Sequence[str],
    null_margins: Sequence[float],
) -> dict[str, float]:
    """Gives the scores that SQuAD 2.0's script finds by going through the margins.

    Args:
        true: the true answers to each question.
        best: the best answer that is not none.
        null_margins: by how much the score of none is above that of `best`.

    Returns:
        `best_f1` and `best_exact`, in [0, 1], which `best` has when none is predicted
        at a margin above `best_f1_threshold` and `best_exact_threshold`.

    Raises:
        ValueError: if there is no question, or not an answer for each.

    Example:
        >>> scores = scores_at_best_thresholds([["Rome"], []], ["Rome", "It"], [-2, 1])
        >>> scores["best_f1"], scores["best_f1_threshold"]
        (1.0, -2)
    """
    _check_counts(true, best, null_margins)
    has_answer = [bool(answers) for answers in true]
    accepted = [_accepted(answers) for answers in true]
    scores: dict[str, float] = {}
    for name, measure in {"f1": _f1_with_none, "exact": _exact}.items():
        values = _best_of_true(measure, best, accepted)
        score, threshold = _best_threshold(values, best, null_margins, has_answer)
        scores[f"best_{name}"] = score
        scores[f"best_{name}_threshold"] = threshold
    return scores


def _true_texts(questions: Sequence[Question]) -> list[list[str]]:
    return [[answer.text for answer in question.answers] for question in questions]


def _accepted(answers: Sequence[str]) -> list[str]:
    """Those of which something is left when they are normalised, or none."""
    return [answer for answer in answers if normalized_answer(answer)] or [""]


def _best_of_true(measure, predicted, true) -> list[float]:
    return [
        max(measure(prediction, answer) for answer in answers)
        for prediction, answers in zip(predicted, true, strict=True)
    ]


def _exact(predicted: str, answer: str) -> float:
    return float(normalized_answer(predicted) == normalized_answer(answer))


def _f1(predicted: str, answer: str) -> float:
    predicted_words, words = (normalized_answer(t).split() for t in (predicted, answer))
    common = collections.Counter(predicted_words) & collections.Counter(words)
    hits = sum(common.values())
    return 2 * hits / (len(predicted_words) + len(words)) if hits else 0.0


def _f1_with_none(predicted: str, answer: str) -> float:
    if not normalized_answer(predicted) or not normalized_answer(answer):
        return _exact(predicted, answer)
    return _f1(predicted, answer)


def _best_threshold(
    values: Sequence[float],
    best: Sequence[str],
    null_margins: Sequence[float],
    has_answer: Sequence[bool],
) -> tuple[float, float]:
    """The best score of all thresholds, and the threshold.

    The official script's own sums: it begins with none everywhere, at threshold 0, and
    goes through the questions by their margins.
    """
    score = best_score = has_answer.count(False)
    best_threshold = 0.0
    for index in sorted(range(len(values)), key=null_margins.__getitem__):
        if has_answer[index]:
            score += values[index]
        elif best[index]:
            score -= 1
        if score > best_score:
            best_score, best_threshold = score, null_margins[index]
    return best_score / len(values), best_threshold


def _check_counts(true: Sequence, *of_questions: Sequence) -> None:
    if not true or any(len(values) != len(true) for values in of_questions):
        counts = ", ".join(str(len(values)) for values in of_questions)
        raise ValueError(f"{len(true)} questions with {counts} answers.")
