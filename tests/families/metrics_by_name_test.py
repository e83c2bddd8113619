"""A metric of probabilities sees probabilities, however `compile` is given it."""

import keras
import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from tests.families import keras_heads
from tests.families.keras_heads import TEXTS

HOT = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0], [0, 0, 0]], "float32")
ONE_HOT = np.eye(3, dtype="float32")[[2, 0, 0, 1]]


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def softmax(logits):
    exponents = np.exp(logits - logits.max(-1, keepdims=True))
    return exponents / exponents.sum(-1, keepdims=True)


def measured(model, y, metrics, loss="auto", **arguments):
    """What `evaluate` says, and the logits."""
    model.compile(loss=loss, metrics=metrics, **arguments)
    inputs = keras_heads.INPUTS[type(model).__name__]
    scores = model.evaluate(inputs, y, verbose=0, return_dict=True)
    return scores, model.predict(inputs, verbose=0)


def make_classifier(make_head, **arguments):
    """One whose logits differ; of each class one is between 0 and 0.5."""
    linear = make_head("TextClassifier on BERT")
    logits = linear.predict(TEXTS, verbose=0)
    scale = 1 / logits.std(axis=0)
    shift = 0.25 - np.sort(logits * scale, axis=0)[1]
    kernel, bias = linear.output_dense.get_weights()
    linear.output_dense.set_weights([kernel * scale, bias * scale + shift])
    model = make_head("TextClassifier on BERT", **arguments)
    model.set_weights(linear.get_weights())
    return model


def several(make_head, **arguments):
    return make_classifier(make_head, problem_type="multi_label", **arguments)


def test_metrics_of_several_labels(make_head):
    model = several(make_head)
    names = ["accuracy", "acc", "binary_accuracy", "auc", "Precision", "recall", "bce"]
    others = [
        keras.metrics.BinaryAccuracy("object"),
        keras.metrics.BinaryAccuracy("told", threshold=0.0),
        keras.metrics.Precision(thresholds=0.0, name="precision_told"),
        keras.metrics.AUC(from_logits=True, name="auc_told"),
        keras.metrics.FalsePositives,
        keras.metrics.binary_accuracy,
        keras.metrics.binary_crossentropy,
        keras.metrics.F1Score(average="micro", threshold=0.5),
    ]
    scores, logits = measured(model, HOT, [*names, *others])
    said = logits > 0
    assert (said != (logits > 0.5)).any()
    accuracy = (said == HOT).mean()
    of_accuracy = ("accuracy", "acc", "binary_accuracy", "object", "told")
    assert [scores[name] for name in of_accuracy] == pytest.approx([accuracy] * 5)
    precision = sklearn_metrics.precision_score(HOT, said, average="micro")
    recall = sklearn_metrics.recall_score(HOT, said, average="micro")
    assert scores["Precision"] == pytest.approx(precision)
    assert scores["precision_told"] == pytest.approx(precision)
    assert scores["recall"] == pytest.approx(recall)
    assert scores["f1_score"] == pytest.approx(
        2 * precision * recall / (precision + recall)
    )
    assert scores["false_positives"] == (said & (HOT == 0)).sum()
    area = sklearn_metrics.roc_auc_score(HOT.ravel(), logits.ravel())
    assert scores["auc"] == pytest.approx(area, abs=0.02)
    assert scores["auc_told"] == pytest.approx(scores["auc"])
    losses = np.log1p(np.exp(logits)) - HOT * logits
    for name in ("loss", "bce", "binary_crossentropy"):
        assert scores[name] == pytest.approx(losses.mean(), rel=1e-5)


def test_weighted_metrics_and_those_of_a_loss_that_tells_of_several_labels(make_head):
    model = make_classifier(make_head)
    scores, logits = measured(
        model, HOT, ["accuracy"], "bce", weighted_metrics=["precision"]
    )
    assert scores["accuracy"] == pytest.approx(((logits > 0) == HOT).mean())
    assert scores["precision"] == pytest.approx(
        sklearn_metrics.precision_score(HOT, logits > 0, average="micro")
    )


def test_metrics_of_probabilities_stay_what_they_are(make_head):
    model = several(make_head, activation="sigmoid")
    scores, probabilities = measured(model, HOT, ["accuracy", "precision", "bce"])
    said = probabilities > 0.5
    assert scores["accuracy"] == pytest.approx((said == HOT).mean())
    assert scores["precision"] == pytest.approx(
        sklearn_metrics.precision_score(HOT, said, average="micro")
    )
    assert scores["bce"] == pytest.approx(scores["loss"], rel=1e-4)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "mse"])
def test_one_hot_labels(make_head, loss):
    names = ["categorical_crossentropy", "precision", "auc", "kl_divergence"]
    model = make_classifier(make_head)
    automatic, logits = measured(model, ONE_HOT, "auto", loss)
    right = logits.argmax(-1) == ONE_HOT.argmax(-1)
    assert automatic["accuracy"] == right.mean()
    scores, _ = measured(model, ONE_HOT, names, loss)
    probabilities = softmax(logits)
    losses = -np.log(probabilities[ONE_HOT == 1])
    for name in ("categorical_crossentropy", "kl_divergence"):
        assert scores[name] == pytest.approx(losses.mean(), rel=1e-4)
    said = probabilities > 0.5
    precision = sklearn_metrics.precision_score(ONE_HOT, said, average="micro")
    assert scores["precision"] == pytest.approx(precision)
    area = sklearn_metrics.roc_auc_score(ONE_HOT.ravel(), probabilities.ravel())
    assert scores["auc"] == pytest.approx(area, abs=0.02)


@pytest.mark.parametrize(
    "head",
    [
        "TextClassifier",
        *(
            pytest.param(head, marks=pytest.mark.slow)
            for head in ("TokenClassifier", "QuestionAnswerer", "Pretrainer")
        ),
    ],
)
def test_a_cross_entropy_by_name_is_the_loss(make_head, head):
    model = make_head(f"{head} on BERT")
    outputs = list(model.output) if isinstance(model.output, dict) else [""]
    metrics = ["sparse_categorical_crossentropy"]
    by_output = dict.fromkeys(outputs, metrics) if outputs != [""] else metrics
    model.compile(weighted_metrics=by_output, loss_weights=None)
    targets = keras_heads.TARGETS[head]
    scores = model.evaluate(
        keras_heads.INPUTS[head], targets, verbose=0, return_dict=True
    )
    entropies = [v for name, v in scores.items() if name.endswith("_crossentropy")]
    assert len(entropies) == len(outputs)
    assert scores["loss"] == pytest.approx(sum(entropies), rel=1e-4)


def test_metrics_of_what_the_head_does_not_return(make_head):
    model = make_head("TextClassifier on BERT")
    of_probabilities = keras.metrics.SparseCategoricalCrossentropy()
    with pytest.raises(ValueError, match=r"returns logits.*make it with from_logits=T"):
        model.compile(metrics=[of_probabilities])
    told = keras.metrics.SparseCategoricalCrossentropy(from_logits=True)
    labels = keras_heads.TARGETS["TextClassifier"]
    scores, _ = measured(model, labels, [told])
    assert scores["sparse_categorical_crossentropy"] == pytest.approx(scores["loss"])
    with pytest.raises(ValueError, match="Could not interpret metric identifier: acur"):
        model.compile(metrics=["acuracy"])


def test_a_file_keeps_them(make_head, tmp_path):
    model = several(make_head)
    scores, _ = measured(model, HOT, ["accuracy", "auc", keras.metrics.Precision()])
    model.save(tmp_path / "model.keras")
    saved = keras.saving.load_model(tmp_path / "model.keras")
    assert saved.evaluate(TEXTS, HOT, verbose=0, return_dict=True) == scores


def test_metrics_of_embeddings(make_head):
    model = make_head("SentenceEmbedder on BERT")
    for arguments in ({"metrics": ["mse"]}, {"weighted_metrics": ["mse"]}):
        with pytest.raises(ValueError, match=r"'mse' compares .* give a function of"):
            model.compile(**arguments)

    def error(y, embeddings):
        cosines = keras.ops.sum(embeddings[:, 0] * embeddings[:, 1], axis=-1)
        return keras.ops.square(keras.ops.cast(y, cosines.dtype) - cosines)

    scores, _ = measured(model, np.array([1.0, 0.5, 0.5, 0.0]), [error])
    assert scores["error"] == pytest.approx(scores["loss"], rel=1e-5)
