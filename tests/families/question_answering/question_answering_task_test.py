"""Question answering end to end: a tiny model learns a few answers by heart."""

import dataclasses
import io
import json

import keras
import numpy as np
import pytest

import charbert_tf
from charbert_tf.attacks import Mix
from charbert_tf.families.question_answering.answer_spans import AnswerSpans
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.training.objective import CrossEntropy
from charbert_tf.training.optimizer import GroupedAdamW
from charbert_tf.training.trainer import Trainer

LONG = "He sat in Rome. " + "It was a dull day. " * 4 + "They saw a film in Bonn"
BATCH_SIZE, EPOCHS = 5, 100


def ask(id, text, context, *answers):
    places = tuple(Answer(answer, context.index(answer)) for answer in answers)
    return Question(id, text, context, places)


QUESTIONS = [
    ask("1", "Where?", LONG, "Rome"),
    ask("2", "film?", LONG, "Bonn"),
    ask("3", "who?", LONG),
    ask("4", "Where?", "In Oslo.", "Oslo"),
    ask("5", "who?", "Käfka 语 did.", "Käfka 语", "Käfka"),
]


@pytest.fixture(scope="module")
def task():
    return QuestionAnsweringTask("2.0", doc_stride=32)


@pytest.fixture(scope="module")
def trained(task, make_encoder, tokenizer, tmp_path_factory):
    """A folder with a preset, what training reported, and its number of steps."""
    folder = tmp_path_factory.mktemp("question_answerer")
    keras.utils.set_random_seed(0)
    encoder = make_encoder(
        vocabulary_size=tokenizer.vocabulary_size(),
        hidden_dim=32,
        num_layers=2,
        dropout=0.0,
    )
    encoder.save_to_preset(folder / "encoder")
    tokenizer.save_to_preset(folder / "encoder")
    labels = task.labels(QUESTIONS, "train.json")
    model = task.make_model(str(folder / "encoder"), labels, sequence_length=64)
    dataset = task.training_dataset(model, QUESTIONS, BATCH_SIZE, EPOCHS, seed=0)
    steps = int(dataset.cardinality())
    trainer = Trainer(CrossEntropy(model), GroupedAdamW(3e-3))
    report = trainer.train(dataset, steps)
    model.save_to_preset(folder / "preset")
    return (
        folder / "preset",
        report,
        (steps, len(task.head.windows(model, QUESTIONS).windows)),
    )


@pytest.fixture(scope="module")
def model(task, trained):
    return task.load_model(str(trained[0]))


@pytest.fixture(scope="module")
def predictions(task, model):
    return task.predict(model, QUESTIONS)


def test_a_few_questions_are_learnt_by_heart(task, model, trained, predictions):
    _, report, (steps, windows) = trained
    # Steps count windows, of which there are more than questions.
    assert windows == len(QUESTIONS) + 3
    assert steps == EPOCHS * -(-windows // BATCH_SIZE)
    assert report["loss"] == pytest.approx(report["start_loss"] + report["end_loss"])
    assert [p.text for p in predictions] == ["Rome", "Bonn", "", "Oslo", "Käfka 语"]
    scores = task.scores(QUESTIONS, predictions, model.labels)
    for name in ("f1", "exact", "has_answer_f1", "no_answer_exact", "best_exact"):
        assert scores[name] == 1
    file = io.StringIO()
    task.prediction_writers()[".json"](file, QUESTIONS, predictions)
    assert json.loads(file.getvalue()) == {
        "1": "Rome",
        "2": "Bonn",
        "3": "",
        "4": "Oslo",
        "5": "Käfka 语",
    }


def test_what_is_predicted_without_unanswerable_questions(model, predictions):
    task = QuestionAnsweringTask(
        "1.1", doc_stride=32, max_answer_length=3, n_best=4, null_threshold=-1e9
    )
    answers = task.predict(model, QUESTIONS)
    for question, prediction in zip(QUESTIONS, answers, strict=True):
        assert prediction.text == prediction.candidates[0][0].text != ""
        scores = [score for _, score in prediction.candidates]
        assert len(scores) == 4
        assert scores == sorted(scores, reverse=True)
        for answer, _ in prediction.candidates:
            assert question.context.startswith(answer.text, answer.start)
            assert len(answer.text.replace(" ", "")) <= 12
    answered = [index for index, q in enumerate(QUESTIONS) if q.answers]
    scores = task.scores(
        [QUESTIONS[index] for index in answered],
        [predictions[index] for index in answered],
        model.labels,
    )
    assert scores == {"f1": 1, "exact": 1}


def test_the_score_of_none_is_the_lowest_of_all_windows():
    """As in BERT: a window that is sure of an answer outvotes the others."""
    windows = [
        AnswerSpans(*map(np.array, of_window))
        for of_window in (
            ([3.0, float("-inf")], [0, -1], [2, -1], 7.0),
            ([5.0, 3.0], [4, 0], [6, 2], 4.0),
        )
    ]
    for threshold, text in ((0, "de"), (-0.9, "de"), (-1.1, "")):
        task = QuestionAnsweringTask(null_threshold=threshold)
        answer = task.head._answer(ask("x", "?", "Ab, de"), windows)
        assert answer.null_margin == -1
        assert answer.candidates == ((Answer("de", 4), 5.0), (Answer("Ab", 0), 3.0))
        assert answer.text == text


def written(task, questions, predictions):
    """What the files of predictions have, as a strict reader of JSON takes it."""

    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    contents = {}
    for ending, write in task.prediction_writers().items():
        write(file := io.StringIO(), questions, predictions)
        contents[ending] = json.loads(file.getvalue(), parse_constant=refuse)
    return contents


def test_candidates_are_written_with_their_probabilities(task, model):
    nowhere = Question("6", "Where?", " \u3000", ())
    questions = [*QUESTIONS, nowhere]
    for version in ("1.1", "2.0"):
        task = QuestionAnsweringTask(version, doc_stride=32, n_best=5)
        predictions = task.predict(model, questions)
        files = written(task, questions, predictions)
        has_none = version == "2.0"
        endings = [".json", ".nbest.json", *([".null_odds.json"] if has_none else [])]
        assert list(files) == endings
        n_best = files[".nbest.json"]
        assert list(n_best) == [question.id for question in questions]
        nothing = {"text": "", "start": None, "probability": 1.0, "score": 0.0}
        assert n_best.pop("6") == [nothing]
        for question, prediction in zip(QUESTIONS, predictions, strict=False):
            candidates = n_best[question.id]
            assert len(candidates) == 5 + has_none
            scores = np.array([candidate["score"] for candidate in candidates])
            assert (np.diff(scores) <= 0).all()
            expected = np.exp(scores) / np.exp(scores).sum()
            probabilities = [candidate["probability"] for candidate in candidates]
            np.testing.assert_allclose(probabilities, expected, atol=1e-6)
            # The best of them is what is answered, none included.
            assert candidates[0]["text"] == prediction.text
            spans = [c for c in candidates if c["start"] is not None]
            assert len(spans) == 5
            for candidate in spans:
                text = candidate["text"]
                assert question.context.startswith(text, candidate["start"])
            for none in [c for c in candidates if c["start"] is None]:
                margin = none["score"] - spans[0]["score"]
                assert margin == pytest.approx(prediction.null_margin, abs=1e-4)


def test_a_context_without_words_has_odds_that_are_a_number(task, model):
    question = Question("4", "?", " \u3000\n", ())
    predictions = task.predict(model, [question, QUESTIONS[0]])
    odds = written(task, [question, QUESTIONS[0]], predictions)[".null_odds.json"]
    assert odds["4"] == 1e30
    assert -1000 < odds["1"] < 0


def test_strides_and_lengths_beyond_any_context(model):
    longest = 2**31 - 1
    task = QuestionAnsweringTask(doc_stride=longest, max_answer_length=longest)
    answers = task.predict(model, QUESTIONS)
    best = [answer.candidates[0][0].text for answer in answers]
    assert best == [
        answer.candidates[0][0].text
        for answer in QuestionAnsweringTask(max_answer_length=64).predict(
            model, QUESTIONS
        )
    ]


def test_what_fits_in_no_window(task, model):
    """An answer longer than a window, a question longer, a context without words."""
    questions = [
        Question("1", "Where?", LONG, (Answer(LONG, 0),)),
        Question("2", LONG * 2, LONG, ()),
        Question("3", "", "", ()),
        Question("4", "?", " \u3000\n", ()),
    ]
    windows, _ = task.head.windows(model, questions)
    _, labels = model.preprocessor(
        task.head.inputs(windows), task.head.label_ids(windows, [])
    )
    assert not any(ends.numpy().any() for ends in labels.values())
    predictions = task.predict(model, questions)
    assert [predictions[2].text, predictions[3].text] == ["", ""]
    assert task.scores(questions, predictions, model.labels)["no_answer_exact"] > 0.5


class UpperCase:
    """A recogniser that takes every word for another."""

    def correct(self, sentences):
        return [[word.upper() for word in words] for words in sentences]


def test_questions_change_and_contexts_stay(task):
    question = ask("1", "Who isn't  there,\tin Rome?", LONG, "Rome")
    attacked = task.attacked([question, question], Mix(), seed=1)
    assert attacked == task.attacked([question, question], Mix(), seed=1)
    corrected = task.corrected([question], UpperCase())
    assert [q.text for q in corrected] == ["WHO ISN'T  THERE,\tIN ROME?"]
    assert attacked[0].text != attacked[1].text
    for changed in (*attacked, *corrected):
        assert changed.text != question.text
        assert dataclasses.replace(changed, text=question.text) == question
    with pytest.raises(ValueError, match=r"1\.1 and 2\.0, not '3'"):
        QuestionAnsweringTask("3")


def test_fit_minimises_the_same(model):
    texts, contexts = zip(*[(q.text, q.context) for q in QUESTIONS], strict=True)
    answers = ([10, -1, -1, 3, 0], [14, -1, -1, 7, 7])
    features, labels = model.preprocessor((list(texts), list(contexts)), answers)
    # Not the trained one, whose loss is next to nothing.
    answerer = charbert_tf.QuestionAnswerer(model.backbone)
    answerer.compile()
    logits = answerer(features, training=False)
    loss = answerer.compute_loss(y=labels, y_pred=logits)
    entropies = [
        keras.losses.sparse_categorical_crossentropy(labels[name], of, from_logits=True)
        for name, of in logits.items()
    ]
    assert float(loss) == pytest.approx(np.mean(entropies), abs=1e-5)
    terms = CrossEntropy(answerer)((features, labels), training=False)
    assert terms.keys() == {"start", "end"}
    mean = sum(term.loss / term.weight for term in terms.values())
    assert float(mean) == pytest.approx(float(loss), abs=1e-5)
    assert float(mean) > 1
