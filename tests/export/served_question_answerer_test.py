"""A served question answerer says what the task's own prediction says."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.export.served_model import ServedModel
from charbert_tf.export.serving_module import ServingModule
from charbert_tf.families.asked_model import ask
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Question

CHARACTERS = [" ", *"abcdefghijklmnopqrstuvwxyz", "<unk>"]
PAIRS = [
    ("What is fine?", "The film, in the end."),
    ("Who was in it?", "In the film, 映画 \U0001f600 and é, the fine thing. " * 9),
    ("", "the film"),
    ("Why?", " \t"),
    ("the " * 40, "It was the fine film in the end, the thing in the film."),
]


@pytest.fixture(scope="module")
def answerer(tokenizer):
    keras.utils.set_random_seed(0)
    encoder = charbert_tf.BertEncoder(
        tokenizer.vocabulary_size(), 1, 2, 16, 32, max_sequence_length=24
    )
    backbone = charbert_tf.CharBertBackbone(encoder, len(CHARACTERS))
    preprocessor = charbert_tf.QuestionAnswererPreprocessor(
        tokenizer, CHARACTERS, sequence_length=24
    )
    answerer = charbert_tf.QuestionAnswerer(backbone, preprocessor)
    rng = np.random.default_rng(0)
    for weight in answerer.weights:
        weight.assign(weight + rng.normal(size=weight.shape, scale=0.3))
    return answerer


def test_answers_are_those_of_the_task(answerer, tmp_path):
    ServingModule.of(answerer).export(tmp_path / "1")
    serve = tf.saved_model.load(tmp_path / "1").signatures["serving_default"]
    questions, contexts = zip(*PAIRS, strict=True)
    served = serve(question=tf.constant(questions), context=tf.constant(contexts))
    served = {name: values.numpy() for name, values in served.items()}

    examples = [
        Question(str(number), question, context, ())
        for number, (question, context) in enumerate(PAIRS)
    ]
    predictions = QuestionAnsweringTask("1.1").predict(answerer, examples)
    answers = [answer.decode() for answer in served["answer"]]
    assert answers == [prediction.text for prediction in predictions]
    assert answers[3] == "" and all(answers[:3])
    for number, prediction in enumerate(predictions):
        start, end = served["start"][number], served["end"][number]
        assert contexts[number][start:end] == answers[number]
        if prediction.candidates:
            best_score = prediction.candidates[0][1]
            assert served["score"][number] == pytest.approx(best_score, abs=1e-4)
            null_margin = served["null_score"][number] - served["score"][number]
            assert null_margin == pytest.approx(prediction.null_margin, abs=1e-4)

    # With a null margin, as in SQuAD 2.0.
    task = QuestionAnsweringTask("2.0")
    asked = ServedModel(str(tmp_path / "1"), batch_size=2)
    for one, other in zip(
        task.predict_served(asked, examples),
        task.predict(answerer, examples),
        strict=True,
    ):
        assert one.text == other.text
        assert [answer for answer, _ in one.candidates] == [
            answer for answer, _ in other.candidates[:1]
        ]
        assert one.null_margin == pytest.approx(other.null_margin, abs=1e-4)


def test_windows_and_answers_of_other_sizes(answerer):
    """The graph takes them as the task does, and other kinds of models do not."""
    examples = [
        Question(str(number), question, context, ())
        for number, (question, context) in enumerate(PAIRS)
    ]
    scores = []
    for options in (
        {},
        {"doc_stride": 1, "max_answer_length": 2},
        {"max_answer_length": 24},
    ):
        found = ask(answerer, PAIRS, **options)
        task = QuestionAnsweringTask("1.1", **options)
        predictions = task.predict(answerer, examples)
        assert [of.text for of in found] == [of.text for of in predictions]
        scores.append([answer.score for answer in found])
    assert scores[0] != scores[1]
    classifier = charbert_tf.TextClassifier(
        answerer.backbone,
        num_classes=2,
        preprocessor=charbert_tf.TextClassifierPreprocessor(
            answerer.preprocessor.tokenizer, CHARACTERS, sequence_length=24
        ),
        labels=["a", "b"],
    )
    with pytest.raises(TypeError, match="doc_stride"):
        ServingModule.of(classifier, doc_stride=1)
