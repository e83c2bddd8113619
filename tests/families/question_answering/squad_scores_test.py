"""SQuAD's scores against the official scripts' definitions, on random answers."""

import random

import numpy as np
import pytest

from charbert_tf.families.metric import scores_of
from charbert_tf.families.question_answering.questions import (
    Answer,
    PredictedAnswer,
    Question,
)
from charbert_tf.families.question_answering.squad_metric import (
    SquadMetric,
    normalized_answer,
)
from tests.squad_script import exact_of, f1_of, find_best_threshold, normalized, raw

WORDS = ["The", "a", "an", "film", "Film,", "U.S.", "-", "theatre", "naïve", "“x”", ""]


def questions_of(true):
    return [
        Question(str(id), "?", "", tuple(Answer(text, 0) for text in answers))
        for id, answers in enumerate(true)
    ]


def squad1_scores(true, predicted):
    predictions = [PredictedAnswer(text, (), 0.0) for text in predicted]
    return scores_of(SquadMetric(False), questions_of(true), predictions, [])


def squad2_scores(true, predicted, best, margins):
    predictions = [
        PredictedAnswer(text, ((Answer(of_all, 0), 0.0),), margin)
        for text, of_all, margin in zip(predicted, best, margins, strict=True)
    ]
    return scores_of(SquadMetric(True), questions_of(true), predictions, [])


@pytest.fixture(scope="module")
def answers():
    """1,000 random true and predicted answers, half of which share words."""
    choose = random.Random(0)

    def text(most):
        return " ".join(choose.choices(WORDS, k=choose.randint(1, most)))

    true = [
        [text(4) for _ in range(choose.randint(1, 3))] if choose.random() < 0.6 else []
        for _ in range(1000)
    ]
    best = [
        choose.choice(answers) if answers and choose.random() < 0.5 else text(4)
        for answers in true
    ]
    margins = [round(choose.gauss(0, 5) - 3 * bool(of), 2) for of in true]
    return true, best, margins


def test_scores_of_1(answers):
    true, predicted, _ = answers
    pairs = [(of, p) for of, p in zip(true, predicted, strict=True) if of]
    true, predicted = zip(*pairs, strict=True)
    scores = squad1_scores(true, predicted)
    for name, measure in (("f1", f1_of), ("exact", exact_of)):
        expected = raw(measure, true, predicted, False)
        assert scores.pop(name) == pytest.approx(sum(expected) / len(expected))
    assert not scores


def test_scores_of_2(answers):
    true, best, margins = answers
    predicted = [
        "" if margin > 0 else p for margin, p in zip(margins, best, strict=True)
    ]
    scores = squad2_scores(true, predicted, best, margins)
    assert next(iter(scores)) == "f1"
    has_answer = [bool(of) for of in true]
    for name, measure in (("f1", f1_of), ("exact", exact_of)):
        values = raw(measure, true, predicted, True)
        for prefix, kinds in (
            ("", (True, False)),
            ("has_answer_", (True,)),
            ("no_answer_", (False,)),
        ):
            of = [v for v, has in zip(values, has_answer, strict=True) if has in kinds]
            assert scores.pop(prefix + name) == pytest.approx(sum(of) / len(of))
        expected = find_best_threshold(
            best, raw(measure, true, best, True), margins, has_answer
        )
        threshold = scores.pop(f"best_{name}_threshold")
        assert (scores.pop(f"best_{name}"), threshold) == pytest.approx(expected)
        assert threshold != 0
    assert not scores


@pytest.mark.parametrize("has_unanswerable", [False, True])
def test_sums_of_counts(answers, has_unanswerable):
    pairs = [of for of in zip(*answers[:2], strict=True) if of[0] or has_unanswerable]
    metric = SquadMetric(has_unanswerable)
    choice = np.random.default_rng(0).integers(len(pairs), size=500)
    true, texts = zip(*[pairs[index] for index in choice], strict=True)
    predictions = [PredictedAnswer(text, (), 0.0) for text in texts]
    counts = metric.counts(questions_of(true), predictions, [])
    scores = metric.scores(counts.sum(axis=0))
    for name, measure in (("f1", f1_of), ("exact", exact_of)):
        values = raw(measure, true, texts, has_unanswerable)
        assert scores[name] == pytest.approx(np.mean(values))
    right = metric.are_right(counts)
    assert right.tolist() == [value == 1 for value in values]
    assert 0 < right.mean() < 1


def test_the_best_threshold_gives_the_best_score(answers):
    # The official sums take an article for an answer, predicted or true.
    true, best = zip(
        *[
            (of, p)
            for of, p in zip(*answers[:2], strict=True)
            if normalized(p) and (not of or any(map(normalized, of)))
        ],
        strict=True,
    )
    choose = random.Random(1)
    # No two margins are alike, or a threshold would decide about both.
    margins = [choose.gauss(0, 5) - 6 * bool(of) for of in true]
    expected = squad2_scores(true, best, best, margins)
    for name in ("f1", "exact"):
        threshold = expected[f"best_{name}_threshold"]
        predicted = [
            "" if m > threshold else p for m, p in zip(margins, best, strict=True)
        ]
        scores = squad2_scores(true, predicted, best, margins)
        assert scores[name] == pytest.approx(expected[f"best_{name}"])


def test_corners():
    for text in ("The  U.S. army's, a", "An", "", "\u00a0x\u00a0", "A-the-an", "THE É"):
        assert normalized_answer(text) == normalized(text)
    # All have an answer, none has one.
    assert "no_answer_f1" not in squad2_scores([["x"]], ["x"], ["x"], [0])
    assert "has_answer_f1" not in squad2_scores([[]], [""], ["x"], [0])
    with pytest.raises(ValueError, match="2 questions with 1 answers"):
        squad1_scores([["x"], ["y"]], ["x"])
    with pytest.raises(ValueError, match="0 questions"):
        squad1_scores([], [])
