"""`fit`'s validation, single batches and steps per execution, of each head."""

import keras
import numpy as np
import pytest

from tests.families import keras_heads
from tests.families.keras_heads import HEADS, NAMES, TEXTS, assert_same, without_dropout
from tests.families.lists_and_labels_test import OF_ANY_WIDTH

LABELS = keras_heads.TARGETS["TextClassifier"]
# Their labels, or weights too, are dicts.
QUICK = ("QuestionAnswerer on BERT",)


class Batches(keras.callbacks.Callback):
    """Counts what is trained on and what is validated on."""

    def __init__(self):
        super().__init__()
        self.trained = self.validated = 0

    def on_train_batch_end(self, batch, logs=None):
        self.trained += 1

    def on_test_batch_end(self, batch, logs=None):
        self.validated += 1


def test_validation(make_head):
    model, data = make_head("TextClassifier on BERT"), (TEXTS, LABELS)
    for arguments, expected in (
        # As in Keras the data win over the split.
        ({"validation_data": data, "validation_split": 0.5}, (4, 4)),
        ({"validation_split": 0.5}, (2, 2)),
        ({"validation_split": 0.5, "validation_batch_size": 2}, (2, 1)),
        ({"validation_data": data, "validation_batch_size": 3}, (4, 2)),
        ({"validation_batch_size": 3}, (4, 0)),
    ):
        counted = Batches()
        model.fit(*data, batch_size=1, callbacks=[counted], verbose=0, **arguments)
        assert (counted.trained, counted.validated) == expected, arguments


@pytest.mark.parametrize(
    ("rows", "split", "message"),
    [
        (1, 0.5, "validation_split=0.5 of 1 rows leaves 0 to train on"),
        (4, 0.9, "validation_split=0.9 of 4 rows leaves 0 to train on"),
        (4, 1.5, "validation_split=1.5 of 4 rows leaves 0 to train on"),
        (4, -0.5, "validation_split=-0.5 of 4 rows leaves 6 to train on"),
    ],
)
def test_a_split_that_leaves_nothing(heads, rows, split, message):
    with pytest.raises(ValueError, match=message):
        heads("TextClassifier on BERT").fit(
            TEXTS[:rows], LABELS[:rows], validation_split=split
        )


@pytest.mark.parametrize(
    "name",
    [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NAMES],
)
def test_single_batches(make_head, name):
    head = name.split()[0]
    x, y = keras_heads.INPUTS[head], keras_heads.TARGETS[head]
    weight = None if head == "Pretrainer" else [1.0, 0.5, 2.0, 0.0]
    model = without_dropout(make_head(name))
    model.compile(keras.optimizers.SGD(0.1))
    expected = model.evaluate(x, y, sample_weight=weight, return_dict=True, verbose=0)
    actual = model.test_on_batch(x, y, weight, return_dict=True)
    assert actual == pytest.approx(expected, rel=1e-5)
    before = model.get_weights()
    actual = model.train_on_batch(x, y, weight, return_dict=True)
    assert actual["loss"] == pytest.approx(expected["loss"], rel=1e-5)
    trained = model.get_weights()
    model.set_weights(before)
    model.fit(x, y, sample_weight=weight, shuffle=False, verbose=0)
    for one, other in zip(trained, model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert any(np.any(a != b) for a, b in zip(before, trained, strict=True))
    outputs = model.predict_on_batch(x)
    outputs = outputs if isinstance(outputs, dict) else {"outputs": outputs}
    assert_same(outputs, keras_heads.predictions(model))


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.slow
def test_several_steps_per_execution(make_head, head):
    """Batches are of any width, also of one execution."""
    model = without_dropout(make_head(f"{head} on BERT"))
    inputs = OF_ANY_WIDTH.get(head, keras_heads.INPUTS[head])

    def predict():
        outputs = model.predict(inputs, batch_size=1, verbose=0)
        return outputs if isinstance(outputs, dict) else {"outputs": outputs}

    expected = predict()
    model.compile(steps_per_execution=3)
    assert_same(predict(), expected)
    model.compile(steps_per_execution=3, run_eagerly=True)
    assert_same(predict(), expected)
    x, y = keras_heads.INPUTS[head], keras_heads.TARGETS[head]
    losses = []
    for steps in (1, 3):
        model.compile(keras.optimizers.SGD(0.0), steps_per_execution=steps)
        history = model.fit(x, y, batch_size=1, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
        scores = model.evaluate(x, y, batch_size=1, return_dict=True, verbose=0)
        losses.append(scores["loss"])
    assert losses == pytest.approx(losses[:1] * 4, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["BERT", "CharBERT"])
def test_xla_compiles_the_steps(make_head, encoder):
    name = f"TokenClassifier on {encoder}"
    x, y = keras_heads.INPUTS["TokenClassifier"], keras_heads.TARGETS["TokenClassifier"]
    results = []
    for jit_compile in (False, True):
        model = without_dropout(make_head(name))
        model.preprocessor.static_shapes = True
        model.compile(keras.optimizers.SGD(0.1), jit_compile=jit_compile)
        history = model.fit(x, y, epochs=3, batch_size=2, shuffle=False, verbose=0)
        results.append(
            [
                *history.history["loss"],
                *model.evaluate(x, y, batch_size=2, verbose=0),
                *np.ravel(model.predict(x, batch_size=2, verbose=0)),
            ]
        )
    np.testing.assert_allclose(results[1], results[0], rtol=1e-3, atol=1e-4)
