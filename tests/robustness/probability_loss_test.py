"""ProbabilityLoss: pairs reach the black box as pairs, and nothing is infinite."""

import numpy as np
import pytest

from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.losses import ProbabilityLoss


def test_texts_and_pairs():
    seen = []

    def predict(texts):
        seen.extend(texts)
        return [[0.25, 0.75, 0.0]] * len(texts)

    loss = ProbabilityLoss(predict, labels=["a", "b", "c"])
    examples = [
        LabelledText("one", None, "b", 1),
        LabelledText("one", "two", "a", 2),
        LabelledText("one", "", "c", 3),
    ]
    losses = loss(examples)
    assert seen == ["one", ("one", "two"), ("one", "")]
    assert losses[:2] == pytest.approx([-np.log(0.75), -np.log(0.25)])
    assert 20 < losses[2] < 100


def test_a_label_that_is_no_class():
    loss = ProbabilityLoss(lambda texts: [[0.5, 0.5]] * len(texts), labels=["a", "b"])
    message = r"line 7: the label '1' is not among the classes, a, b: name them"
    with pytest.raises(UserError, match=message):
        loss([LabelledText("one", None, "1", 7)])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            [[0.5, 0.5]],
            r"of shape \(1, 2\) for 2 text\(s\) and 2 classes: return a row",
        ),
        ([[0.2, 0.3, 0.5]] * 2, r"of shape \(2, 3\) for 2 text\(s\) and 2 classes"),
        ([0.5, 0.5], r"of shape \(2,\) for 2 text\(s\)"),
        ([[0.5, 0.5], [0.5]], "the classifier gives no table of numbers"),
        (
            [{"label": "a", "score": 0.5}] * 2,
            "the classifier gives no table of numbers",
        ),
        (["yes", "no"], "the classifier gives no table of numbers"),
        (None, r"of shape \(\) for 2 text\(s\)"),
    ],
)
def test_classifiers_that_give_no_row_for_each_text(answer, message):
    loss = ProbabilityLoss(lambda texts: answer, labels=["a", "b"])
    with pytest.raises(UserError, match=message):
        loss([LabelledText("one", None, "a", 1), LabelledText("two", None, "b", 2)])
