"""A classifier of pairs is not scored on single texts, nor the reverse."""

import pytest

import charbert_tf
from charbert_tf.families import DATA_SETS
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.files.errors import UserError
from charbert_tf.robustness.evaluated_model import EvaluatedModel

SINGLE = ClassificationTask("a", "label")
PAIRS = ClassificationTask("a", "label", "b")
OF_PAIRS = "classifies pairs of texts, and this task reads single ones: name the second"
OF_SINGLE = r"classifies single texts \(its takes_pairs is false\), and this task reads"


@pytest.fixture(scope="module")
def presets(make_encoder, tokenizer, tmp_path_factory):
    """The folders of classifiers by what they say of pairs."""
    folder = tmp_path_factory.mktemp("presets")
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer)
    for takes_pairs in (True, False, None):
        classifier = charbert_tf.TextClassifier(
            make_encoder(), 2, preprocessor, labels=["0", "1"], takes_pairs=takes_pairs
        )
        classifier.save_to_preset(str(folder / str(takes_pairs)))
    return folder


def load(folder, task):
    pair = "good" if task is PAIRS else None
    examples = [LabelledText("fine", pair, "1", 2)]
    return EvaluatedModel.from_folder("m", str(folder), task, examples, "test.tsv")


@pytest.mark.parametrize(
    ("takes_pairs", "task", "message"),
    [
        (True, SINGLE, f"True: {OF_PAIRS} text's column with --text_pair_column, or"),
        (
            True,
            DATA_SETS["cola"].make(),
            f"True: {OF_PAIRS}.* the --task that it was",
        ),
        (False, PAIRS, f"False: {OF_SINGLE} pairs: leave out --text_pair_column, or"),
        (False, DATA_SETS["mrpc"].make(), f"False: {OF_SINGLE}.* name the --task"),
    ],
)
def test_texts_of_the_other_kind_are_refused(presets, takes_pairs, task, message):
    with pytest.raises(UserError, match=message):
        load(presets / str(takes_pairs), task)


@pytest.mark.parametrize("task", [SINGLE, PAIRS])
def test_a_model_that_does_not_know_is_scored_on_both(presets, task, tmp_path):
    """What `fit` trained is usable, and is told afterwards what it takes."""
    assert load(presets / "None", task).labels == ["0", "1"]
    told = charbert_tf.TextClassifier.from_preset(
        str(presets / "None"), takes_pairs=task is SINGLE
    )
    told.save_to_preset(str(tmp_path / "told"))
    with pytest.raises(UserError, match="told: classifies "):
        load(tmp_path / "told", task)


@pytest.mark.parametrize(("takes_pairs", "task"), [(True, PAIRS), (False, SINGLE)])
def test_texts_of_its_kind_are_predicted(presets, takes_pairs, task):
    model = load(presets / str(takes_pairs), task)
    pair = "good" if takes_pairs else None
    (label,) = model.predict([LabelledText("fine", pair, "1", 2)])
    assert label in model.labels
