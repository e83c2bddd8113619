"""ProbabilityLoss: pairs reach the black box as pairs, and nothing is infinite."""

import numpy as np
import pytest

from charbert_tf.adversaries.probability_loss import ProbabilityLoss
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
