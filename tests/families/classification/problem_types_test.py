"""One label, several or a score: what is trained is what is predicted and served."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics

import charbert_tf
import charbert_tf.families
from charbert_tf.export.served_model import ServedModel
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.classification.multi_label_task import MultiLabelTask
from charbert_tf.families.classification.regression_task import RegressionTask
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.losses import ModelLoss
from charbert_tf.training.objective import CrossEntropy

TEXTS = ["The fine film.", "dull", "It was not a dull film " * 20, ""]
NAMES = ["x", "y", "z"]
SEVERAL = [("x", "z"), (), ("y",), ("x", "y", "z")]
SCORES = [0.5, 3.0, 4.75, -1.0]


@pytest.fixture(scope="module")
def make(make_encoder, tokenizer):
    def make(num_classes, **arguments):
        keras.utils.set_random_seed(0)
        encoder = make_encoder(
            vocabulary_size=tokenizer.vocabulary_size(), max_sequence_length=64
        )
        model = charbert_tf.TextClassifier(
            encoder,
            num_classes,
            charbert_tf.TextClassifierPreprocessor(tokenizer, sequence_length=24),
            **arguments,
        )
        rng = np.random.default_rng(0)
        for weight in model.weights:
            weight.assign(weight + rng.normal(size=weight.shape, scale=0.3))
        return model

    return make


def served(model, folder):
    """What the exported model of a preset says."""
    model.save_to_preset(str(folder / "preset"))
    saved = charbert_tf.TextClassifier.from_preset(str(folder / "preset"))
    assert (saved.problem_type, saved.labels) == (model.problem_type, model.labels)
    ServingModule.of(saved).export(str(folder / "1"))
    exported = ServedModel(str(folder / "1"))
    outputs = exported(text=TEXTS)
    return outputs, exported.signature.answers(outputs)


def logits_of(model):
    return np.concatenate([model.predict([text], verbose=0) for text in TEXTS])


def test_several_labels_by_the_loss(make, tmp_path):
    """As somebody fits them who has read of no problem type."""
    model = make(3, labels=NAMES)
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    targets = np.array([[name in names for name in NAMES] for names in SEVERAL], "f")
    model.fit(tf.constant(TEXTS), targets, verbose=0)
    logits = logits_of(model)
    sigmoids = 1 / (1 + np.exp(-logits))
    # As a softmax they would be others.
    assert np.abs(sigmoids.sum(axis=1) - 1).max() > 0.1
    outputs, answers = served(model, tmp_path)
    assert outputs.keys() == {"predicted_labels", "labels", "probabilities", "is_cut"}
    np.testing.assert_allclose(outputs["probabilities"], sigmoids, atol=1e-4)
    expected = [
        tuple(name for name, logit in zip(NAMES, row, strict=True) if logit > 0)
        for row in logits
    ]
    assert len(set(expected)) > 1
    assert [answer.predicted_labels for answer in answers] == expected
    assert [of.predicted_labels for of in model.classify(TEXTS)] == expected
    task = MultiLabelTask("text", "label")
    examples = [
        LabelledText(text, None, names, 1)
        for text, names in zip(TEXTS, SEVERAL, strict=True)
    ]
    assert task.predict(model, examples) == expected
    exact = (logits > 0) == targets
    scores = task.scores(examples, expected, NAMES)
    assert scores["exact_match"] == pytest.approx(exact.all(axis=1).mean())
    # What training minimises, and what an adversary raises.
    losses = np.log1p(np.exp(logits)) - targets * logits
    ids = task.head.label_ids(examples, NAMES)
    np.testing.assert_array_equal(ids, targets)
    batch = (model.preprocessor(TEXTS), ids, tf.ones_like(ids))
    (term,) = CrossEntropy(model)(batch, training=False).values()
    assert float(term.loss / term.weight) == pytest.approx(losses.mean(), abs=1e-4)
    assert float(term.correct / term.weight) == pytest.approx(exact.mean())
    np.testing.assert_allclose(
        ModelLoss(task, model)(examples), losses.mean(axis=1), atol=1e-4
    )


@pytest.mark.slow
def test_a_score_by_the_only_class(make, tmp_path):
    model = make(1)
    assert (model.problem_type, model.labels) == ("regression", [])
    model.compile(loss="mse")
    model.fit(tf.constant(TEXTS), np.array(SCORES, "f"), verbose=0)
    logits = logits_of(model)[:, 0]
    assert np.ptp(logits) > 0.01
    outputs, answers = served(model, tmp_path)
    assert outputs.keys() == {"score", "is_cut"}
    np.testing.assert_allclose(outputs["score"], logits, atol=1e-4)
    assert [answer.score for answer in answers] == outputs["score"]
    task = RegressionTask("text", "label")
    examples = [
        LabelledText(text, None, score, 1)
        for text, score in zip(TEXTS, SCORES, strict=True)
    ]
    predictions = task.predict(model, examples)
    np.testing.assert_allclose(predictions, logits, atol=1e-4)
    assert task.scores(examples, predictions, [])["pearson"] == pytest.approx(
        np.corrcoef(SCORES, logits)[0, 1], abs=1e-4
    )
    ids = task.head.label_ids(examples, [])
    batch = (model.preprocessor(TEXTS), ids, tf.ones_like(ids))
    (term,) = CrossEntropy(model)(batch, training=False).values()
    losses = np.square(logits - SCORES)
    assert float(term.loss / term.weight) == pytest.approx(losses.mean(), rel=1e-3)
    np.testing.assert_allclose(ModelLoss(task, model)(examples), losses, rtol=1e-3)
    # What keras itself makes of the default loss.
    model.compile()
    loss = model.evaluate(tf.constant(TEXTS), np.array(SCORES), verbose=0)[0]
    assert loss == pytest.approx(losses.mean(), rel=1e-3)


def test_one_label_stays_what_it_was(make):
    model = make(3, labels=NAMES)
    model.compile()
    assert model.get_config()["problem_type"] == "single_label"
    assert isinstance(model.loss, keras.losses.SparseCategoricalCrossentropy)
    answers = model.classify(TEXTS)
    assert sum(answers[0].probabilities) == pytest.approx(1)
    assert answers[0].label == NAMES[logits_of(model)[0].argmax()]
    # A preset of before has no problem type.
    config = model.get_config()
    del config["problem_type"]
    old = charbert_tf.TextClassifier.from_config(config)
    assert (old.problem_type, old.labels) == ("single_label", NAMES)


def test_what_contradicts_itself_is_refused(make):
    for arguments, message in (
        ({"num_classes": 3, "labels": ["x"]}, "3 classes and 1 labels"),
        ({"num_classes": 2, "problem_type": "regression"}, "one score, num_classes=1"),
        (
            {"num_classes": 1, "labels": ["x"], "problem_type": "regression"},
            "one score",
        ),
        ({"num_classes": 2, "problem_type": "ranking"}, "one of single_label, multi_"),
    ):
        with pytest.raises(ValueError, match=message):
            make(**arguments)
    model = make(3, problem_type="single_label")
    with pytest.raises(ValueError, match='with problem_type="multi_label"'):
        model.compile(loss="binary_crossentropy")
    model = make(3, problem_type="multi_label")
    model.compile(loss="binary_crossentropy")


def test_a_task_takes_models_of_its_problem_type(make, tmp_path):
    make(1).save_to_preset(str(tmp_path / "score"))
    task = MultiLabelTask("text", "label")
    with pytest.raises(UserError, match="is of the problem type regression, and this"):
        task.load_model(str(tmp_path / "score"))


def test_numbers_that_are_no_classes_find_their_task(tmp_path):
    """The remedy that the error names is taken."""
    path = tmp_path / "train.tsv"
    rows = "".join(f"text {n}\t{n / 7:.3f}\n" for n in range(30))
    path.write_text(f"sentence\tlabel\n{rows}")
    task = charbert_tf.families.ClassificationTask("sentence", "label")
    with pytest.raises(UserError, match="take --task=regression, which learns"):
        task.labels(task.read(path), path)
    task = charbert_tf.families.find_task("regression").make(
        text_column="sentence", label_column="label"
    )
    assert task.labels(task.read(path), path) == []
    assert task.read(path)[7].label == 1.0


def test_cells_of_labels(tmp_path):
    path = tmp_path / "train.tsv"
    path.write_text("text\tlabel\nso\tjoy, fear,joy\nnone\t\nor\tfear\n")
    task = MultiLabelTask("text", "label")
    examples = task.read(path)
    assert [e.label for e in examples] == [("joy", "fear"), (), ("fear",)]
    assert task.are_labelled(examples)
    assert task.labels(examples, path) == ["fear", "joy"]
    with pytest.raises(UserError, match=r":2: the label 'joy' is not in the training"):
        task.check(examples, ["fear"], path)
    path.write_text("text\tlabel\na\t1.5\nb\tmuch\n")
    with pytest.raises(UserError, match=r":3: the label 'much' is no number"):
        RegressionTask("text", "label").read(path)


def test_the_scores_of_several_labels():
    rng = np.random.default_rng(0)
    true, predicted = (rng.random((2, 200, 3)) < 0.4).astype(int)
    as_names = [
        [tuple(np.array(NAMES)[row.astype(bool)]) for row in of]
        for of in (true, predicted)
    ]
    examples = [LabelledText("", None, names, 1) for names in as_names[0]]
    scores = MultiLabelTask("text", "label").scores(examples, as_names[1], NAMES)
    assert scores == pytest.approx(
        {
            "micro_f1": metrics.f1_score(true, predicted, average="micro"),
            "macro_f1": metrics.f1_score(true, predicted, average="macro"),
            "exact_match": metrics.accuracy_score(true, predicted),
        }
    )
    with pytest.raises(UserError, match="'w' are none of 'x', 'y', 'z'"):
        MultiLabelTask("text", "label").scores(examples[:1], [("w",)], NAMES)
