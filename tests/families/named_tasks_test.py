"""The paper's tasks by name: their files, and what the commands know of them."""

import numpy as np
import pytest

from charbert_tf.families import DATA_SETS, FAMILIES, find_metric, find_task
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.metric import Metric
from charbert_tf.families.named_tasks import HyperParameters, NamedTask
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.files.errors import UserError

# The splits' sizes as their authors give them, but that MRPC's training file here
# lacks a row of its 3,668, and that the Penn Treebank's is NLTK's sample.
FILES = {
    "cola": {"glue/CoLA/train.tsv": 8_551, "glue/CoLA/dev.tsv": 1_043},
    "mrpc": {"glue/MRPC/train.tsv": 3_667, "glue/MRPC/dev.tsv": 408},
    "qnli": {"glue/QNLI/dev.tsv": 5_463},
    "rte": {"glue/RTE/train.tsv": 2_490, "glue/RTE/dev.tsv": 277},
    "sst2": {"glue/SST-2/train.tsv": 67_349, "glue/SST-2/dev.tsv": 872},
    "conll2003": {
        "conll2003/train.txt": 14_041,
        "conll2003/dev.txt": 3_250,
        "conll2003/test.txt": 3_453,
    },
    "wnut17": {
        "wnut17/train.txt": 3_394,
        "wnut17/dev.txt": 1_009,
        "wnut17/test.txt": 1_287,
    },
    "ptb": {
        "ptb_sample/train.txt": 3_385,
        "ptb_sample/dev.txt": 265,
        "ptb_sample/test.txt": 247,
    },
}
CLASSES = {"conll2003": 9, "wnut17": 13, "ptb": 45}
FIRST_SCORES = {
    "cola": "matthews_correlation",
    **dict.fromkeys(["mrpc", "qnli", "rte", "sst2", "ptb"], "accuracy"),
    **dict.fromkeys(["conll2003", "wnut17"], "f1"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.sampled(2)
def test_files_classes_and_first_score(shared, name):
    task = DATA_SETS[name].make()
    files = {file: task.read(shared / "data" / file) for file in FILES[name]}
    assert {file: len(examples) for file, examples in files.items()} == FILES[name]
    first, examples = next(iter(files.items()))
    labels = task.labels(examples, first)
    assert len(labels) == CLASSES.get(name, 2)
    truth = [e.tags if hasattr(e, "tags") else e.label for e in examples]
    scores = task.scores(examples, truth, labels)
    assert next(iter(scores)) == FIRST_SCORES[name]
    assert scores[FIRST_SCORES[name]] == 1.0


@pytest.mark.parametrize(
    "lines", ["a I-LOC\nb B-LOC\nc O\n", "a B-LOC\nb B-LOC\nc O\n"]
)
def test_labels_are_the_data_sets_in_a_file_that_lacks_some(tmp_path, lines):
    path = tmp_path / "few.txt"
    path.write_text(lines)
    task = DATA_SETS["conll2003"].make()
    examples = task.read(path)
    kinds = ["LOC", "MISC", "ORG", "PER"]
    nine = ["O", *(f"B-{kind}" for kind in kinds), *(f"I-{kind}" for kind in kinds)]
    assert task.labels(examples, path) == nine
    # A model that was trained when labels were those of the file is scored as before.
    task.check(examples, ["O", "B-LOC"], path)
    scores = task.scores(examples, [["B-LOC", "O", "O"]], ["O", "B-LOC"])
    assert list(scores) == ["f1", "precision", "recall", "accuracy"]
    assert scores["f1"] == pytest.approx(2 / 3)


def test_parts_of_speech_are_scored_word_by_word():
    task = DATA_SETS["ptb"].make()
    sentence = TaggedSentence(("a", "b"), ("B-LOC", "O"), 1)
    assert task.scores([sentence], [["B-LOC", "O"]], ["O", "B-LOC"]) == {"accuracy": 1}
    counts = task.metric.counts([sentence], [["B-LOC", "O"]], ["O", "B-LOC"])
    assert list(task.metric.scores(counts[0])) == ["accuracy"]


@pytest.mark.parametrize(
    ("name", "version", "added"), [("squad1", "1.1", False), ("squad2", "2.0", True)]
)
def test_questions(shared, name, version, added):
    task = DATA_SETS[name].make()
    for split, count in (("train", 927), ("dev", 263)):
        path = shared / "data" / "squad" / f"{split}-v{version}.json"
        questions = task.read(path)
        task.check(questions, task.labels(questions, path), path)
        answerable = [question for question in questions if question.answers]
        assert len(answerable) == count
        assert (len(questions) > count) == added


class OwnFamily(ClassificationTask):
    """A family that somebody has outside of the project."""

    def __init__(self):
        super().__init__("text", "label")


OWN_TASK = NamedTask(OwnFamily, hyper_parameters=HyperParameters(epochs=9))


class ShortAnswers(Metric):
    """A metric that somebody has outside of the project: how many words are right."""

    num_counts = 2

    def counts(self, examples, predictions, labels):
        return np.array(
            [
                [(e.label == p) * len(e.text.split()), len(e.text.split())]
                for e, p in zip(examples, predictions, strict=True)
            ],
            float,
        )

    def scores(self, sums):
        return {"words": sums[..., 0] / sums[..., 1]}


def test_a_family_and_a_data_set_from_outside():
    assert isinstance(find_task(f"{__name__}:OwnFamily").make(), OwnFamily)
    assert find_task(f"{__name__}:OWN_TASK") is OWN_TASK
    assert isinstance(OWN_TASK.make(), OwnFamily)
    for name in (*FAMILIES, *DATA_SETS):
        assert find_task(name) is (FAMILIES if name in FAMILIES else DATA_SETS)[name]
    for name, message in {
        "conll2004": "no task 'conll2004': choose one of tagging, .*, wnut17, or name",
        f"{__name__}:Nothing": f"has no 'Nothing': choose .*{__name__}:OwnFamily, "
        f"{__name__}:OWN_TASK, or one of tagging, ",
        "no_such_module:Family": "no_such_module cannot be imported",
        "json:loads": "json:loads is not a subclass of charbert_tf.families.family"
        ".Family or an instance of charbert_tf.families.named_tasks.NamedTask: choose "
        "another, or one of tagging, .*wnut17$",
    }.items():
        with pytest.raises(UserError, match=message):
            find_task(name)


def test_a_data_set_that_was_added_is_among_those_to_choose(monkeypatch):
    monkeypatch.setattr(DATA_SETS, "_entries", dict(DATA_SETS._entries))
    DATA_SETS.add("reviews", f"{__name__}:OWN_TASK")
    assert find_task("reviews") is OWN_TASK
    for name in ("review", f"{__name__}:Nothing", "json:loads"):
        with pytest.raises(UserError, match=", wnut17, reviews"):
            find_task(name)


def test_a_metric_from_outside_comes_first():
    task = find_task(f"{__name__}:OwnFamily").make()
    own = task.metric
    task.put_first(find_metric(f"{__name__}:ShortAnswers"))
    examples = [
        LabelledText(text, None, label, 1)
        for text, label in [("a b c", "no"), ("d", "yes"), ("e f", "yes")]
    ]
    predictions, labels = ["no", "no", "yes"], ["no", "yes"]
    scores = task.scores(examples, predictions, labels)
    assert next(iter(scores)) == "words"
    assert scores["words"] == pytest.approx(5 / 6)
    assert scores["accuracy"] == pytest.approx(2 / 3)
    counts = task.metric.counts(examples, predictions, labels)
    right = own.are_right(own.counts(examples, predictions, labels)).tolist()
    assert task.metric.are_right(counts).tolist() == right == [True, False, True]
    assert task.metric.scores_of_examples(counts).tolist() == [1, 0, 1]
    for name, message in {
        "accuracy": "no metric 'accuracy': name one of yours as my_package",
        "json:loads": "json:loads is not a subclass of charbert_tf.families.metric",
    }.items():
        with pytest.raises(UserError, match=message):
            find_metric(name)
    with pytest.raises(UserError, match="ClassificationMetric has no num_counts"):
        task.put_first(own)
