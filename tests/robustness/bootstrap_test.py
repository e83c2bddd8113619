"""Intervals and significance against scipy's, and against what they promise."""

import itertools

import numpy as np
import pytest
import scipy.stats

from charbert_tf.families.tagging.tagging_metric import span_scores_of_counts
from charbert_tf.robustness.resampling import (
    Bootstrap,
    Estimate,
    pairwise_p_values,
)


def f1(sums):
    return span_scores_of_counts(sums)["f1"]


def mean_f1(sums):
    """Over the seeds."""
    return f1(sums).mean(axis=-1)


def random_spans(random, size, recall, precision=0.9):
    """Right, predicted and true spans of sentences, whose difficulty varies."""
    true = random.poisson(1.7, size)
    right = random.binomial(true, random.beta(8 * recall, 8 * (1 - recall), size))
    predicted = right + random.poisson((1 - precision) * 1.7, size)
    return np.stack([right, predicted, true], axis=-1).astype(float)


def test_the_interval_is_that_of_scipy():
    counts = random_spans(np.random.default_rng(0), 300, recall=0.7)
    bootstrap = Bootstrap(300, resamples=20_000, seed=1)
    found = Estimate.of_samples(f1(counts.sum(0)), f1(bootstrap.sums(counts)))
    expected = scipy.stats.bootstrap(
        tuple(counts.T),
        lambda *columns, axis: f1(np.stack([c.sum(axis) for c in columns], -1)),
        paired=True,
        method="percentile",
        n_resamples=20_000,
        random_state=2,
    ).confidence_interval
    assert found.low < found.value < found.high
    width = found.high - found.low
    # Both are random: the percentiles are known to about 1 % of the width.
    assert found.low == pytest.approx(expected.low, abs=0.03 * width)
    assert found.high == pytest.approx(expected.high, abs=0.03 * width)


def test_the_interval_holds_the_truth_95_times_in_100():
    random = np.random.default_rng(0)
    truth = f1(random_spans(random, 1_000_000, recall=0.7).sum(axis=0))
    hits, sets = 0, 400
    bootstrap = Bootstrap(250, resamples=500)
    for _ in range(sets):
        counts = random_spans(random, 250, recall=0.7)
        of = Estimate.of_samples(f1(counts.sum(0)), f1(bootstrap.sums(counts)))
        hits += of.low <= truth <= of.high
    # 95 %, give or take four standard deviations, and the few tenths that percentiles
    # of 250 examples are too narrow.
    assert 0.90 < hits / sets < 0.99


def test_draws_are_the_same_for_all_and_in_any_block():
    bootstrap = Bootstrap(50, resamples=250)
    counts = np.random.default_rng(0).random((50, 2, 3))
    sums = bootstrap.sums(counts)
    assert sums.shape == (250, 2, 3)
    assert np.allclose(sums[:, 1], bootstrap.sums(counts[:, 1]))
    assert np.allclose(bootstrap.sums(np.ones((50, 1))), 50)
    again = Bootstrap(50, resamples=250).sums(counts)
    assert np.array_equal(sums, again)
    assert not np.array_equal(sums, Bootstrap(50, resamples=250, seed=1).sums(counts))


def test_significance_is_that_of_scipy():
    random = np.random.default_rng(0)
    first = random_spans(random, 200, recall=0.70)[:, None]
    second = random_spans(random, 200, recall=0.74)[:, None]
    found = pairwise_p_values([first, second], mean_f1, rounds=10_000)[0, 1]

    # scipy exchanges numbers between two lists: here those of rows.
    rows = np.concatenate([first, second])[:, 0]
    expected = scipy.stats.permutation_test(
        (np.arange(200), np.arange(200, 400)),
        lambda one, two, axis: f1(rows[one].sum(axis=-2)) - f1(rows[two].sum(axis=-2)),
        permutation_type="samples",
        n_resamples=10_000,
        vectorized=True,
        random_state=1,
    ).pvalue
    assert 0.01 < expected < 0.99
    assert found == pytest.approx(expected, abs=0.03)


def test_all_pairs_are_tested_as_each_alone():
    random = np.random.default_rng(0)
    models = [
        random_spans(random, 150, recall=recall)[:, None]
        for recall in (0.7, 0.72, 0.75, 0.7)
    ]
    found = pairwise_p_values(models, mean_f1, rounds=250)
    expected = {
        (i, j): pairwise_p_values([models[i], models[j]], mean_f1, rounds=250)[0, 1]
        for i, j in itertools.combinations(range(4), 2)
    }
    assert found == expected and len(set(found.values())) > 3


def test_models_that_are_alike_seldom_differ_significantly():
    random = np.random.default_rng(0)
    values = []
    for _ in range(200):
        # Two seeds, not independent: what the model finds hard it finds hard in both.
        one, other = (
            np.repeat(random_spans(random, 100, recall=0.7)[:, None], 2, axis=1)
            for _ in range(2)
        )
        values.append(pairwise_p_values([one, other], mean_f1, rounds=199)[0, 1])
    values = np.array(values)
    # Uniform: 5 % of them below 0.05, half of them below 0.5.
    assert (values <= 0.05).mean() < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 200)
    assert abs((values <= 0.5).mean() - 0.5) < 4 * np.sqrt(0.25 / 200)


def test_models_that_differ_do_so_significantly():
    random = np.random.default_rng(0)
    first, second = (
        random_spans(random, 1000, recall=recall)[:, None] for recall in (0.6, 0.7)
    )
    assert pairwise_p_values([first, second], mean_f1, rounds=999)[0, 1] == 0.001
