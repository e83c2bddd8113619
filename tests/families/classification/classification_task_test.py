"""Classification: the score that models are compared by, and GLUE's submissions."""

import io

import pytest

from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText

EXAMPLES = [LabelledText("x", None, label, 1) for label in "0011"]
PREDICTIONS = list("0111")


@pytest.mark.parametrize(
    ("metric", "score"),
    [("accuracy", 3 / 4), ("f1", 4 / 5), ("matthews_correlation", 3**-0.5)],
)
def test_the_metric_comes_first(metric, score):
    task = ClassificationTask("text", "label", metric=metric)
    scores = task.scores(EXAMPLES, PREDICTIONS, ["0", "1"])
    assert next(iter(scores)) == metric
    assert scores[metric] == pytest.approx(score)
    assert len(scores) == 3


def test_predictions_are_a_submission():
    file = io.StringIO()
    write = ClassificationTask("text", "label").prediction_writers()[".tsv"]
    write(file, EXAMPLES, PREDICTIONS)
    assert file.getvalue() == "index\tprediction\n0\t0\n1\t1\n2\t1\n3\t1\n"
    with pytest.raises(ValueError, match="not 'bleu'"):
        ClassificationTask("text", "label", metric="bleu")
