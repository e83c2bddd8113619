"""Attacked files: read, they are the attacked examples; all else is as it was."""

import bz2
import dataclasses
import gzip
import json
import re

import hypothesis
import pytest
from hypothesis import strategies as st

from charbert_tf.attacks import get_attack
from charbert_tf.families.classification.classification_task import ClassificationTask
from charbert_tf.families.question_answering.question_answering_task import (
    QuestionAnsweringTask,
)
from charbert_tf.families.tagging.tagging_task import TaggingTask
from charbert_tf.files.errors import UserError

NAMES = ["mix", "ocr+keyboard", "split+join+drop", "homoglyph+zero_width", "diacritics"]
ATTACK = st.builds(
    get_attack, st.sampled_from(NAMES), rate=st.sampled_from([0.4, 0.8, 1.0])
)
BOTH = QuestionAnsweringTask(attacked_text="both")

# What may stand in a column: no control characters, and nothing of the format's own.
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc"])
LETTERS = st.sampled_from("aeioRSTmnlé'語")
# One of a kind that no word of random ones is.
WORD = st.text(LETTERS, min_size=1, max_size=9) | st.text(
    CHARACTERS.filter(lambda character: character != " "), min_size=1, max_size=5
)
CELL = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
LINE_END = st.sampled_from(["\n", "\r\n"])
MARK = st.sampled_from(["", "\ufeff"])


def on_random(*strategies):
    def wrap(test):
        settings = hypothesis.settings(
            max_examples=100, deadline=None, derandomize=True, database=None
        )
        return settings(hypothesis.given(*strategies)(test))

    return wrap


def without_lines(examples):
    return [
        dataclasses.replace(example, line=0) if hasattr(example, "line") else example
        for example in examples
    ]


def check_file(task, path, content, attack, seed=0):
    """Checks what `Family.attacked_file` promises, and returns the file."""
    path.write_bytes(content)
    examples = task.read(path)
    attacked = task.attacked_file(path, attack, seed)
    unchanged = task.attacked_file(path, dataclasses.replace(attack, rate=0.0), seed)
    assert (unchanged.content, unchanged.edits) == (content, ())
    again = path.with_name(f"attacked_{path.name}")
    again.write_bytes(attacked.content)
    assert without_lines(task.read(again)) == without_lines(
        task.attacked(examples, attack, seed)
    )
    return attacked


@st.composite
def conll_files(draw):
    end, is_tabbed = draw(LINE_END), draw(st.booleans())
    word = CELL if is_tabbed else WORD
    tags = draw(st.sampled_from([["O", "B-LOC", "I-LOC"], ["NN", "VB", "O"]]))
    columns = st.tuples(word, st.just("_"), st.sampled_from(tags))
    blocks = []
    for _ in range(draw(st.integers(1, 3))):
        rows = draw(st.lists(columns, min_size=1, max_size=5))
        separator = "\t" if is_tabbed else draw(st.sampled_from([" ", "  "]))
        blocks.append("".join(separator.join(row) + end for row in rows))
        blocks.append(
            draw(st.sampled_from([end, f" {end}", f"-DOCSTART- -X- O{end}{end}"]))
        )
    text = draw(MARK) + "".join(blocks)
    return text.rstrip("\r\n") if draw(st.booleans()) else text


def test_conll_files(tmp_path):
    @on_random(conll_files(), ATTACK)
    def check(text, attack):
        attacked = check_file(
            TaggingTask(), tmp_path / "a.txt", text.encode(), attack
        ).content.decode()
        # The same but for words, and as many lines as words have become.
        assert attacked.startswith("\ufeff") == text.startswith("\ufeff")
        assert attacked.endswith("\n") == text.endswith("\n")
        assert attacked.count("\r") in (0, attacked.count("\n"))
        blanks = r"(?m)^(?: *|-DOCSTART-.*)\r?$"
        assert re.findall(blanks, attacked) == re.findall(blanks, text)

    check()


@pytest.mark.parametrize("is_pair", [False, True])
def test_tsv_files(tmp_path, is_pair):
    task = ClassificationTask("b", "d", "c" if is_pair else None)
    rows = st.lists(st.tuples(CELL, CELL, CELL, st.just(" 1")), min_size=1, max_size=4)

    @on_random(MARK, rows, LINE_END, st.booleans(), ATTACK)
    def check(mark, rows, end, has_end, attack):
        lines = ["a\tb\tc\td", *map("\t".join, rows)]
        text = mark + end.join(lines) + (end if has_end else "")
        attacked = check_file(task, tmp_path / "a.tsv", text.encode(), attack).content
        lines = attacked.decode().removeprefix(mark).split(end)
        assert lines[0] == "a\tb\tc\td"
        assert len(lines) == 1 + len(rows) + has_end
        for row, line in zip(rows, lines[1:], strict=False):
            first, _, third, last = line.split("\t")
            assert (first, last) == (row[0], row[3])
            assert is_pair or third == row[2]

    check()


@st.composite
def squad_files(draw):
    contexts = draw(st.lists(st.text(max_size=30) | CELL, min_size=1, max_size=3))
    paragraphs = []
    for number, context in enumerate(contexts):
        questions = [
            {"question": draw(CELL), "id": f"{number} {i}"} | _answers(draw, context)
            for i in range(draw(st.integers(1, 3)))
        ]
        paragraph = {"context": context, "qas": questions}
        if draw(st.booleans()):
            paragraph = dict(reversed(paragraph.items()))
        paragraphs.append(paragraph)
    text = json.dumps(
        {"version": "v2.0 [{", "data": [{"title": 'a "b"', "paragraphs": paragraphs}]},
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 1])),
    )
    return draw(MARK) + text.replace("\n", draw(LINE_END))


def _answers(draw, context):
    start = draw(st.integers(0, len(context)))
    text = context[start : draw(st.integers(start, len(context)))]
    answer = {"text": text, "answer_start": start}
    if text.strip() and draw(st.booleans()):
        return {"answers": [answer], "is_impossible": False}
    return {"answers": [], "is_impossible": True, "plausible_answers": [answer]}


def test_squad_files(tmp_path):
    @on_random(squad_files(), ATTACK)
    def check(text, attack):
        path = tmp_path / "a.json"
        attacked = check_file(BOTH, path, text.encode(), attack).content.decode()
        # Without its texts and places, the file is the same.
        assert _skeleton(attacked) == _skeleton(text)
        for paragraph in json.loads(attacked.removeprefix("\ufeff"))["data"][0][
            "paragraphs"
        ]:
            for question in paragraph["qas"]:
                for answer in question.get("plausible_answers", ()):
                    start = answer["answer_start"]
                    assert paragraph["context"].startswith(answer["text"], start)

    check()


def _skeleton(text):
    return re.sub(r'"(?:[^"\\]|\\.)*"|\d+', "_", text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.sampled(3)
def test_attacks_on_the_real_files(shared, tmp_path, name):
    data = shared / "data"
    for task, place, most in (
        (TaggingTask(), "wnut17/dev.txt", 3_000),
        (ClassificationTask(3, 1, header=False), "glue/CoLA/dev.tsv", 300),
        (ClassificationTask(3, 0, 4), "glue/MRPC/dev.tsv", 100),
        (BOTH, "squad/dev-v2.0.json", None),
    ):
        content = (data / place).read_bytes()
        if most is not None:
            content = b"".join(content.splitlines(keepends=True)[:most])
        path = tmp_path / (data / place).name
        attacked = check_file(task, path, content, get_attack(name, rate=0.5), seed=7)
        assert attacked.edits
        assert attacked.content != content


def test_only_what_changes_is_written_anew(tmp_path):
    path = tmp_path / "a.json"
    text = (
        '{ "data" :[{"paragraphs":[ {"qas" : [{"id":"1", "question":"\\u0057ho?",\n'
        '"answers":[{"answer_start" :14 , "text":"Ro\\u006de"}],"other":["Milan"]}],'
        '"context":"Milan \\/ \\ud83d\\ude00\\t\\"or Rome" }]}], "x": 1.0e3}\r\n'
    )
    path.write_text(text, newline="")
    attack = get_attack("zero_width", minimum_length=5)
    attacked = BOTH.attacked_file(path, attack, seed=0)
    (edit,) = attacked.edits
    new = edit.pop("new")
    assert len(new) == 6
    assert edit == {
        **{"example": 0, "id": "1", "text": "context", "start": 0, "word": 0},
        **{"kind": "zero_width", "old": "Milan"},
    }
    expected = text.replace('t":"Milan', f't":{json.dumps(new)[:-1]}')
    assert attacked.content.decode() == expected.replace(":14", ":15")
    assert BOTH.read(path)[0].answers[0].start == 14


@pytest.mark.parametrize(
    ("content", "attacked"),
    [
        # The end of the file, with and without a line end.
        ("Rome NN B-LOC\n", "{} NN B-LOC\n{} NN I-LOC\n"),
        ("Rome NN B-LOC", "{} NN B-LOC\n{} NN I-LOC"),
        ("\ufeffRome NN B-LOC", "\ufeff{} NN B-LOC\n{} NN I-LOC"),
        ("in IN O\r\nRome NN O", "in IN O\r\n{} NN O\r\n{} NN O"),
        # Alternatives, tabs, spaces around columns.
        ("Rome\tB-LOC,B-ORG\n", "{}\tB-LOC,B-ORG\n{}\tI-LOC,I-ORG\n"),
        (" Rome  NN  I-LOC \n", " {}  NN  I-LOC \n {}  NN  I-LOC \n"),
        ("Rome\t a \t NN\n", "{}\t a \t NN\n{}\t a \t NN\n"),
    ],
)
def test_a_split_word_is_two_lines(tmp_path, content, attacked):
    path = tmp_path / "a.txt"
    path.write_bytes(content.encode())
    file = TaggingTask().attacked_file(path, get_attack("split"), seed=0)
    (edit,) = file.edits
    assert edit["line"] == content.count("\n", 0, content.index("Rome")) + 1
    assert edit["new"].replace(" ", "") == "Rome"
    assert file.content.decode() == attacked.format(*edit["new"].split(" "))


@pytest.mark.parametrize(
    ("content", "attacked"),
    [
        ("Rome B-LOC\nCity I-LOC\n", "RomeCity B-LOC\n"),
        ("Rome B-LOC\r\nCity I-LOC", "RomeCity B-LOC"),
        ("Rome I-LOC\nCity I-LOC\n\nin O\n", "RomeCity I-LOC\n\nin O\n"),
        ("Rome B-LOC\nCity B-LOC\n", "Rome B-LOC\nCity B-LOC\n"),
        ("Rome NN\nCity VB\n", "Rome NN\nCity VB\n"),
    ],
)
def test_joined_words_are_one_line(tmp_path, content, attacked):
    path = tmp_path / "a.txt"
    path.write_bytes(content.encode())
    file = TaggingTask().attacked_file(path, get_attack("join"), seed=0)
    assert file.content.decode() == attacked


@pytest.mark.parametrize("name", ["split", "join"])
def test_of_other_schemes_than_iob_no_word_is_parted_or_joined(tmp_path, name):
    path = tmp_path / "a.txt"
    path.write_text("Angela B-PER\nMerkel E-PER\n\nParis S-LOC\nParis S-LOC\n")
    task, attack = TaggingTask(), get_attack(name)
    with pytest.raises(UserError, match=f"{path}:2: the tag 'E-PER' stands among IOB"):
        task.attacked_file(path, attack, seed=0)
    dropped = task.attacked_file(path, get_attack("drop"), seed=0)
    assert len(dropped.edits) == 4
    # A program that has the sentences in memory is told as well.
    sentences = task.read(path)
    with pytest.raises(UserError, match=r"^examples:2: the tag 'E-PER' stands among"):
        task.attacked(sentences, attack, seed=0)
    dropped = task.attacked(sentences, get_attack("drop"), seed=0)
    assert [sentence.tags for sentence in dropped] == [
        ("B-PER", "E-PER"),
        ("S-LOC", "S-LOC"),
    ]


def test_it_is_written_whole_and_alike(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Rome NN\n" * 50)
    attacked = TaggingTask().attacked_file(path, get_attack("mix"), seed=0)
    for name, unpack in (("a.gz", gzip.decompress), ("a.bz2", bz2.decompress)):
        attacked.write(tmp_path / name, log=tmp_path / "log")
        packed = (tmp_path / name).read_bytes()
        attacked.write(tmp_path / name)
        assert (tmp_path / name).read_bytes() == packed
        assert unpack(packed) == attacked.content
        again = TaggingTask().attacked_file(tmp_path / name, get_attack("drop"), 0)
        assert len(again.content.splitlines()) == 50
    lines = (tmp_path / "log").read_text().splitlines()
    assert tuple(map(json.loads, lines)) == attacked.edits
    attacked.write(tmp_path / "new.txt", log=tmp_path / "log.bz2")
    assert bz2.decompress((tmp_path / "log.bz2").read_bytes()) == (
        (tmp_path / "log").read_bytes()
    )
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        attacked.write(tmp_path / "new", log=tmp_path / "folder")
    assert not (tmp_path / "new").exists()
