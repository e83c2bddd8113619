"""GroupedAdamW: new weights move faster, biases and norms are not decayed."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.training.optimizer import GroupedAdamW

LEARNING_RATE, WEIGHT_DECAY, MULTIPLIER = 0.01, 0.1, 5.0


@pytest.fixture(scope="module")
def pretrainer(make_encoder):
    backbone = charbert_tf.CharBertBackbone(make_encoder(), 20, 8)
    return charbert_tf.Pretrainer(backbone, num_words=10)


def movements(optimizer, model, gradient):
    """How far a step with this gradient moves each weight, by its path."""
    rng = np.random.default_rng(0)
    variables = model.trainable_variables
    for variable in variables:
        variable.assign(rng.normal(0, 1, variable.shape))
    before = {variable.path: variable.numpy() for variable in variables}
    optimizer.build(variables)
    optimizer.apply([np.full(v.shape, gradient, "float32") for v in variables])
    return {v.path: (before[v.path], v.numpy() - before[v.path]) for v in variables}


def test_new_variables_move_so_many_times_as_far(pretrainer):
    new = pretrainer.backbone.char_encoder.trainable_variables
    optimizer = GroupedAdamW(
        LEARNING_RATE, MULTIPLIER, new_variables=new, weight_decay=0.0
    )
    new_paths = {variable.path for variable in new}
    moved = movements(optimizer, pretrainer, gradient=0.3)
    assert new_paths < moved.keys()
    for path, (_, movement) in moved.items():
        # Adam's first step goes as far as the learning rate says.
        times = MULTIPLIER if path in new_paths else 1.0
        np.testing.assert_allclose(movement, -LEARNING_RATE * times, rtol=1e-3)


def test_biases_and_norms_are_not_decayed(pretrainer):
    optimizer = GroupedAdamW(LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    decayed, kept = set(), set()
    moved = movements(optimizer, pretrainer, gradient=0.0)
    for path, (before, movement) in moved.items():
        if np.any(movement):
            np.testing.assert_allclose(
                movement, -LEARNING_RATE * WEIGHT_DECAY * before, atol=1e-6
            )
        (decayed if np.any(movement) else kept).add(path.split("/")[-1])
    assert decayed == {"embeddings", "kernel", "recurrent_kernel", "output_kernel"}
    assert kept == {"bias", "gamma", "beta", "output_bias"}


def test_without_a_group_it_is_kerass_own():
    """And an embedding's gradient, of some rows, one of them twice, is its sum."""
    rng = np.random.default_rng(0)
    start = rng.normal(0, 1, (50, 8)).astype("float32")
    gradients = [
        tf.IndexedSlices(
            tf.constant(rng.normal(0, 1, (6, 8)), tf.float32),
            [3, 9, 3, 0, 49, 7],
            (50, 8),
        )
        for _ in range(20)
    ]

    def path_of(optimizer, gradients):
        variable = keras.Variable(start, name="kernel")
        for gradient in gradients:
            optimizer.apply([gradient], [variable])
        return variable.numpy()

    dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
    expected = path_of(keras.optimizers.AdamW(0.01, weight_decay=0.05), dense)
    for of_rows_or_all in (gradients, dense):
        actual = path_of(GroupedAdamW(0.01, weight_decay=0.05), of_rows_or_all)
        # The same formula; the order of its multiplications differs.
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)
    assert np.abs(expected - start).max() > 0.05
