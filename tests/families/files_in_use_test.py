"""Labelled files as they are published: read, or refused with a remedy that works."""

import re
import subprocess

import pytest

from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.tsv_format import TsvFormat
from charbert_tf.families.tagging.conll_format import ConllFormat
from charbert_tf.files.errors import UserError

TSV = TsvFormat("sentence", "label")


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode())
    return path


def test_a_word_with_a_blank_in_a_file_of_columns(tmp_path, capsys):
    content = "I PRP B-NP O\n... I NNS B-NP O\nam VBP B-VP O\n\nYes UH O O\n"
    path = write(tmp_path, "attacked.txt", content)
    with pytest.raises(UserError, match="has 5 column"):
        ConllFormat().parse(path)
    file = ConllFormat(joins_words=True).parse(path)
    assert file.examples[0].words == ("I", "... I", "am")
    assert file.examples[0].tags == ("O", "O", "O")
    assert capsys.readouterr().err == f"{path}: 1 word(s) have blanks inside\n"
    assert file.attacked([{}, {}]).content.decode() == content


@pytest.mark.parametrize(
    "content",
    [
        "Rome\tB-LOC\t\n.\tO\t\n",
        "# newdoc id = d1\n# newpar\n# sent_id = 1\n# text = Rome.\n"
        "Rome\tB-LOC\n.\tO\n",
        "Rome B-LOC\r\n. O\r\n",
    ],
    ids=["trailing tabs", "CoNLL-U comments", "CRLF"],
)
def test_columns_are_read(tmp_path, content):
    (sentence,) = ConllFormat().read(write(tmp_path, "a.txt", content))
    assert (sentence.words, sentence.tags) == (("Rome", "."), ("B-LOC", "O"))


def test_trailing_tabs_of_rows(tmp_path):
    path = write(tmp_path, "a.tsv", "sentence\tlabel\ngood\t1\t\t\nbad\t0\n")
    assert [(e.text, e.label) for e in TSV.read(path)] == [("good", "1"), ("bad", "0")]


def remedy(error):
    return re.search("(python -c|tr) .*", str(error.value))[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'sentence,label\n"so ""good"", he said",1\n"two\nlines",0\n'),
        (
            "a.jsonl",
            '{"sentence": "so \\"good\\", he said", "label": 1}\n'
            '{"label": 0, "sentence": "two\\tlines"}\n',
        ),
    ],
)
def test_other_formats_name_a_command(tmp_path, name, content):
    path = write(tmp_path, name, content)
    with pytest.raises(UserError, match=r": is (CSV|JSON lines): make a TSV") as error:
        TSV.parse(path)
    with pytest.raises(UserError):
        ConllFormat().parse(path)
    subprocess.run(remedy(error), shell=True, check=True)
    assert [(e.text, e.label) for e in TSV.read(tmp_path / "a.tsv")] == [
        ('so "good", he said', "1"),
        ("two lines", "0"),
    ]


@pytest.mark.parametrize("format", [TSV, ConllFormat()], ids=["rows", "columns"])
def test_carriage_returns_alone(tmp_path, format):
    path = write(tmp_path, "old.txt", "sentence\tlabel\rgood\t1\rbad\t0\r")
    with pytest.raises(UserError, match="carriage returns alone") as error:
        format.parse(path)
    subprocess.run(remedy(error), shell=True, check=True, cwd=tmp_path)
    assert format.read(tmp_path / "new.txt")


def test_measurements_are_no_classes(tmp_path):
    def labels(values):
        rows = "".join(f"text {i}\t{value}\n" for i, value in enumerate(values))
        path = write(tmp_path, "train.tsv", f"sentence\tlabel\n{rows}")
        task = ClassificationTask("sentence", "label")
        return task.labels(task.format.read(path), str(path))

    for values in ([i / 7 for i in range(98)], range(98), ["-1e3", *range(60)]):
        with pytest.raises(UserError, match="different numbers in"):
            labels(values)
    assert len(labels([i % 20 for i in range(100)])) == 20
    assert labels([1.0, 0.5] * 30) == ["0.5", "1.0"]
