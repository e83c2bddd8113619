"""Small tasks of every family, and models of them that know words by heart."""

import itertools
import zlib

import pytest

from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import (
    Answer,
    PredictedAnswer,
    Question,
)
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.robustness.evaluated_model import EvaluatedModel

PLACES = ["London", "Berlin", "Warszawa", "R&D <b>", "Lima", "Kinshasa"]
OTHERS = ["flights", "from", "cheaper", "than", "to", "see", '"quotes"', "weather"]


def number(*words):
    """The same number for the same words, whatever the process."""
    return zlib.crc32("\0".join(words).encode())


def sentences(count):
    """Words and the places among them; every third sentence has none."""
    return [
        [
            (PLACES if place == 2 and index % 3 else OTHERS)[
                number(str(index), str(place)) % 6
            ]
            for place in range(6)
        ]
        for index in range(count)
    ]


def tagged(words):
    tags = ("B-LOC" if word in PLACES else "O" for word in words)
    return TaggedSentence(tuple(words), tuple(tags), 1)


@pytest.fixture(scope="session")
def tagging():
    """A task, its examples and two models: one forgives a lost letter, one does not."""

    def forgiving(word):
        return any(
            word == place[:i] + place[i + 1 :]
            for place in PLACES
            for i in range(len(place))
        )

    def predict(examples, knows):
        return [
            ["B-LOC" if knows(word) else "O" for word in example.words]
            for example in examples
        ]

    def exact(word):
        return word in PLACES[1:]

    labels = ["O", "B-LOC"]
    models = [
        EvaluatedModel("exact", lambda e: predict(e, exact), labels),
        EvaluatedModel(
            "forgiving",
            lambda e: predict(e, lambda word: exact(word) or forgiving(word)),
            labels,
        ),
    ]
    return TaggingTask(), [tagged(words) for words in sentences(60)], models


def _by_words(pick):
    """Predicts at random, but the same for the same words."""
    return lambda examples: [pick(example) for example in examples]


@pytest.fixture(scope="session")
def classification():
    labels = ["0", "1", "2"]
    examples = [
        LabelledText(" ".join(words), None, labels[number(*words) % 3], 1)
        for words in sentences(40)
    ]
    model = EvaluatedModel(
        "<script>", _by_words(lambda e: labels[number(*e.text.split()) % 3]), labels
    )
    return ClassificationTask("text", "label"), examples, [model]


@pytest.fixture(scope="session")
def pairs():
    labels = ["no", "yes"]
    texts = sentences(41)
    examples = [
        LabelledText(
            " ".join(first), " ".join(second), labels[number(*first, *second) % 2], 1
        )
        for first, second in itertools.pairwise(texts)
    ]
    model = EvaluatedModel(
        "pairs",
        _by_words(lambda e: labels[number(*e.text.split(), *e.text_pair.split()) % 2]),
        labels,
    )
    return ClassificationTask("text", "label", "pair"), examples, [model]


@pytest.fixture(scope="session")
def answers():
    def pick(example):
        words = example.text.split()
        text = example.context.split()[0] if "from" in words else ""
        return PredictedAnswer(text if "weather" not in words else "", (), 0.0)

    examples = []
    for index, words in enumerate(sentences(40)):
        context = " ".join(["Lima", *words])
        true = (Answer("Lima", 0),) if index % 2 else ()
        examples.append(Question(str(index), " ".join(words), context, true))
    model = EvaluatedModel("answers", lambda e: [pick(one) for one in e], [])
    return QuestionAnsweringTask("2.0"), examples, [model]
