"""Labelled files as they are published: read, or refused with a remedy that works."""

import gzip
import re
import shlex
import subprocess
import sys

import pytest

from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.classification.multi_label_task import MultiLabelTask
from charbert_tf.families.classification.tsv_format import TsvFormat
from charbert_tf.families.tagging.conll_format import ConllFormat
from charbert_tf.files.errors import UserError

TSV = TsvFormat("sentence", "label")


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode())
    return path


@pytest.mark.parametrize("is_first", [False, True])
def test_a_word_with_a_blank_in_a_file_of_columns(tmp_path, capsys, is_first):
    lines = ["I PRP B-NP O\n", "... I NNS B-NP O\n", "am VBP B-VP O\n"]
    if is_first:
        lines = [lines[1], lines[0], lines[2]]
    content = "".join(lines) + "\nYes UH O O\n"
    path = write(tmp_path, "attacked.txt", content)
    with pytest.raises(UserError, match="columns"):
        ConllFormat().parse(path)
    file = ConllFormat(joins_words=True).parse(path)
    words = ["I", "... I", "am"]
    assert sorted(file.examples[0].words) == sorted(words)
    assert file.examples[0].words[not is_first] == "... I"
    assert file.examples[0].tags == ("O", "O", "O")
    assert capsys.readouterr().err == f"{path}: 1 word(s) have blanks inside\n"
    assert file.attacked([{}, {}]).content.decode() == content
    path = write(tmp_path, "attacked.txt", f"{content}too O\n")
    with pytest.raises(UserError, match=r":6: the line has 2 column\(s\), most words"):
        ConllFormat(joins_words=True).parse(path)


CONLL_U = """# newdoc id = d1
# sent_id=1
# a remark of any kind
# text = du pain
1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_
1\tde\tde\tADP\t_\t_\t3\tcase\t_\t_
2\tle\tle\tDET\t_\t_\t3\tdet\t_\t_
3\tpain\tpain\tNOUN\t_\t_\t0\troot\t_\tSpaceAfter=No
3.1\tmangé\t_\tVERB\t_\t_\t_\t_\t_\t_

1\t#\t#\tSYM\t_\t_\t0\troot\t_\t_
"""


def test_conll_u(tmp_path, capsys):
    path = write(tmp_path, "fr.conllu", CONLL_U)
    for columns in ({"word_column": 1, "tag_column": 3}, {"word_column": -9}):
        file = ConllFormat(**{"tag_column": -7, **columns}).parse(path)
        assert [(s.words, s.tags) for s in file.examples] == [
            (("de", "le", "pain"), ("ADP", "DET", "NOUN")),
            (("#",), ("SYM",)),
        ]
        told = f"{path}: left out 2 line(s) that are no word, such as 1-2\n"
        assert capsys.readouterr().err == told
        assert file.attacked([{}, {}]).content.decode() == CONLL_U
    with pytest.raises(UserError, match=r"--word_column=1 --tag_column=3$"):
        ConllFormat().parse(path)


@pytest.mark.parametrize(
    "content", ["1 O\n2 B-X\n", "1 NN O\n2 NN B-X\n", "1\tNN\tO\n2\tNN\tB-X\n"]
)
def test_numbers_that_are_words(tmp_path, content):
    (sentence,) = ConllFormat().read(write(tmp_path, "a.txt", content))
    assert (sentence.words, sentence.tags) == (("1", "2"), ("O", "B-X"))


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


def take_remedy(error, folder):
    """Runs the command that an error names, and returns the file that it makes."""
    command = re.search("(python -c|tr) .*", str(error.value))[0]
    python = shlex.quote(sys.executable)
    command = re.sub("^python ", f"{python} ", command)
    subprocess.run(command, shell=True, check=True, cwd=folder)
    return folder / shlex.split(command)[-1]


ROWS = [('so "good", he said', "1"), ("two lines", "0")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'sentence,label\n"so ""good"", he said",1\n"two\nlines",0\n'),
        ("b c.CSV", '\ufeffsentence;label\r\n"so ""good"", he said";1\r\ntwo lines;0'),
        (
            "a.jsonl",
            '{"sentence": "so \\"good\\", he said", "label": 1}\n'
            '{"label": 0, "sentence": "two\\tlines"}\n',
        ),
        (
            "of several.json",
            '{"label": 1, "sentence": "so \\"good\\", he said"}\n\n'
            '{"label": "0", "more": {"a": [1]}, "sentence": "two\\nlines"}\n',
        ),
        (
            "list.json",
            '[{"sentence": "so \\"good\\", he said", "label": 1},\n'
            '{"sentence": "two lines", "label": 0, "pair": null}]',
        ),
    ],
)
@pytest.mark.parametrize("end", ["", ".gz"])
def test_other_formats_name_a_command(tmp_path, name, content, end):
    path = write(tmp_path, name, content)
    if end:
        path.with_name(name + end).write_bytes(gzip.compress(path.read_bytes()))
        path = path.with_name(name + end)
    with pytest.raises(UserError, match=r": is (CSV|JSON lines|JSON): make a TSV"):
        TSV.read_to_predict(path)
    with pytest.raises(UserError) as error:
        TSV.parse(path)
    # A file of the user's is not written over.
    taken = write(tmp_path, f"{name.rpartition('.')[0]}.tsv", "mine")
    with pytest.raises(UserError) as other:
        TSV.parse(path)
    assert take_remedy(other, tmp_path).name.endswith(".converted.tsv")
    assert taken.read_text() == "mine"
    assert [(e.text, e.label) for e in TSV.read(take_remedy(error, tmp_path))] == ROWS


def test_what_a_record_may_lack(tmp_path):
    path = write(
        tmp_path, "a.jsonl", '{"sentence": "a"}\n{"sentence": "b", "label": null}\n'
    )
    with pytest.raises(UserError) as error:
        TSV.parse(path)
    with pytest.raises(UserError, match=":2: the label is empty"):
        TSV.parse(take_remedy(error, tmp_path))
    path = write(tmp_path, "a.json", '{"data": [\n]}')
    with pytest.raises(UserError, match="is JSON: make a TSV file of it: the names of"):
        TSV.parse(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "kaggle.csv",
            "Sentence #,Word,POS,Tag\nSentence: 1,In,IN,O\n,Rome,NNP,B-geo\n"
            'Sentence: 2,",",",",O\n',
        ),
        ("ids.csv", 'sent_id,token,tag\n0,In,O\n0,Rome,B-geo\n1,",",O\n'),
        ("words.csv", 'word,tag\nIn,O\nRome,B-geo\n\n",",O\n'),
        ("bare.csv", 'In,IN,O\nRome,NNP,B-geo\n\n",",",",O\n'),
        (
            "a.jsonl",
            '{"id": "0", "tokens": ["In", "Rome"], "pos": [1, 2], '
            '"ner_tags": ["O", "B-geo"]}\n'
            '{"id": "1", "tokens": [","], "pos": [3], "ner_tags": ["O"]}\n',
        ),
        (
            "a.json",
            '[{"tokens": ["In", "Rome"], "tags": ["O", "B-geo"]},\n'
            ' {"tokens": [","], "tags": ["O"]}]',
        ),
    ],
)
def test_other_formats_of_words_and_tags(tmp_path, name, content):
    path = write(tmp_path, name, content)
    with pytest.raises(UserError, match="make a file with a word and its tag") as error:
        ConllFormat().parse(path)
    sentences = ConllFormat().read(take_remedy(error, tmp_path))
    assert [(s.words, s.tags) for s in sentences] == [
        (("In", "Rome"), ("O", "B-geo")),
        ((",",), ("O",)),
    ]


def test_spans_are_no_tags_of_words(tmp_path):
    path = write(tmp_path, "a.jsonl", '{"text": "In Rome", "label": [[3, 7, "geo"]]}\n')
    with pytest.raises(UserError, match="JSON lines: make a file with a word and its"):
        ConllFormat().parse(path)


@pytest.mark.parametrize(
    ("format", "rows", "end"),
    [(TSV, 2, "\n"), (TSV, 75_000, "\r"), (ConllFormat(), 2, "\r")],
    ids=["but in the header", "a long file", "columns"],
)
def test_carriage_returns_alone(tmp_path, format, rows, end):
    row = "good\t1\rbad\t0\r"
    path = write(tmp_path, "old file.txt", f"sentence\tlabel{end}{rows * row}")
    with pytest.raises(UserError, match="carriage returns alone") as error:
        format.parse(path)
    examples = format.read(take_remedy(error, tmp_path))
    assert len(examples) == (2 * rows if format is TSV else 1)


def test_measurements_are_no_classes(tmp_path):
    def labels(values, cls=ClassificationTask):
        rows = "".join(f"text {i}\t{value}\n" for i, value in enumerate(values))
        path = write(tmp_path, "train.tsv", f"sentence\tlabel\n{rows}")
        task = cls("sentence", "label")
        return task.labels(task.format.read(path), str(path))

    for values in (
        [i / 7 for i in range(98)],
        range(98),
        ["-1e3", *range(60)],
        [3.2, 4.75, 1.5],
        ["3,2", "4,75", "1,5"],
        ["nan", *(i / 7 for i in range(30))],
    ):
        for cls in (ClassificationTask, MultiLabelTask):
            if "3,2" not in values or cls is ClassificationTask:
                with pytest.raises(UserError, match="take --task=regression, which"):
                    labels(values, cls)
    assert len(labels([i % 20 for i in range(100)])) == 20
    assert len(labels(["low", *range(8)])) == 9
    assert labels([1.0, 0.5] * 30) == ["0.5", "1.0"]
