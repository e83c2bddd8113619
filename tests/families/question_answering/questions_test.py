"""SQuAD's real files: what is read, and that windows lose nothing of it."""

import collections
import io
import itertools
import json
import re
import types

import keras_nlp
import numpy as np
import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.question_answering.questions import (
    Question,
    questions_of_records,
)
from charbert_tf.families.question_answering.squad_format import SquadFormat

LENGTH, STRIDE = 160, 64


# What data/README.md and the articles of XQuAD say, and how many lack an answer.
@pytest.mark.parametrize(
    ("name", "count", "unanswerable"),
    [
        ("train-v1.1.json", 927, 0),
        ("dev-v1.1.json", 263, 0),
        ("train-v2.0.json", 927 + 399, 399),
        ("dev-v2.0.json", 263 + 111, 111),
    ],
)
def test_real_files(shared, name, count, unanswerable):
    questions = SquadFormat().read(shared / "data" / "squad" / name)
    assert len(questions) == count
    assert sum(not question.answers for question in questions) == unanswerable
    for question in questions:
        for answer in question.answers:
            end = answer.start + len(answer.text)
            assert question.context[answer.start : end] == answer.text


def test_records_of_tensorflow_datasets_are_the_same_questions(shared):
    path = shared / "data" / "squad" / "dev-v2.0.json"
    records = [
        {
            "id": question["id"].encode(),
            "title": b"",
            "context": paragraph["context"].encode(),
            "question": question["question"].encode(),
            "answers": {
                "text": np.array(
                    [answer["text"].encode() for answer in question["answers"]], object
                ),
                "answer_start": np.array(
                    [answer["answer_start"] for answer in question["answers"]], np.int32
                ),
            },
            "is_impossible": question["is_impossible"],
        }
        for article in json.loads(path.read_text("utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]
    assert questions_of_records(records) == SquadFormat().read(path)


@pytest.fixture(scope="module")
def questions(shared):
    """All with an answer, and some without."""
    folder = shared / "data" / "squad"
    questions = [
        question
        for name in ("train-v1.1.json", "dev-v2.0.json")
        for question in SquadFormat().read(folder / name)
    ]
    # Some are there twice, with different answers.
    return list({(q.text.strip(), q.context): q for q in questions}.values())


@pytest.fixture(scope="module")
def preprocessor(questions, word_pieces):
    """With the words of the contexts in its vocabulary, as a real one."""
    counts = collections.Counter(
        word
        for context in {question.context for question in questions}
        for word in re.findall(r"\w+", context)
    )
    vocabulary = dict.fromkeys([*word_pieces, *(w for w in counts if counts[w] > 1)])
    tokenizer = keras_nlp.models.BertTokenizer(list(vocabulary), lowercase=False)
    return charbert_tf.QuestionAnswererPreprocessor(tokenizer, sequence_length=LENGTH)


class Oracle(types.SimpleNamespace):
    """A model that knows the labels of every window, by its tokens."""

    labels = ()

    def __init__(self, task, preprocessor, questions):
        super().__init__(preprocessor=preprocessor, ends_of={})
        for features, labels, _ in task.training_dataset(self, questions, 32, 1, 0):
            ends = zip(*(values.numpy() for values in labels.values()), strict=True)
            for key, of_row in zip(self._keys(features), ends, strict=True):
                self.ends_of[key] = of_row

    def __call__(self, features, training):
        def look_up(token_ids, padding_mask):
            keys = self._keys({"token_ids": token_ids, "padding_mask": padding_mask})
            ends = np.array([self.ends_of[key] for key in keys])
            return 10 * np.eye(token_ids.shape[1], dtype=np.float32)[ends.T]

        start, end = tf.unstack(
            tf.ensure_shape(
                tf.py_function(
                    look_up,
                    [features[n] for n in ("token_ids", "padding_mask")],
                    "float32",
                ),
                [2, None, None],
            )
        )
        return {"start_logits": start, "end_logits": end}

    def _keys(self, features):
        rows = zip(
            features["token_ids"].numpy(), features["padding_mask"].numpy(), strict=True
        )
        return [token_ids[mask == 1].tobytes() for token_ids, mask in rows]


@pytest.mark.slow
def test_who_knows_the_labels_has_all_answers_right(questions, preprocessor):
    """So labels are at the answers, and answers are cut out where they stand."""
    task = QuestionAnsweringTask("2.0", doc_stride=STRIDE, max_answer_length=60)
    oracle = Oracle(task, preprocessor, questions)
    assert len(oracle.ends_of) > 1.5 * len(questions)
    predictions = task.predict(oracle, questions)
    scores = task.scores(questions, predictions, oracle.labels)
    wrong = [
        (question.answers[0].text, prediction.text)
        for question, prediction in zip(questions, predictions, strict=True)
        if prediction.text not in {answer.text for answer in question.answers}
        and (question.answers or prediction.text)
    ]
    # It ends inside a number, which is one token.
    cut = "7,000,000 square kilometres (2,70"
    assert wrong == [(cut, cut + "0")]
    assert scores["no_answer_exact"] == 1
    assert scores["exact"] == pytest.approx(1 - 1 / len(questions))
    answers = io.StringIO()
    task.prediction_writers()[".json"](answers, questions, predictions)
    assert json.loads(answers.getvalue()) == {
        question.id: prediction.text
        for question, prediction in zip(questions, predictions, strict=True)
    }


@pytest.fixture(scope="module")
def learner(preprocessor):
    """Makes what a task needs of a model to train it, by its sequences' length."""

    def learner(length):
        return types.SimpleNamespace(
            labels=(),
            preprocessor=charbert_tf.QuestionAnswererPreprocessor(
                preprocessor.tokenizer, sequence_length=length
            ),
        )

    return learner


# Where windows only touched, 115 and 42 fitted in none.
@pytest.mark.parametrize(("length", "lost"), [(64, 15), (128, 0)])
def test_training_says_how_many_answers_fit_in_no_window(
    shared, learner, capsys, length, lost
):
    questions = SquadFormat().read(shared / "data" / "squad" / "train-v1.1.json")
    task, model = QuestionAnsweringTask("1.1"), learner(length)
    learnt = []
    for _, labels, _ in task.training_dataset(model, questions, 64, epochs=1, seed=0):
        learnt += labels["end_logits"].numpy().tolist()
    told = capsys.readouterr().err
    line = (
        f"{lost} of 927 answers fit in no window and count as no answer: "
        "raise --sequence_length\n"
    )
    assert told == (line if lost else "")
    # Counted a second way, by the labels of all windows.
    windows, _ = task.head.windows(model, questions)
    assert len(learnt) == len(windows)
    whole = set()
    for some in np.array_split(np.arange(len(windows)), 32):
        chosen = [windows[index] for index in some]
        _, labels = model.preprocessor(
            task.head.inputs(chosen), task.head.label_ids(chosen, ())
        )
        ends = labels["end_logits"].numpy()
        whole |= {w.question.id for w, e in zip(chosen, ends, strict=True) if e}
    assert len(questions) - len(whole) == lost


def test_windows_of_the_default_length_begin_where_they_did(questions, learner):
    """Half of what they show is more than 128 subwords."""
    model = learner(384)
    windows, _ = QuestionAnsweringTask().head.windows(model, questions)
    assert {window.start for window in windows} > {0, 128, 256}
    for before, window in itertools.pairwise(windows):
        assert window.start in (0, before.start + 128)
        # None where the one before it shows the end.
        if before.length < 384:
            assert window.start == 0


def test_windows_see_every_character(questions, preprocessor):
    task = QuestionAnsweringTask(doc_stride=STRIDE)
    chosen = list({question.context: question for question in questions}.values())
    chosen.append(Question("empty", "Where?", "", ()))
    model = types.SimpleNamespace(preprocessor=preprocessor)
    windows, _ = task.head.windows(model, chosen)
    lengths = task.head.lengths(model, windows)[:, 0].tolist()
    x = task.head.inputs(windows)
    features = preprocessor(x)
    starts, ends = (v.numpy() for v in preprocessor.context_offsets(x))
    seen = {question.id: set() for question in chosen}
    for row, window in enumerate(windows):
        for start, end in zip(starts[row], ends[row], strict=True):
            seen[window.question.id].update(range(start, end))
        assert lengths[row] == features["padding_mask"][row].numpy().sum()
    for question in chosen:
        shown = {i for i, c in enumerate(question.context) if not c.isspace()}
        assert shown <= seen[question.id]
    # And none in vain: each but the last of a question is full.
    followed = [row for row, window in enumerate(windows[1:]) if window.start]
    assert {lengths[row] for row in followed} == {LENGTH}
