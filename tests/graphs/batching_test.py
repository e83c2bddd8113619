"""Batches: every example once an epoch, with others of its length."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.graphs.batching import (
    RowComputation,
    prediction_batches,
    training_batches,
)

COUNT, BATCH_SIZE, EPOCHS = 2_005, 16, 2
LENGTHS = np.random.default_rng(0).integers(1, 100, COUNT)


def dataset(seed=0):
    """Which examples each batch has."""
    return training_batches(
        (tf.range(COUNT),),
        LENGTHS,
        lambda indices: indices,
        BATCH_SIZE,
        EPOCHS,
        seed,
    )


def batches(seed=0):
    return [batch.tolist() for batch in dataset(seed).as_numpy_iterator()]


@pytest.fixture(scope="module")
def both_epochs():
    all_batches = batches()
    count = len(all_batches) // EPOCHS
    return all_batches[:count], all_batches[count:]


def test_every_example_exactly_once_an_epoch(both_epochs):
    for epoch in both_epochs:
        assert len(epoch) == -(-COUNT // BATCH_SIZE)
        assert sorted(np.concatenate(epoch)) == list(range(COUNT))
        sizes = sorted(len(batch) for batch in epoch)
        assert sizes == [COUNT % BATCH_SIZE] + [BATCH_SIZE] * (len(epoch) - 1)
    assert both_epochs[0] != both_epochs[1]
    first, second = ({frozenset(batch) for batch in epoch} for epoch in both_epochs)
    assert len(first & second) < 5


def test_a_batch_is_of_about_one_length(both_epochs):
    for epoch in both_epochs:
        spreads = [np.ptp(LENGTHS[batch]) for batch in epoch]
        # At random it would be about 88.
        assert np.mean(spreads) < 5
        # Yet short and long batches come in no order.
        means = [LENGTHS[batch].mean() for batch in epoch]
        assert abs(np.corrcoef(means, np.arange(len(epoch)))[0, 1]) < 0.3


def test_an_example_has_another_number_each_time():
    examples = tf.range(COUNT)
    batches = training_batches(
        *((examples,), LENGTHS, lambda *rows: rows, BATCH_SIZE, EPOCHS, 0),
        noised=lambda rows, numbers: (rows, numbers),
    )
    rows, numbers = map(np.concatenate, zip(*batches.as_numpy_iterator(), strict=True))
    assert numbers.tolist() == [
        row + COUNT * (place >= COUNT) for place, row in enumerate(rows)
    ]


@pytest.mark.parametrize("done", [0, 1, 126, 251, 252])
def test_a_restart_continues_the_same_order(both_epochs, tmp_path, done):
    first, second = iter(dataset()), iter(dataset())
    for _ in range(done):
        next(first)
    path = tf.train.Checkpoint(batches=first).write(str(tmp_path / "state"))
    tf.train.Checkpoint(batches=second).read(path).assert_consumed()
    expected = list(itertools.chain(*both_epochs))[done:]
    assert [batch.numpy().tolist() for batch in second] == expected


def test_only_the_seed_counts(both_epochs):
    expected = list(itertools.chain(*both_epochs))
    assert batches(seed=0) == expected
    assert batches(seed=1) != expected


def test_all_parts_of_an_example_stay_together():
    rows = tf.ragged.constant([[index] * (index % 4) for index in range(50)])
    examples = ((tf.range(50), rows), tf.range(50) * 2)
    dataset = training_batches(
        examples, [index % 4 for index in range(50)], lambda x, y: (x, y), 8, 1, 3
    )
    seen = 0
    for (indices, of_rows), doubles in dataset:
        assert doubles.numpy().tolist() == (indices * 2).numpy().tolist()
        assert of_rows.to_list() == [[i] * (i % 4) for i in indices.numpy()]
        seen += len(doubles)
    assert seen == 50


def test_predictions_find_their_examples():
    dataset, order = prediction_batches(
        (tf.range(COUNT),), LENGTHS, lambda indices: indices
    )
    batches = list(dataset.as_numpy_iterator())
    rows = np.concatenate(batches)
    assert rows.tolist() == order.tolist()
    assert sorted(rows) == list(range(COUNT))
    assert (np.diff(LENGTHS[rows]) >= 0).all()
    widths = [len(batch) * LENGTHS[batch].max() for batch in batches]
    assert all(
        len(batch) == 32 or width <= 4_096
        for batch, width in zip(batches[:-1], widths, strict=False)
    )
    # And no more of them than need be.
    assert np.mean(widths[:-1]) > 3_400


def test_of_as_many_tokens_those_of_as_many_characters_come_together():
    lengths = [[3, 9], [2, 8], [3, 1], [2, 1]]
    dataset, order = prediction_batches((tf.range(4),), lengths, lambda of: of)
    assert order.tolist() == [3, 1, 2, 0]
    (batch,) = dataset
    assert batch.numpy().tolist() == [3, 1, 2, 0]


def test_a_computation_is_traced_once_for_any_examples():
    traced = []

    def lengths(texts):
        traced.append("preprocess")
        return tf.strings.length(texts)

    def scaled(values):
        traced.append("compute")
        return values * factor

    factor = tf.Variable(2)
    computation = RowComputation(lengths, scaled)
    for texts in (["a", "abc"], ["ab"] * 70, ["abcd"]):
        values = computation((tf.constant(texts),), [len(text) for text in texts])
        assert values == [len(text) * factor.numpy() for text in texts]
        factor.assign_add(1)
    assert sorted(traced) == ["compute", "preprocess"]
