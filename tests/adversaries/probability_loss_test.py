"""ProbabilityLoss: pairs reach the black box as pairs, and nothing is infinite."""

import numpy as np
import pytest

from charbert_tf.adversaries.probability_loss import ProbabilityLoss
from charbert_tf.errors import UserError
from charbert_tf.tasks.classification import LabelledText


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
