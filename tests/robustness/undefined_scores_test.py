"""Scores of what few examples have: draws without any of it tell nothing of them."""

import itertools
import math

import numpy as np
import pytest
from sklearn import metrics

from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.classification.multi_label_task import MultiLabelTask
from charbert_tf.families.metric import Metric
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import (
    Answer,
    PredictedAnswer,
    Question,
)
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.robustness.evaluated_model import EvaluatedModel
from charbert_tf.robustness.losses import PredictionLoss
from charbert_tf.robustness.robustness_evaluation import RobustnessEvaluation
from tests.seqeval_scores import span_scores

LABELS = ["joy", "fear", "rage"]


def measured(task, examples, labels, *predictions, resamples=2000):
    """The result on the clean text of models that give these predictions."""
    models = [
        EvaluatedModel(str(number), lambda examples, of=of: of, labels)
        for number, of in enumerate(predictions)
    ]
    return RobustnessEvaluation(task, examples, models, resamples).measure({}, [0])


def scores(result):
    return {row.measure: row.score for row in result.scores if row.model == "0"}


def sentences(*tags):
    return [TaggedSentence(("w",) * len(of), of, 1) for of in tags]


def texts(labels):
    return [LabelledText("", None, label, 1) for label in labels]


def test_whoever_is_always_right_has_all_with_certainty():
    tags = [("B-LOC", "O"), *[("O", "O")] * 30]
    questions = [
        Question(str(number), "Who?", "It did.", (Answer("It", 0),) * (number > 0))
        for number in range(40)
    ]
    answers = [PredictedAnswer("It" * (number > 0), (), 0.0) for number in range(40)]
    several = [("rage", "joy"), *[("joy",)] * 30]
    for task, examples, labels, right in (
        (TaggingTask(), sentences(*tags), ["O", "B-LOC"], tags),
        (QuestionAnsweringTask("2.0"), questions, [], answers),
        (
            ClassificationTask("a", "b"),
            texts("1" + "0" * 30),
            ["0", "1"],
            "1" + "0" * 30,
        ),
        (MultiLabelTask("a", "b"), texts(several), ["joy", "rage"], several),
    ):
        found = scores(measured(task, examples, labels, list(right)))
        assert len(found) > 2
        assert {name: str(of) for name, of in found.items()} == dict.fromkeys(
            found, "100.0 [100.0, 100.0]"
        )


def all_draws(count):
    """Every choice of as many examples, as often as it is drawn."""
    for draw in itertools.combinations_with_replacement(range(count), count):
        drawn = [draw.count(index) for index in range(count)]
        yield draw, math.factorial(count) // math.prod(map(math.factorial, drawn))


def exact_interval(count, score):
    values, often = zip(*((score(d), n) for d, n in all_draws(count)), strict=True)
    values = np.repeat(values, often)
    assert 0 < np.isnan(values).sum() < len(values) / 2
    return np.nanquantile(values, [0.025, 0.975])


def of_spans(name):
    def score(true, predicted):
        is_there = [
            any(tag != "O" for of in tags for tag in of) for tags in (true, predicted)
        ]
        asked = {"precision": is_there[1], "recall": is_there[0], "f1": any(is_there)}
        return span_scores(true, predicted)[name] if asked[name] else np.nan

    return score


def correlation(true, predicted):
    if min(len(set(true)), len(set(predicted))) == 1:
        return np.nan
    return metrics.matthews_corrcoef(true, predicted)


def f1(true, predicted):
    return metrics.f1_score(true, predicted, pos_label="1", zero_division=np.nan)


def macro_f1(true, predicted):
    """A label that no example has counts as 0, one that is not drawn does not count."""
    names = ["joy", "fear"]
    flags = [
        [[name in of for name in names] for of in all] for all in (true, predicted)
    ]
    each = metrics.f1_score(*map(np.array, flags), average=None, zero_division=np.nan)
    return np.nan if np.isnan(each).all() else np.nanmean(each) * 2 / 3


# Who has a span, a label or both classes has some of it right: no draw scores 0.
TAGS = [("B-LOC", "O", "B-LOC", "O"), ("B-LOC", "O"), *[("O", "O")] * 4]
GUESSED = [("B-LOC", "O", "O", "B-LOC"), ("B-LOC", "O"), *[("O", "O")] * 4]
SEVERAL = [("joy",), ("fear",), ("joy", "fear"), (), (), ()]


@pytest.mark.parametrize(
    ("task", "labels", "true", "predicted", "name", "score"),
    [
        *(
            (TaggingTask(), ["O", "B-LOC"], TAGS, GUESSED, name, of_spans(name))
            for name in ("f1", "precision", "recall")
        ),
        (ClassificationTask("a", "b"), ["0", "1"], "110000", "110000", "f1", f1),
        (
            *(ClassificationTask("a", "b"), ["0", "1"], "111000", "110000"),
            *("matthews_correlation", correlation),
        ),
        (
            *(MultiLabelTask("a", "b"), LABELS, SEVERAL, [("joy",)] * 2 + [()] * 4),
            *("macro_f1", macro_f1),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_intervals_are_those_of_all_draws_that_define_the_score(
    task, labels, true, predicted, name, score
):
    predicted = list(predicted)
    examples = sentences(*true) if isinstance(task, TaggingTask) else texts(true)
    result = measured(task, examples, labels, predicted, resamples=50_000)
    found = scores(result)[name]
    expected = exact_interval(
        6, lambda draw: score([true[i] for i in draw], [predicted[i] for i in draw])
    )
    assert [found.low, found.high] == pytest.approx(expected, abs=1e-6)
    whole = score(list(true), predicted)
    assert found.value == pytest.approx(whole)


def test_who_predicts_nothing_is_compared_with_a_precision_of_nothing():
    """As of all exchanges, in each of which a precision of nothing is 0."""
    task, count = TaggingTask(), 8
    true = [("B-LOC",)] * count
    tags = [*[("B-LOC",)] * 2, *[("O",)] * 6]
    nothing = [("O",)] * count
    found = measured(
        task, sentences(*true), ["O", "B-LOC"], nothing, tags, resamples=4000
    )
    assert str(scores(found)["precision"]) == "0.0 [0.0, 0.0]"
    (by_f1,) = found.comparisons
    assert by_f1.difference.value == pytest.approx(0.4)

    task.put_first(Precision())
    found = measured(
        task, sentences(*true), ["O", "B-LOC"], nothing, tags, resamples=4000
    )
    (compared,) = found.comparisons
    # Of the draws that have one of the two spans.
    assert str(compared.difference) == "100.0 [100.0, 100.0]"
    differences = []
    for exchanged in itertools.product([False, True], repeat=count):
        pairs = [
            (b, a) if swap else (a, b)
            for a, b, swap in zip(nothing, tags, exchanged, strict=True)
        ]
        precisions = [
            float(any(of == ("B-LOC",) for of in model))
            for model in zip(*pairs, strict=True)
        ]
        differences.append(abs(precisions[0] - precisions[1]))
    assert compared.p_value == pytest.approx(
        np.mean(np.array(differences) >= 1), abs=0.03
    )


class Precision(Metric):
    """That of words, by a division that leaves it undefined where none is predicted."""

    num_counts = 2

    def counts(self, examples, predictions, labels):
        predicted = np.array([sum(tag != "O" for tag in of) for of in predictions])
        right = [
            sum(tag == guess != "O" for tag, guess in zip(e.tags, of, strict=True))
            for e, of in zip(examples, predictions, strict=True)
        ]
        return np.stack([right, predicted], axis=1).astype(float)

    def scores(self, sums):
        with np.errstate(invalid="ignore"):
            return {"precision_of_words": sums[..., 0] / sums[..., 1]}


def test_an_undefined_score_is_told_as_0():
    task = TaggingTask()
    task.metric = Precision()
    examples = sentences(("O",), ("O",))
    assert task.scores(examples, [["O"], ["O"]], ["O"]) == {"precision_of_words": 0.0}
    model = EvaluatedModel("nothing", lambda es: [["O"] for _ in es], ["O", "B-LOC"])
    assert PredictionLoss(task, model)(examples).tolist() == [1.0, 1.0]
