"""Held-out text: the means over all labels, without dropout, printed and drawn."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.pretraining.held_out_evaluation import HeldOutEvaluation
from charbert_tf.training.objective import CrossEntropy


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,), name="x")
    dropped = keras.layers.Dropout(0.5)(inputs)
    outputs = {
        name: keras.layers.Dense(3, name=name)(dropped)
        for name in ("mlm_logits", "nlm_logits")
    }
    return keras.Model({"x": inputs}, outputs)


def test_scores_are_means_over_all_labels(model, tmp_path, capsys):
    random = np.random.default_rng(0)
    x = random.normal(size=(10, 4)).astype("float32")
    names = ("mlm_logits", "nlm_logits")
    labels = {name: random.integers(0, 3, 10) for name in names}
    # Batches of unequal weight, and of unequal size.
    weights = {name: random.integers(0, 2, 10).astype("float32") for name in names}
    examples = ({"x": x}, labels, weights)
    dataset = tf.data.Dataset.from_tensor_slices(examples).batch(4)
    evaluation = HeldOutEvaluation(CrossEntropy(model), dataset, 50, str(tmp_path))
    assert evaluation(3) is False

    for name in names:
        layer = model.get_layer(name)
        logits = x @ layer.kernel.numpy() + layer.bias.numpy()
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        losses = -logits[np.arange(10), labels[name]]
        is_right = logits.argmax(axis=1) == labels[name]
        for measure, values in (("loss", losses), ("accuracy", is_right)):
            found = evaluation.scores[f"{name.removesuffix('_logits')}_{measure}"]
            mean = np.average(values, weights=weights[name])
            assert found == pytest.approx(mean, rel=1e-5)
    mlm, nlm = (100 * evaluation.scores[f"{t}_accuracy"] for t in ("mlm", "nlm"))
    printed = f"held-out text after step 150: mlm {mlm:.1f} %  nlm {nlm:.1f} %\n"
    assert capsys.readouterr().out == printed
    (events,) = (tmp_path / "tensorboard").iterdir()
    shown = {
        (value.tag, event.step): float(tf.make_ndarray(value.tensor))
        for event in tf.compat.v1.train.summary_iterator(str(events))
        for value in event.summary.value
    }
    assert shown == pytest.approx(
        {(f"held_out/{name}", 150): v for name, v in evaluation.scores.items()}
    )
    # The weights may have changed since.
    model.get_layer("mlm_logits").bias.assign([50.0, 0.0, 0.0])
    evaluation(4)
    mlm_accuracy = np.average(labels["mlm_logits"] == 0, weights=weights["mlm_logits"])
    assert evaluation.scores["mlm_accuracy"] == pytest.approx(mlm_accuracy)
