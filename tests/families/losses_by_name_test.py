"""A loss that `compile` takes by name is one of what the head returns."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.families import keras_heads
from tests.families.keras_heads import TEXTS

SPARSE = keras.losses.SparseCategoricalCrossentropy
LABELS = ["good", "bad", "bad", "fine"]
HOT = np.eye(3, dtype="float32")[[2, 0, 0, 1]]
# A head, labels, what stands for a loss, and the loss.
BY_NAME = {
    "a name": ("TextClassifier", LABELS, "sparse_categorical_crossentropy", SPARSE),
    "a class": ("TextClassifier", LABELS, "SparseCategoricalCrossentropy", SPARSE),
    "a function": (
        *("TextClassifier", LABELS),
        *(keras.losses.sparse_categorical_crossentropy, SPARSE),
    ),
    "one-hot": (
        *("TextClassifier", HOT),
        *("categorical_crossentropy", keras.losses.CategoricalCrossentropy),
    ),
    "several": ("TextClassifier", HOT, "bce", keras.losses.BinaryCrossentropy),
    "tags": (
        *("TokenClassifier", keras_heads.TARGETS["TokenClassifier"]),
        *("sparse_categorical_crossentropy", SPARSE),
    ),
    "spans": (
        *("QuestionAnswerer", keras_heads.TARGETS["QuestionAnswerer"]),
        *("sparse_categorical_crossentropy", SPARSE),
    ),
    "masks": ("Pretrainer", None, "sparse_categorical_crossentropy", SPARSE),
}


def loss_of(model, y, loss):
    outputs = list(model.output) if isinstance(model.output, dict) else None
    if outputs:
        loss = dict.fromkeys(outputs, loss)
    metrics = {"metrics": ["accuracy"]} if y is HOT else {}
    model.compile(keras.optimizers.SGD(0.1), loss, **metrics)
    inputs = keras_heads.INPUTS[type(model).__name__]
    history = model.fit(inputs, y, epochs=2, shuffle=False, verbose=0)
    return history.history["loss"]


@pytest.mark.parametrize(
    "case",
    [
        c if c in ("a name", "several") else pytest.param(c, marks=pytest.mark.slow)
        for c in BY_NAME
    ],
)
def test_a_name_is_a_loss_of_logits(make_head, case):
    head, y, name, cls = BY_NAME[case]
    by_name, by_object = (
        keras_heads.without_dropout(make_head(f"{head} on BERT")) for _ in range(2)
    )
    expected = loss_of(by_object, y, cls(from_logits=True))
    assert loss_of(by_name, y, name) == pytest.approx(expected, rel=1e-5)
    # Clipped as probabilities are, most logits would have no gradient.
    assert expected[0] - expected[1] > 1e-3
    assert getattr(by_name, "problem_type", None) == getattr(
        by_object, "problem_type", None
    )


def test_labels_are_checked_whatever_the_loss_was_given_as(make_head):
    model = make_head("TextClassifier on BERT")
    model.compile(loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="has 3, and the head's 3 classes are 0 to 2"):
        model.fit(TEXTS, [0, 1, 2, 3])


def test_probabilities_by_name(make_head):
    model = make_head("TextClassifier on BERT", activation="softmax")
    model.compile(loss="sparse_categorical_crossentropy")
    probabilities = model.predict(TEXTS, verbose=0)
    expected = -np.log(probabilities[range(4), [2, 0, 0, 1]]).mean()
    loss = model.evaluate(TEXTS, LABELS, verbose=0)
    assert np.ravel(loss)[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("head", "arguments", "loss", "message"),
    [
        ("TextClassifier", {}, SPARSE(), "returns logits, .* from_logits=True"),
        (
            *("TextClassifier", {"activation": "softmax"}, SPARSE(from_logits=True)),
            "returns probabilities, .* takes logits: make it with from_logits=False",
        ),
        ("TokenClassifier", {}, SPARSE(), "SparseCategoricalCrossentropy takes prob"),
        ("QuestionAnswerer", {}, {"start_logits": SPARSE()}, "head returns logits"),
        ("TextClassifier", {}, "crossentropy", "'crossentropy' may be any"),
        ("TextClassifier", {}, "cross", "Could not interpret loss identifier: cross"),
    ],
)
def test_a_loss_of_what_the_head_does_not_return(
    make_head, head, arguments, loss, message
):
    model = make_head(f"{head} on BERT", **arguments)
    with pytest.raises(ValueError, match=message):
        model.compile(loss=loss)


def test_a_file_with_such_a_loss_is_read(make_head):
    model = make_head("TextClassifier on BERT")
    config = {**model.get_compile_config(), "loss": keras.losses.serialize(SPARSE())}
    with pytest.warns(UserWarning, match="not compiled as it was: The head returns"):
        model.compile_from_config(config)
    model.fit(TEXTS, LABELS, verbose=0)


def test_numbers_of_several_labels(make_head):
    model = make_head("TextClassifier on BERT", problem_type="multi_label")

    def loss(y):
        return model.evaluate(TEXTS, y, verbose=0)

    hot = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0], [1, 1, 0]])
    expected = loss(hot)
    as_numbers = [[0, 2], [1, 2], [0, 1], [1, 0]]
    assert loss(as_numbers) == expected
    assert loss(np.array(as_numbers)) == expected
    assert loss(hot.astype(bool)) == expected
    data = tf.data.Dataset.from_tensor_slices((TEXTS, as_numbers)).batch(4)
    assert model.evaluate(data, verbose=0) == expected
    assert loss([0, 2, 1, 1]) == loss(np.eye(3)[[0, 2, 1, 1]])
    # As many as classes, and so no ones and zeros.
    every = [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]]
    assert loss(tf.ragged.constant(every)) == loss(np.ones((4, 3)))
    for wrong, message in (
        (every, "has 2 where 1 or 0 is wanted for each of the head's 3 classes"),
        (-hot, "has -1 where 1 or 0"),
        ([[0, 7], [1], [], []], "has 7, and the head's 3 classes are 0 to 2"),
        ([[0, 7], [1, 2], [0, 1], [0, 2]], "has 7, and the head's 3 classes are"),
        ([[0.5], [1], [], []], "has numbers such as 0.5"),
        (np.eye(4)[:, :2], r"is of shape \(4, 2\), and the head has 3 classes"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(TEXTS, wrong)
    wrong = tf.ragged.constant([[0, 7], [1], [], []])
    data = tf.data.Dataset.from_tensors((TEXTS, wrong))
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="has a number that is none of"
    ):
        model.fit(data, verbose=0)
