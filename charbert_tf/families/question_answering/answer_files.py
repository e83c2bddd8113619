"""The files of predicted answers, JSON by the questions' ids.

No file has a number that is not finite, which JSON does not know.
"""

import json
import math
import typing
from collections.abc import Sequence
from typing import Any

from charbert_tf.families.question_answering.questions import PredictedAnswer, Question


def write_answers(
    file: typing.TextIO,
    questions: Sequence[Question],
    predictions: Sequence[PredictedAnswer],
) -> None:
    """Writes `{id: answer}`, as SQuAD's scripts read it.

    Args:
        file: an open text file.
        questions: the questions.
        predictions: what is predicted for each.

    Example:
        >>> import sys
        >>> question = Question("1", "Where?", "In Rome.", ())
        >>> write_answers(sys.stdout, [question], [PredictedAnswer("Rome", (), -2.0)])
        {
          "1": "Rome"
        }
    """
    _write_by_id(file, questions, [prediction.text for prediction in predictions])


def write_null_odds(
    file: typing.TextIO,
    questions: Sequence[Question],
    predictions: Sequence[PredictedAnswer],
) -> None:
    """Writes `{id: number}`, as SQuAD 2.0's script takes it (`--na-prob-file`).

    Args:
        file: an open text file.
        questions: the questions.
        predictions: what is predicted for each.

    Example:
        >>> import sys
        >>> question = Question("1", "Where?", "In Rome.", ())
        >>> write_null_odds(sys.stdout, [question], [PredictedAnswer("Rome", (), -2.0)])
        {
          "1": -2.0
        }
    """
    margins = [prediction.null_margin for prediction in predictions]
    _write_by_id(file, questions, margins)


def write_n_best(
    file: typing.TextIO,
    questions: Sequence[Question],
    predictions: Sequence[PredictedAnswer],
) -> None:
    """Writes `{id: [candidate, ...]}`, as SQuAD 1.1's `nbest_predictions.json` is.

    A candidate is `{"text", "start", "probability", "score"}`, the best first; of a
    question without any there is one of text `""`, as in BERT's own files.

    Args:
        file: an open text file.
        questions: the questions.
        predictions: what is predicted for each.

    Example:
        >>> import io
        >>> from charbert_tf.families import Answer
        >>> question = Question("1", "Where?", "In Rome.", ())
        >>> answer = PredictedAnswer("Rome", ((Answer("Rome", 3), 7.5),), -2.0)
        >>> write_n_best(file := io.StringIO(), [question], [answer])
        >>> json.loads(file.getvalue())["1"]
        [{'text': 'Rome', 'start': 3, 'probability': 1.0, 'score': 7.5}]
    """
    _write_by_id(file, questions, list(map(_n_best, predictions)))


def write_n_best_or_none(
    file: typing.TextIO,
    questions: Sequence[Question],
    predictions: Sequence[PredictedAnswer],
) -> None:
    """Writes what `write_n_best` does, as for SQuAD 2.0: with no answer among them.

    Args:
        file: an open text file.
        questions: the questions.
        predictions: what is predicted for each.

    Example:
        >>> import io
        >>> from charbert_tf.families import Answer
        >>> question = Question("1", "Where?", "In Rome.", ())
        >>> answer = PredictedAnswer("", ((Answer("Rome", 3), 7.5),), 2.0)
        >>> write_n_best_or_none(file := io.StringIO(), [question], [answer])
        >>> [(c["text"], c["score"]) for c in json.loads(file.getvalue())["1"]]
        [('', 9.5), ('Rome', 7.5)]
    """
    _write_by_id(file, questions, list(map(_n_best_or_none, predictions)))


def _n_best(prediction: PredictedAnswer) -> list[dict[str, Any]]:
    return _with_probabilities(
        [(answer.text, answer.start, score) for answer, score in prediction.candidates]
    )


def _n_best_or_none(prediction: PredictedAnswer) -> list[dict[str, Any]]:
    rows = [
        (answer.text, answer.start, score) for answer, score in prediction.candidates
    ]
    if rows:
        rows.append(("", None, rows[0][2] + prediction.null_margin))
    return _with_probabilities(sorted(rows, key=lambda row: -row[2]))


def _with_probabilities(
    rows: Sequence[tuple[str, int | None, float]],
) -> list[dict[str, Any]]:
    rows = rows or [("", None, 0.0)]
    # Of differences from the best: no exponential is too large.
    weights = [math.exp(score - rows[0][2]) for *_, score in rows]
    return [
        {
            "text": text,
            "start": start,
            "probability": weight / sum(weights),
            "score": score,
        }
        for (text, start, score), weight in zip(rows, weights, strict=True)
    ]


def _write_by_id(
    file: typing.TextIO, questions: Sequence[Question], values: Sequence
) -> None:
    by_id = dict(zip((question.id for question in questions), values, strict=True))
    json.dump(by_id, file, ensure_ascii=False, indent=2, allow_nan=False)
    file.write("\n")
