"""Sums of counts give SciPy's correlations, of whole files and of draws."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from charbert_tf.families.correlation_metric import CorrelationMetric
from charbert_tf.families.metric import MetricBefore, scores_of
from charbert_tf.files.errors import UserError


def examples_and_predictions(count, offset=0.0, noise=1.0):
    """True numbers with many ties, as STS-B has, and predictions some of them tied."""
    random = np.random.default_rng(0)
    true = offset + np.round(random.uniform(0, 5, count) * 5) / 5
    predictions = np.round(true + random.normal(0, noise, count), 1)
    return [SimpleNamespace(label=label) for label in true], predictions


@pytest.mark.parametrize("offset", [0.0, -3.0, 2000.0])
@pytest.mark.parametrize("noise", [0.1, 1.0, 30.0])
def test_as_scipy(offset, noise):
    examples, predictions = examples_and_predictions(300, offset, noise)
    true = [example.label for example in examples]
    scores = scores_of(CorrelationMetric(), examples, predictions, [])
    assert list(scores) == ["pearson", "spearman"]
    assert scores["pearson"] == pytest.approx(
        stats.pearsonr(true, predictions)[0], abs=1e-9
    )
    assert scores["spearman"] == pytest.approx(
        stats.spearmanr(true, predictions)[0], abs=1e-9
    )


def test_draws_of_examples():
    examples, predictions = examples_and_predictions(400)
    true = np.array([example.label for example in examples])
    counts = CorrelationMetric().counts(examples, predictions, [])
    assert counts.shape == (400, CorrelationMetric.num_counts)
    draws = np.random.default_rng(1).integers(400, size=(300, 400))
    found = CorrelationMetric("spearman").scores(counts[draws].sum(axis=1))
    assert list(found) == ["spearman", "pearson"]
    pearson = [stats.pearsonr(true[d], predictions[d])[0] for d in draws]
    np.testing.assert_allclose(found["pearson"], pearson, atol=1e-9)
    # With the ranks of the file, which are nearly those of a draw.
    spearman = [stats.spearmanr(true[d], predictions[d])[0] for d in draws]
    np.testing.assert_allclose(found["spearman"], spearman, atol=0.02)
    assert 0.9 < found["spearman"].std() / np.std(spearman) < 1.1


@pytest.mark.parametrize("predictions", [[2.7] * 4, [0.1 + 0.2] * 3 + [0.3]])
def test_not_defined(predictions):
    examples = [SimpleNamespace(label=label) for label in (1.2, 3.3, 4.1, 0.7)]
    scores = scores_of(CorrelationMetric(), examples, predictions, [])
    assert scores["pearson"] == 0


def test_right_is_within_a_tenth_of_the_scale():
    examples = [SimpleNamespace(label=label) for label in (1.8, 1.8, 5.0, 0.0)]
    metric = CorrelationMetric(scale=5.0)
    counts = metric.counts(examples, [2.3, 2.4, 4.5, 9.0], [])
    assert metric.are_right(counts).tolist() == [True, False, True, False]
    np.testing.assert_allclose(metric.scores_of_examples(counts), [0.9, 0.88, 0.9, 0])


def test_before_another_metric():
    examples, predictions = examples_and_predictions(50)
    metric = MetricBefore(CorrelationMetric("spearman"), CorrelationMetric())
    scores = scores_of(metric, examples, predictions, [])
    assert list(scores) == ["spearman", "pearson"]


@pytest.mark.parametrize("prediction", ["good", None, float("nan"), [1.0, 2.0]])
def test_refuses_what_is_no_number(prediction):
    examples = [SimpleNamespace(label=1.0)]
    with pytest.raises(UserError, match="is no number: give one for each example"):
        CorrelationMetric().counts(examples, [prediction], [])
