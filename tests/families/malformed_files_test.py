"""What a user may get wrong in a labelled file: one clear line, with its place."""

import json

import pytest

from charbert_tf.families import DATA_SETS
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.files.errors import UserError

TAGGING = TaggingTask()
TAGS = ["O", "B-LOC", "I-LOC"]
CLASSIFICATION = ClassificationTask("a", "b")
NO_HEADER = ClassificationTask(0, 1, header=False)
F1 = ClassificationTask("a", "b", metric="f1")
SQUAD1, SQUAD2 = QuestionAnsweringTask("1.1"), QuestionAnsweringTask("2.0")
NAMED = {name: named.make() for name, named in DATA_SETS.items()}
BINARY, ENTAILMENT = ["0", "1"], ["entailment", "not_entailment"]


def iob2(*kinds):
    return ["O", *(f"{prefix}-{kind}" for prefix in "BI" for kind in kinds)]


ENTITIES = iob2("LOC", "MISC", "ORG", "PER")
EMERGING = iob2(
    *("corporation", "creative-work", "group", "location", "person", "product")
)

QAS = "data[0].paragraphs[0].qas"
ANSWER = {"text": "Rome", "answer_start": 3}
QUESTION = {"id": "q", "question": "Where?", "answers": [ANSWER]}


def squad(*questions, context="In Rome, in Rome."):
    return json.dumps(
        {"data": [{"paragraphs": [{"context": context, "qas": questions}]}]}
    )


def asked(**changes):
    return squad(QUESTION | changes)


def answered(**changes):
    return asked(answers=[ANSWER | changes])


def twice(key):
    """A file with a key and its value a second time."""
    text = asked()
    start = text.index(f"{key}: ")
    _, end = json.JSONDecoder().raw_decode(text, start + len(key) + 2)
    return f"{text[:end]}, {text[start:]}"


def without(record, key):
    return {name: value for name, value in record.items() if name != key}


# A task, a file (None: there is none), and what stands behind the file's name.
READING = [
    (TAGGING, None, ": no such file: "),
    (TAGGING, "a O\n\nb\n", ":3: the line has 1 column(s), the first word 2: "),
    (TAGGING, "a O\nb NN O\n", ":2: the line has 3 column(s), the first word 2: "),
    (TAGGING, "a\nb\n", ":1: the line has 1 column(s), the word is read from column 0"),
    (TaggingTask(0, 2), "a O\n", ":1: the line has 2 column(s), the word is read"),
    (TAGGING, "a\tO\nb\t\n", ":2: the line has 1 column(s), the first word 2: "),
    (TAGGING, "a\tO\n\tO\n", ":2: the word is empty: "),
    (TAGGING, "a O\nb\0 O\n", ":2: a NUL character"),
    (TAGGING, b"a O\ncaf\xe9 O\n", ":2: invalid UTF-8 at byte 4 of the line: "),
    (TAGGING, "a O\n".encode("utf-16"), ":1: a NUL character"),
    (TAGGING, "", ": no sentence in the file: "),
    (TAGGING, "\n-DOCSTART- O\n", ": no sentence in the file: "),
    (ClassificationTask("text", "b"), "a\tb\nx\t1\n", ":1: no column 'text': the he"),
    (ClassificationTask("a", 2), "a\tb\nx\t1\n", ":1: no column '2': the header has"),
    (
        ClassificationTask("x", 1, header=False),
        "x\t1\n",
        ":1: no column 'x': a file without a header has columns 0 to 1",
    ),
    (ClassificationTask("a", "b", "c"), "a\tb\nx\t1\n", ":1: no column 'c': the head"),
    (CLASSIFICATION, "a\tb\ta\nx\t1\ty\n", ":1: two columns are named 'a': rename "),
    (CLASSIFICATION, "b\ta\tb\n1\tx\t1\n", ":1: two columns are named 'b': rename "),
    (ClassificationTask("a", "b", "c"), "c\ta\tb\tc\nx\tx\t1\tx\n", ":1: two columns"),
    (CLASSIFICATION, "a\tb\nx\t1\ny\n", ":3: the row has 1 column(s), the first"),
    (CLASSIFICATION, "a\tb\nx\ty\t1\n", ":2: the row has 3 column(s), the first"),
    (CLASSIFICATION, 'a\tb\n"x\ty"\t1\n', ":2: the row has 3 column(s), the first"),
    (CLASSIFICATION, "a,b\nx,1\n", ":1: no column 'a': the header has 'a,b'"),
    (CLASSIFICATION, "a\tb\nx\t \n", ":2: the label is empty: "),
    (CLASSIFICATION, "a\tb\n", ": no row in the file: "),
    (CLASSIFICATION, b"a\tb\n\xff\xfe\t1\n", ":2: invalid UTF-8 at byte 1 of the line"),
    (NO_HEADER, "", ": no row in the file: "),
    (SQUAD1, None, ": no such file: "),
    (SQUAD1, "", ":1: is not JSON (Expecting value at character 1 of the line): "),
    (SQUAD1, '{"data":\n [}', ":2: is not JSON (Expecting value at character 3 of"),
    (SQUAD1, "[" * 100_000, ": cannot be read as JSON ("),
    (SQUAD1, b'{"data": "\xe9"}', ":1: invalid UTF-8 at byte 11 of the line: "),
    (SQUAD1, "[]", ": is a list, not an object: "),
    (SQUAD1, "{}", ": has no 'data': "),
    (SQUAD1, '{"data": {}}', ": data: is an object, not a list: "),
    (SQUAD1, '{"data": []}', ": no question in the file: "),
    (SQUAD1, '{"data": [{}]}', ": data[0]: has no 'paragraphs': "),
    (SQUAD1, squad(context=None), ": data[0].paragraphs[0].context: is null, not a s"),
    (
        SQUAD1,
        twice('"context"'),
        ": data[0].paragraphs[0]: has the key 'context' twice",
    ),
    (SQUAD1, twice('"id"'), f": {QAS}[0]: has the key 'id' twice: remove one of them"),
    (SQUAD1, twice('"text"'), f": {QAS}[0].answers[0]: has the key 'text' twice: "),
    (SQUAD2, twice('"data"'), ": has the key 'data' twice: "),
    # In a value that a repeated key hides, and where nothing is read.
    (
        SQUAD1,
        '{"a": [{"b": 1, "b": 1}], "a": 2, "data": []}',
        ": has the key 'a' twice",
    ),
    (
        SQUAD1,
        '{"data": [], "\\n": [{"b": 1}, {"b": {}, "b": {}, "c": 1}]}',
        ": '\\n'[1]: has the key 'b' twice: ",
    ),
    (SQUAD1, squad(without(QUESTION, "id")), f": {QAS}[0]: has no 'id': "),
    (SQUAD1, asked(id=7), f": {QAS}[0].id: is a whole number, not a string: "),
    (SQUAD1, squad(without(QUESTION, "question")), f": {QAS}[0]: has no 'question': "),
    (SQUAD1, squad(without(QUESTION, "answers")), f": {QAS}[0]: has no 'answers': "),
    (SQUAD1, asked(question="\ud800?"), f": {QAS}[0].question: has half a character"),
    (SQUAD1, asked(answers=ANSWER), f": {QAS}[0].answers: is an object, not a list: "),
    (
        SQUAD1,
        squad(QUESTION, QUESTION),
        f": {QAS}[1]: the question id 'q' is that of {QAS}[0] too: ",
    ),
    (
        SQUAD1,
        answered(answer_start=4),
        f": {QAS}[0].answers[0]: the answer 'Rome' to the question 'q' does not stand "
        "at answer_start 4; it stands at 3, 12: ",
    ),
    (
        SQUAD1,
        answered(text="Bonn"),
        f": {QAS}[0].answers[0]: the answer 'Bonn' to the question 'q' does not stand "
        "at answer_start 3; it is not in the context at all: ",
    ),
    # Counted from the end it would be there.
    (SQUAD1, answered(answer_start=-5), f": {QAS}[0].answers[0]: the answer 'Rome' to"),
    (
        SQUAD1,
        answered(answer_start="3"),
        f": {QAS}[0].answers[0].answer_start: is a st",
    ),
    (
        SQUAD1,
        answered(answer_start=3.0),
        f": {QAS}[0].answers[0].answer_start: is a de",
    ),
    (
        SQUAD1,
        answered(answer_start=True),
        f": {QAS}[0].answers[0].answer_start: is tru",
    ),
    (SQUAD1, answered(text=" "), f": {QAS}[0].answers[0]: the answer to the question "),
    (SQUAD2, asked(is_impossible=True), f": {QAS}[0]: the question 'q' is_impossible "),
    (SQUAD2, asked(is_impossible="no"), f": {QAS}[0].is_impossible: is a string, not "),
    (
        SQUAD2,
        asked(is_impossible=False, answers=[]),
        f": {QAS}[0]: the question 'q' has no answers: ",
    ),
]


@pytest.fixture
def write(tmp_path):
    path = tmp_path / "bad.file"

    def write(content):
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            path.write_text(content, encoding="utf-8")
        return str(path)

    return write


def assert_one_line(error, start):
    assert str(error.value).startswith(start)
    assert len(str(error.value)) < 400
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("task", "content", "message"), READING)
def test_what_cannot_be_read(write, task, content, message):
    path = write(content)
    with pytest.raises(UserError) as error:
        task.read(path)
    assert_one_line(error, path + message)


# A label that a data set does not have: the others, the place and the label.
OTHER_LABELS = [
    ("cola", BINARY, "a\t1\t\tx\nb\tyes\t\ty\n", ":2: the label 'yes'"),
    ("mrpc", BINARY, "Quality\t#1 String\t#2 String\n2\tx\ty\n", ":2: the label '2'"),
    ("qqp", BINARY, "question1\tquestion2\tis_duplicate\nx\ty\t-1\n", ":2: the label"),
    ("sst2", BINARY, "sentence\tlabel\nx\t1\nx\tgood\n", ":3: the label 'good'"),
    ("qnli", ENTAILMENT, "question\tsentence\tlabel\nx\ty\t0\n", ":2: the label '0'"),
    (
        "rte",
        ENTAILMENT,
        "sentence1\tsentence2\tlabel\nx\ty\tno\n",
        ":2: the label 'no'",
    ),
    ("conll2003", ENTITIES, "a I-LOC\n\nb O\nc B-GPE\n", ":4: the tag 'B-GPE'"),
    ("conll2003", ENTITIES, "a NN\n\nb VB\n", ":1: the tag 'NN'"),
    ("wnut17", EMERGING, "a\tO\nb\tI-LOC\n", ":2: the tag 'I-LOC'"),
]


@pytest.mark.parametrize(("name", "labels", "content", "start"), OTHER_LABELS)
def test_labels_that_a_data_set_does_not_have(write, name, labels, content, start):
    path, task = write(content), NAMED[name]
    examples = task.read(path)
    for refuse in (task.labels, lambda *file: task.check(file[0], labels, file[1])):
        with pytest.raises(UserError) as error:
            refuse(examples, path)
        assert_one_line(error, path + start)
        known = (
            f" is not in this data set, which has {', '.join(labels)}: correct it, or"
        )
        assert known in str(error.value)


# What can be read, but not trained on.
@pytest.mark.parametrize(
    ("task", "content", "message"),
    [
        (TAGGING, "a O\nb O\n", ": has the single tag 'O': "),
        (TAGGING, "a B-X\n\nc O\nd S-X\n", ":4: the tag 'S-X' stands among IOB tags: "),
        (CLASSIFICATION, "a\tb\nx\t1\n", ": has the single label '1': "),
        (F1, "a\tb\nx\t1\nx\t2\nx\t3\n", ": has 3 labels, 1, 2, 3, and F1 is of two: "),
        (
            SQUAD1,
            asked(answers=[]),
            ": the question 'q' has no answer, which SQuAD 1.1",
        ),
        (
            NAMED["sst2"],
            "sentence\tlabel\nx\t1\ny\t1\n",
            ": has the single label '1': ",
        ),
        # A wrong column: nothing is scored by another measure in silence.
        (NAMED["ptb"], "a NN B-NP\nb NN I-NP\n", ": its tags mark spans, and this "),
        (NAMED["ptb"], "a NN B-NP\nb NN NN\n", ":2: the tag 'NN' stands among IOB "),
    ],
)
def test_what_cannot_be_learnt(write, task, content, message):
    path = write(content)
    examples = task.read(path)
    with pytest.raises(UserError) as error:
        task.labels(examples, path)
    assert_one_line(error, path + message)


# What a model with certain labels cannot be scored on.
@pytest.mark.parametrize(
    ("task", "content", "labels", "message"),
    [
        (TAGGING, "a I-LOC\n\nc O\nd B-X\n", TAGS, ":4: the tag 'B-X' is not in the "),
        (TAGGING, "a I-LOC\nb I-LOC\n", TAGS[:2], ":2: the tag 'I-LOC' is not in the"),
        (CLASSIFICATION, "a\tb\nx\t1\nx\t2\n", ["0", "1"], ":3: the label '2' is not "),
        (SQUAD1, asked(answers=[]), [], ": the question 'q' has no answer, which SQ"),
        # A model that learnt other labels under this name.
        (NAMED["conll2003"], "a I-LOC\n\nb O\nc B-X\n", TAGS, ":4: the tag 'B-X' is n"),
        (
            NAMED["conll2003"],
            "a NN\n",
            ["NN", "VB"],
            ": this task is scored by spans, ",
        ),
    ],
)
def test_what_cannot_be_scored(write, task, content, labels, message):
    path = write(content)
    examples = task.read(path)
    with pytest.raises(UserError) as error:
        task.check(examples, labels, path)
    assert_one_line(error, path + message)


def test_without_the_mistake_they_are_read(write):
    """So it is the mistake that is refused."""
    assert TAGGING.check(TAGGING.read(write("a I-LOC\nb O\n")), TAGS, "") is None
    assert len(CLASSIFICATION.read(write('a\tb\n"x\t1\n'))) == 1
    assert len(CLASSIFICATION.read(write("a\tc\tb\tc\nx\t1\t1\t1\n"))) == 1
    assert len(SQUAD1.read(write("\ufeff" + asked()))) == 1
    impossible = QUESTION | {"id": "r", "is_impossible": True, "answers": []}
    assert len(SQUAD2.read(write(squad(QUESTION, impossible)))) == 2
    assert len(SQUAD2.read(write(squad(without(impossible, "answers"))))) == 1
