"""Classification's files without labels, such as GLUE's test sets: to be predicted."""

import io

import pytest

from charbert_tf.attacks import get_attack
from charbert_tf.families import DATA_SETS
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.files.errors import UserError

# Of GLUE's own: the header, two rows with quotes in them, and what is in their texts.
TEST_FILES = {
    "cola": (
        'index\tsentence\n0\tBill "whistled.\n1\tIt rains.\n',
        [('Bill "whistled.', None), ("It rains.", None)],
    ),
    "sst2": (
        'index\tsentence\n0\ta "fine film \n1\tdull\n',
        [('a "fine film ', None), ("dull", None)],
    ),
    "mrpc": (
        "\ufeffindex\t#1 ID\t#2 ID\t#1 String\t#2 String\n"
        '0\t5\t6\tHe "met.\tThey met.\n1\t7\t8\tIt rose.\tIt fell.\n',
        [('He "met.', "They met."), ("It rose.", "It fell.")],
    ),
    "qqp": (
        'id\tquestion1\tquestion2\n0\tWhy "so?\tHow?\n1\tWho?\tWhen?\n',
        [('Why "so?', "How?"), ("Who?", "When?")],
    ),
    "qnli": (
        'index\tquestion\tsentence\n0\tWho "wins?\tRome.\n1\tWho?\tIt rains.\n',
        [('Who "wins?', "Rome."), ("Who?", "It rains.")],
    ),
    "rte": (
        'index\tsentence1\tsentence2\n0\tRome "is.\tRome.\n1\tIt rains.\tNo.\n',
        [('Rome "is.', "Rome."), ("It rains.", "No.")],
    ),
}


@pytest.mark.parametrize("name", TEST_FILES)
def test_test_sets_of_glue(tmp_path, name):
    content, texts = TEST_FILES[name]
    path = str(tmp_path / "test.tsv")
    (tmp_path / "test.tsv").write_text(content)
    task = DATA_SETS[name].make()
    examples = task.read_to_predict(path)
    assert [(e.text, e.text_pair) for e in examples] == texts
    assert [(e.label, e.line, e.index) for e in examples] == [
        (None, 2, 0),
        (None, 3, 1),
    ]
    assert not task.are_labelled(examples)
    # No label that it has is one that a model lacks.
    task.check(examples, ["a", "b"], path)
    # Where labels are needed they are missed.
    for needs_labels in (
        lambda: task.read(path),
        lambda: task.attacked_file(path, get_attack("mix"), 0),
    ):
        with pytest.raises(UserError, match=r"test.tsv:1: no column '"):
            needs_labels()


def test_columns_of_your_own(tmp_path):
    task = ClassificationTask(1, 3, 2, header=False)
    path = tmp_path / "rows.tsv"
    path.write_text("a\tone\ttwo\n\nb\tthree\tfour\n")
    examples = task.read_to_predict(str(path))
    assert [(e.text, e.text_pair, e.label, e.line, e.index) for e in examples] == [
        ("one", "two", None, 1, 0),
        ("three", "four", None, 3, 1),
    ]


@pytest.mark.parametrize("name", ["cola", "sst2", "mrpc", "qnli", "rte"])
def test_a_file_with_labels_keeps_them(shared, name):
    folder = {"cola": "CoLA", "sst2": "SST-2"}.get(name, name.upper())
    path = str(shared / "data" / "glue" / folder / "dev.tsv")
    task = DATA_SETS[name].make()
    examples = task.read_to_predict(path)
    assert examples == task.read(path)
    assert task.are_labelled(examples)
    assert [example.index for example in examples] == list(range(len(examples)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\nx\t\n", ":2: the label is empty: "),
        ("a\tb\nx\t1\ny\n", r":3: the row has 1 column\(s\), the first line 2"),
        ("text\nx\n", ":1: no column 'a': the header has 'text'"),
        ("text\tb\nx\t1\n", ":1: no column 'a': the header has 'text', 'b'"),
        ("a\tb\tb\nx\t1\t1\n", ":1: two columns are named 'b': rename"),
        ("a\tc\nx\ty\nz\n", r":3: the row has 1 column\(s\), the first line 2"),
        ("a\tc\ta\nx\ty\tz\n", ":1: two columns are named 'a': rename"),
        ("a\n", ": no row in the file: "),
        ("", ": no row in the file: "),
    ],
)
def test_what_is_wrong_stays_wrong(tmp_path, content, message):
    (tmp_path / "rows.tsv").write_text(content)
    with pytest.raises(UserError, match=f"rows.tsv{message}"):
        ClassificationTask("a", "b").read_to_predict(str(tmp_path / "rows.tsv"))


def test_the_index_is_that_of_the_file(tmp_path, capsys):
    """Of a row of QQP that is left out, the others keep their place."""
    path = tmp_path / "test.tsv"
    path.write_text("id\tquestion1\tquestion2\n0\tWho?\tHow?\n1\tWhat\n2\tSo?\tWhy?\n")
    task = DATA_SETS["qqp"].make()
    examples = task.read_to_predict(str(path))
    assert capsys.readouterr().err == (f"{path}: left out 1 row(s) that lack columns\n")
    file = io.StringIO()
    task.prediction_writers()[".tsv"](file, examples, ["1", "0"])
    assert file.getvalue() == "index\tprediction\n0\t1\n2\t0\n"
