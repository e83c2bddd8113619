"""Scores of classes against their definitions."""

import numpy as np
import pytest

from tests.sklearn_scores import classification_scores


@pytest.mark.parametrize("classes", [2, 4])
def test_scores_are_those_of_their_definitions(classes):
    random = np.random.default_rng(classes)
    names = np.array(["no", "yes", "zero", "zwei"])[:classes]
    true = random.integers(classes, size=1000)
    guess = random.integers(classes, size=1000)
    predicted = np.where(random.random(1000) < 0.5, true, guess)
    scores = classification_scores(names[true], names[predicted], names)
    assert scores.pop("accuracy") == pytest.approx(np.mean(true == predicted))
    # Gorodkin (2004): the correlation of the two as one-hot vectors.
    both = [
        np.eye(classes)[of] - np.eye(classes)[of].mean(0) for of in (true, predicted)
    ]
    norms = [np.linalg.norm(of) for of in both]
    expected = (both[0] * both[1]).sum() / (norms[0] * norms[1])
    assert scores.pop("matthews_correlation") == pytest.approx(expected)
    if classes == 2:
        precision = np.mean(true[predicted == 1] == 1)
        recall = np.mean(predicted[true == 1] == 1)
        f1 = 2 * precision * recall / (precision + recall)
        assert scores.pop("f1") == pytest.approx(f1)
    assert not scores


def test_scores_where_one_class_is_all_there_is():
    scores = classification_scores(["0", "0"], ["0", "0"], ["0", "1"])
    assert scores == {"accuracy": 1, "f1": 0, "matthews_correlation": 0}
    # Two of three classes occur: that does not make the task binary.
    assert "f1" not in classification_scores([0, 1], [0, 1], [0, 1, 2])
    for true, predicted in (([], []), ([0], [0, 1])):
        with pytest.raises(ValueError, match="predicted classes"):
            classification_scores(true, predicted)
