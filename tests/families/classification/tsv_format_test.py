"""TSV files: GLUE's own, columns by name and by number, and rows that lack some."""

import dataclasses

import pytest

from charbert_tf.attacks import get_attack
from charbert_tf.families import DATA_SETS
from charbert_tf.families.classification.labelled_text import LabelledText, label_names
from charbert_tf.families.classification.tsv_format import TsvFormat
from charbert_tf.families.data_sets.glue import GLUE_COLUMNS
from charbert_tf.files.errors import UserError


# The sizes are those of the GLUE paper (MRPC's training file here lacks a row of its
# 3,668); the last column is an example that has quotes in it.
@pytest.mark.parametrize(
    ("task", "name", "count", "labels", "quoting"),
    [
        ("cola", "CoLA/train.tsv", 8_551, ["0", "1"], None),
        ("cola", "CoLA/dev.tsv", 1_043, ["0", "1"], None),
        ("sst2", "SST-2/train.tsv", 67_349, ["0", "1"], None),
        ("sst2", "SST-2/dev.tsv", 872, ["0", "1"], None),
        ("mrpc", "MRPC/train.tsv", 3_667, ["0", "1"], (0, 'the witness " , of')),
        ("mrpc", "MRPC/dev.tsv", 408, ["0", "1"], None),
        ("qnli", "QNLI/dev.tsv", 5_463, ["entailment", "not_entailment"], None),
        ("rte", "RTE/train.tsv", 2_490, ["entailment", "not_entailment"], None),
        ("rte", "RTE/dev.tsv", 277, ["entailment", "not_entailment"], None),
    ],
)
def test_glue_files(shared, task, name, count, labels, quoting):
    path = shared / "data" / "glue" / name
    examples = TsvFormat(**GLUE_COLUMNS[task]).read(path)
    assert len(examples) == count
    assert label_names(examples) == labels
    assert all(len(example.text) > 1 for example in examples)
    is_pair_task = "text_pair_column" in GLUE_COLUMNS[task]
    assert all((e.text_pair is not None) == is_pair_task for e in examples)
    lines = path.read_text("utf-8-sig").split("\n")
    for example in examples[::101]:
        for part in (example.text, example.text_pair or "", example.label):
            assert part in lines[example.line - 1].split("\t") or not part
    if quoting:
        row, words = quoting
        assert words in examples[row].text


def test_rows_of_qqp_that_lack_columns(tmp_path, capsys):
    """As in GLUE's own file: left out, told of, and as they were when attacked."""
    path = tmp_path / "train.tsv"
    path.write_text(
        "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
        "1\t1\t2\tquestioning\tanswering\t0\n"
        "2\t1\t2\tWhat is the\n"
        "3\t1\t2\tfine\tgood\t1\n"
    )
    task = DATA_SETS["qqp"].make()
    examples = task.read(str(path))
    assert [(e.text, e.text_pair, e.line, e.index) for e in examples] == [
        ("questioning", "answering", 2, 0),
        ("fine", "good", 4, 2),
    ]
    told = f"{path}: left out 1 row(s) that lack columns\n"
    assert capsys.readouterr() == ("", told)
    attacked = task.attacked_file(str(path), get_attack("drop"), 0).content
    lines, attacked = path.read_text().split("\n"), attacked.decode().split("\n")
    assert [line == other for line, other in zip(lines, attacked, strict=True)] == [
        *(True, False, True, False, True)
    ]
    with pytest.raises(UserError, match=":3: the row has 4 column"):
        TsvFormat("question1", "is_duplicate").read(path)


def test_columns_by_name_and_by_index(tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text("1\ttext\tb\nyes\tso \"so\t'it\n\nno\t\tis\n")
    expected = [
        LabelledText('so "so', "'it", "yes", 2, index=0),
        LabelledText("", "is", "no", 4, index=1),
    ]
    assert TsvFormat("text", 0, "b").read(path) == expected
    assert TsvFormat(1, "0", "2").read(path) == expected
    # A name in the header goes before an index.
    assert TsvFormat("text", "1").read(path)[0].label == "yes"
    with_first_line = TsvFormat(1, 0, 2, header=False).read(path)
    assert with_first_line == [
        LabelledText("text", "b", "1", 1, index=0),
        *(dataclasses.replace(row, index=row.index + 1) for row in expected),
    ]
