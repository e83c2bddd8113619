"""Sums of score_counts give the scores that scikit-learn, seqeval and SQuAD give."""

import random

import numpy as np
import pytest

from charbert_tf.families.classification.classification import LabelledText
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.named_tasks import NAMED_TASKS
from charbert_tf.families.question_answering.predicted_answer import PredictedAnswer
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.families.tagging.marked_words import marked_words
from charbert_tf.families.tagging.served_tags import tags_of_words
from charbert_tf.families.tagging.tagging import TaggedSentence, tag_names
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.files.errors import UserError


def assert_sums_give_the_scores(task, examples, predictions, labels):
    """Of all examples, and of the examples some of which are there several times."""
    counts = task.score_counts(examples, predictions, labels)
    assert len(counts) == len(examples)
    draws = np.random.default_rng(0).integers(len(examples), size=(3, len(examples)))
    choices = [np.arange(len(examples)), *draws]
    found = task.scores_of_counts(np.stack([counts[c].sum(axis=0) for c in choices]))
    for row, choice in enumerate(choices):
        expected = task.scores(
            [examples[index] for index in choice],
            [predictions[index] for index in choice],
            labels,
        )
        assert next(iter(found)) == next(iter(expected))
        assert found.keys() == {n for n in expected if not n.startswith("best_")}
        for name, values in found.items():
            assert values[row] == pytest.approx(expected[name], abs=1e-12), name


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
    assert_sums_give_the_scores(TaggingTask(), examples, predictions, names)


def test_conll2003(shared):
    choose = random.Random(0)
    task = TaggingTask()
    examples = task.read(shared / "data" / "conll2003" / "dev.txt")[:1500]
    predictions = [changed(example.tags, choose) for example in examples]
    labels = tag_names(examples, "dev.txt")
    assert_sums_give_the_scores(task, examples, predictions, labels)


def test_parts_of_speech():
    choose = random.Random(0)
    examples = [
        TaggedSentence(tuple("ab"), tuple(choose.choices(["NN", ",", "VB"], k=2)), 1)
        for _ in range(50)
    ]
    predictions = [choose.choices(["NN", ",", "VB"], k=2) for _ in examples]
    labels = ["NN", ",", "VB"]
    assert_sums_give_the_scores(TaggingTask(), examples, predictions, labels)
    counts = TaggingTask().score_counts(examples, predictions, labels)
    right = [
        TaggingTask().is_right(*of) for of in zip(examples, predictions, strict=True)
    ]
    assert right == [row[0] == 2 for row in counts]


@pytest.mark.parametrize("metric", ["accuracy", "matthews_correlation"])
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_classes(classes, metric):
    choose = random.Random(classes)
    labels = ["no", "yes", "so", "lala", "x"][:classes]
    examples = [LabelledText("", None, choose.choice(labels), 1) for _ in range(200)]
    predictions = [choose.choice([example.label, *labels[:2]]) for example in examples]
    task = ClassificationTask("text", "label", metric=metric)
    assert_sums_give_the_scores(task, examples, predictions, labels)
    # One class is all there is.
    assert_sums_give_the_scores(task, examples[:1] * 3, ["no"] * 3, labels)
    with pytest.raises(UserError, match="'never' is none of 'no', 'yes'"):
        task.score_counts(examples[:1], ["never"], labels)


@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_answers(version):
    choose = random.Random(0)
    texts = ["The film", "film", "a", "U.S. army", "", "in Rome"]
    examples = [
        Question(
            str(number),
            "?",
            "",
            tuple(
                Answer(choose.choice(texts), 0)
                for _ in range(choose.randint(version == "1.1", 2))
            ),
        )
        for number in range(300)
    ]
    predictions = [PredictedAnswer(choose.choice(texts), (), 0.0) for _ in examples]
    task = QuestionAnsweringTask(version)
    assert_sums_give_the_scores(task, examples, predictions, [])
    right = [task.is_right(*of) for of in zip(examples, predictions, strict=True)]
    assert np.mean(right) == pytest.approx(
        task.scores(examples, predictions, [])["exact"]
    )


def test_sst2(shared):
    choose = random.Random(0)
    task = NAMED_TASKS["sst2"].make()
    examples = task.read(shared / "data" / "glue" / "SST-2" / "dev.tsv")
    predictions = [choose.choice([example.label, "1"]) for example in examples]
    assert_sums_give_the_scores(task, examples, predictions, ["0", "1"])


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
