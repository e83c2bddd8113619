"""Sums of counts give the scores that scikit-learn and seqeval give."""

import random

import numpy as np
import pytest

from charbert_tf.families import DATA_SETS
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.tagging.tag_scheme import to_iob2
from charbert_tf.families.tagging.tagged_sentence import (
    TaggedSentence,
    marked_words,
    tag_names,
)
from charbert_tf.families.tagging.tagging_head import tags_of_words
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.files.errors import UserError
from tests.seqeval_scores import span_scores, token_accuracy
from tests.sklearn_scores import classification_scores


def by_seqeval(examples, predictions, labels):
    true = [example.tags for example in examples]
    accuracy = {"accuracy": token_accuracy(true, predictions)}
    is_of_spans = "B-LOC" in labels
    return (span_scores(true, predictions) if is_of_spans else {}) | accuracy


def by_sklearn(examples, predictions, labels):
    true = [example.label for example in examples]
    return classification_scores(true, predictions, labels)


def assert_sums_give_the_scores(task, oracle, examples, predictions, labels):
    """Of all examples, and of the examples some of which are there several times."""
    counts = task.metric.counts(examples, predictions, labels)
    assert len(counts) == len(examples)
    draws = np.random.default_rng(0).integers(len(examples), size=(3, len(examples)))
    choices = [np.arange(len(examples)), *draws]
    sums = np.stack([counts[c].sum(axis=0) for c in choices])
    found = task.metric.reported_scores(sums)
    for row, choice in enumerate(choices):
        drawn = [
            [values[index] for index in choice] for values in (examples, predictions)
        ]
        expected = oracle(*drawn, labels)
        scores = task.scores(*drawn, labels)
        assert list(scores) == list(found)
        assert found.keys() == expected.keys()
        for name, values in found.items():
            assert values[row] == pytest.approx(expected[name], abs=1e-12), name
            assert scores[name] == pytest.approx(expected[name], abs=1e-12), name


def changed(tags, choose):
    """Tags as a model may predict them: some others, and spans that begin anywhere."""
    names = sorted({*tags, "O", "B-LOC", "I-LOC", "I-PER"})
    return [choose.choice(names) if choose.random() < 0.2 else tag for tag in tags]


def test_random_spans():
    choose = random.Random(0)
    names = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    examples = [
        TaggedSentence(tuple("w" * length), tuple(choose.choices(names, k=length)), 1)
        for length in range(1, 60)
    ]
    predictions = [changed(example.tags, choose) for example in examples]
    assert_sums_give_the_scores(TaggingTask(), by_seqeval, examples, predictions, names)


def test_conll2003(shared):
    choose = random.Random(0)
    task = TaggingTask()
    examples = task.read(shared / "data" / "conll2003" / "dev.txt")[:1500]
    predictions = [changed(example.tags, choose) for example in examples]
    labels = tag_names(examples, "dev.txt")
    assert_sums_give_the_scores(task, by_seqeval, examples, predictions, labels)


def test_parts_of_speech():
    choose = random.Random(0)
    examples = [
        TaggedSentence(tuple("ab"), tuple(choose.choices(["NN", ",", "VB"], k=2)), 1)
        for _ in range(50)
    ]
    predictions = [choose.choices(["NN", ",", "VB"], k=2) for _ in examples]
    labels = ["NN", ",", "VB"]
    task = TaggingTask()
    assert_sums_give_the_scores(task, by_seqeval, examples, predictions, labels)
    right = task.metric.are_right(task.metric.counts(examples, predictions, labels))
    assert right.tolist() == [
        list(example.tags) == tags
        for example, tags in zip(examples, predictions, strict=True)
    ]


@pytest.mark.parametrize("metric", ["accuracy", "matthews_correlation"])
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_classes(classes, metric):
    choose = random.Random(classes)
    labels = ["no", "yes", "so", "lala", "x"][:classes]
    examples = [LabelledText("", None, choose.choice(labels), 1) for _ in range(200)]
    predictions = [choose.choice([example.label, *labels[:2]]) for example in examples]
    task = ClassificationTask("text", "label", metric=metric)
    assert_sums_give_the_scores(task, by_sklearn, examples, predictions, labels)
    assert next(iter(task.scores(examples, predictions, labels))) == metric
    # One class is all there is.
    assert_sums_give_the_scores(task, by_sklearn, examples[:1] * 3, ["no"] * 3, labels)
    with pytest.raises(UserError, match="'never' is none of 'no', 'yes'"):
        task.metric.counts(examples[:1], ["never"], labels)


def test_sentences_that_are_right():
    """Where a predicted span opens with I- it is right, unlike the tag of its word."""
    choose = random.Random(0)
    names = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    examples = [
        TaggedSentence(("a", "b"), tuple(choose.choices(names, k=2)), 1)
        for _ in range(300)
    ]
    predictions = [choose.choices(names, k=2) for _ in examples]
    metric = TaggingTask().metric
    right = metric.are_right(metric.counts(examples, predictions, names))
    expected = [
        to_iob2(example.tags) == to_iob2(tags)
        for example, tags in zip(examples, predictions, strict=True)
    ]
    assert right.tolist() == expected
    assert 10 < sum(expected) < 100


def test_sst2(shared):
    choose = random.Random(0)
    task = DATA_SETS["sst2"].make()
    examples = task.read(shared / "data" / "glue" / "SST-2" / "dev.tsv")
    predictions = [choose.choice([example.label, "1"]) for example in examples]
    assert_sums_give_the_scores(task, by_sklearn, examples, predictions, ["0", "1"])


def test_words_that_an_exported_tagger_parts():
    words = ["I", "can't", "\u200b", "see", "U.S.", "é-b", "far"]
    pieces = ["I", "can", "'", "t", "see", "U", ".", "S", ".", "é", "-", "b", "far"]
    tags = ["A", "B", "x", "x", "C", "D", "x", "x", "x", "E", "x", "x", ""]
    padded = [*pieces, "", ""], [*tags, "", ""]
    assert tags_of_words(words, *padded) == ["A", "B", "O", "C", "D", "E", "O"]


def test_words_as_they_are_read():
    words, tags = ["A", "b", "C", "d", "e"], ["I-X", "I-X", "B-X", "O", "O"]
    assert marked_words(words, tags) == [("A b", "X"), ("C", "X"), ("d e", "")]
    assert marked_words(words[:2], ["NN", "NN"]) == [("A", "NN"), ("b", "NN")]
