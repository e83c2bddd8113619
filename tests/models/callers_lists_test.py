"""What a caller changes in lists, after they were given or got, changes nothing."""

import copy

import pytest

import charbert_tf
from charbert_tf.attacks import Drop
from charbert_tf.families import NamedTask
from charbert_tf.robustness import EvaluatedModel
from tests.families.keras_heads import LABELS, make_head


def spoil(value):
    """Changes all lists in a value."""
    if isinstance(value, dict):
        for part in value.values():
            spoil(part)
    elif isinstance(value, list):
        for part in value:
            spoil(part)
        value.append("changed")


def made_of_lists(cls, lists, **arguments):
    """What is made of lists that then change, and its configuration before."""
    lists = copy.deepcopy(lists)
    made = cls(**lists, **arguments)
    before = copy.deepcopy(made.get_config())
    spoil(lists)
    return made, before


@pytest.mark.parametrize("head", ["TextClassifier", "TokenClassifier"])
def test_labels(tokenizer, characters, words, head):
    template = make_head(f"{head} on BERT", tokenizer, characters, words)
    model, before = made_of_lists(
        type(template), {"labels": LABELS}, backbone=template.backbone, num_classes=3
    )
    assert model.labels == LABELS
    spoil(model.get_config())
    assert model.labels == LABELS and model.get_config() == before


@pytest.mark.parametrize(
    "cls",
    [
        charbert_tf.TextClassifierPreprocessor,
        charbert_tf.TokenClassifierPreprocessor,
        charbert_tf.QuestionAnswererPreprocessor,
        charbert_tf.SentenceEmbedderPreprocessor,
        charbert_tf.PretrainerPreprocessor,
    ],
)
def test_preprocessors(tokenizer, characters, words, cls):
    lists = {"characters": characters}
    if cls is charbert_tf.PretrainerPreprocessor:
        lists |= {"words": words, "abbreviations": ["Mr."], "noise_characters": [*"ab"]}
    preprocessor, before = made_of_lists(cls, lists, tokenizer=tokenizer)
    spoil(preprocessor.get_config())
    if cls is charbert_tf.PretrainerPreprocessor:
        spoil(preprocessor.noise_options())
    assert preprocessor.get_config() == before
    assert {name: before[name] for name in lists} == lists


def test_others():
    noise, before = made_of_lists(
        charbert_tf.TrainingNoise, {"attacks": ["mix"], "rate": [0.1, 0.2]}
    )
    spoil(noise.get_config())
    assert noise.get_config() == before
    recognizer, before = made_of_lists(
        charbert_tf.WordRecognizer,
        {"words": ["film", "<unk>"], "characters": ["a", "<unk>"]},
    )
    spoil(recognizer.get_config())
    assert recognizer.get_config() == before
    protected, labels, arguments = ["Rome"], ["bad", "good"], {"label_column": "label"}
    attack = Drop(protected_words=protected)
    model = EvaluatedModel("always good", lambda examples: examples, labels)
    task = NamedTask("charbert_tf.families:ClassificationTask", arguments)
    spoil([protected, labels])
    arguments["label_column"] = "other"
    assert list(attack.protected_words) == ["Rome"]
    assert list(model.labels) == ["bad", "good"]
    assert task.arguments == {"label_column": "label"}
