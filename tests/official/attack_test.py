import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from charbert_tf.attacks import ATTACKS, get_attack
from charbert_tf.families.question_answering.squad_format import SquadFormat
from charbert_tf.families.tagging.tagging_task import TaggingTask

ROOT = pathlib.Path(__file__).resolve().parents[2]

SENTENCES = (
    "-DOCSTART- -X- O\r\n\r\nAngela NNP B-PER\r\nMerkel NNP I-PER\r\nvisited VBD O\r\n"
    "Berlin NNP B-LOC\r\n. . O\r\n\r\n# id 7\r\n1996 CD O\r\nsummer NN O"
)
PAIRS = (
    "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n"
    "1\t17\t18\tThe film was boring .\tA boring film .\n\n"
    '0\t19\t20\tHe "said" nothing .\tShe said something .\n'
)
CONTEXT = "The actress Greta Garbo was born in Stockholm and lived in America."
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Greta Garbo",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "born",
                            "question": "Where was Garbo born?",
                            "answers": [{"text": "Stockholm", "answer_start": 36}],
                            "is_impossible": False,
                        }
                    ],
                }
            ],
        }
    ],
}


@pytest.fixture
def labelled(tmp_path):
    """A user's folder: a file of each family."""
    (tmp_path / "test.txt").write_bytes(SENTENCES.encode())
    (tmp_path / "dev.tsv").write_bytes(PAIRS.encode())
    (tmp_path / "dev.json").write_text(json.dumps(SQUAD))
    return tmp_path


def arguments(folder, task="conll2003", name="test.txt", *more):
    return [
        f"--task={task}",
        f"--input={folder / name}",
        f"--output={folder}/attacked/{name}",
        *more,
    ]


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("task", "name"),
    [("conll2003", "test.txt"), ("mrpc", "dev.tsv"), ("squad2", "dev.json")],
)
def test_no_family_needs_tensorflow(labelled, task, name):
    command = [sys.executable, "-X", "importtime", "-m", "official.attack"]
    run = subprocess.run(
        [*command, *arguments(labelled, task, name)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0
    assert (labelled / "attacked" / name).exists()
    heavy = r"\| +(tensorflow|tensorflow_datasets|keras|keras_nlp)$"
    assert not re.search(heavy, run.stderr, re.MULTILINE)


def test_a_file_of_words(commands, labelled):
    outcome = commands.run("attack", *arguments(labelled))
    commands.assert_succeeded(outcome)
    output = labelled / "attacked" / "test.txt"
    log = records(labelled / "attacked" / "test.txt.edits.jsonl")
    told = f"{output}: {len(log)} edit(s), listed in {output}.edits.jsonl\n"
    assert outcome.stdout == told
    assert 4 <= len(log) <= 5
    expected = SENTENCES
    for edit in log:
        line = SENTENCES.split("\r\n")[edit["line"] - 1]
        assert line.split()[0] == edit["old"]
        expected = expected.replace(f"\n{edit['old']} ", f"\n{edit['new']} ")
    assert output.read_bytes().decode() == expected

    # Again, from a compressed file to one, it is the same; so it is for evaluation.
    packed = labelled / "test.txt.gz"
    packed.write_bytes(gzip.compress(SENTENCES.encode()))
    commands.assert_succeeded(
        commands.fork("attack", *arguments(labelled, "conll2003", packed.name))
    )
    again = (labelled / "attacked" / packed.name).read_bytes()
    assert gzip.decompress(again) == output.read_bytes()
    task = TaggingTask()
    read = task.read(labelled / "test.txt")
    assert task.attacked(read, get_attack("mix"), 0) == task.read(output)


def test_a_protected_phrase_in_a_file_of_words(commands, labelled):
    (labelled / "names").write_text("ANGELA merkel\n")
    more = ("--attack=drop", f"--protected_words={labelled}/names")
    flags = arguments(labelled, "conll2003", "test.txt", *more)
    commands.assert_succeeded(commands.fork("attack", *flags))
    log = records(labelled / "attacked" / "test.txt.edits.jsonl")
    assert [edit["old"] for edit in log] == ["visited", "Berlin", "summer"]


def test_pairs_of_texts(commands, labelled):
    (labelled / "names").write_text("FILM\n\n nothing \n")
    flags = arguments(
        labelled,
        "mrpc",
        "dev.tsv",
        "--attack=case+swap",
        "--seed=3",
        "--minimum_length=6",
        f"--protected_words={labelled}/names",
        f"--log={labelled}/log",
    )
    commands.assert_succeeded(commands.fork("attack", *flags))
    log = records(labelled / "log")
    assert [edit["old"] for edit in log] == ["boring", "boring", "something"]
    assert [(edit["line"], edit["column"]) for edit in log] == [(2, 3), (2, 4), (4, 4)]
    lines = PAIRS.split("\n")
    for edit in reversed(log):
        cells = lines[edit["line"] - 1].split("\t")
        text, start = cells[edit["column"]], edit["start"]
        end = start + len(edit["old"])
        assert text[start:end] == edit["old"]
        cells[edit["column"]] = text[:start] + edit["new"] + text[end:]
        lines[edit["line"] - 1] = "\t".join(cells)
    output = (labelled / "attacked" / "dev.tsv").read_bytes()
    assert output.decode() == "\n".join(lines)


def test_questions_and_contexts(commands, labelled):
    before = SquadFormat().read(labelled / "dev.json")[0]
    for text, changes in (
        ("question", (True, False)),
        ("context", (False, True)),
        ("both", (True, True)),
    ):
        more = (f"--attacked_text={text}", "--attack=zero_width")
        flags = arguments(labelled, "squad2", "dev.json", *more)
        commands.assert_succeeded(commands.fork("attack", *flags))
        output = labelled / "attacked" / "dev.json"
        after = SquadFormat().read(output)[0]
        assert (
            after.text != before.text,
            after.context != before.context,
        ) == changes
        (answer,) = after.answers
        assert answer.text == "Stockholm"
        # Each of the words before it is a character longer.
        longer = sum(len(word) > 3 for word in CONTEXT[:36].split())
        assert answer.start == 36 + (longer if changes[1] else 0)
        # It is JSON of ASCII characters, as it was.
        assert b"\\u2" in output.read_bytes()
        shutil.rmtree(output.parent)


@pytest.mark.parametrize(
    ("task", "name"),
    [("conll2003", "test.txt"), ("mrpc", "dev.tsv"), ("squad2", "dev.json")],
)
def test_at_rate_0_not_a_byte_differs(commands, labelled, task, name):
    flags = arguments(labelled, task, name, "--rate=0")
    commands.assert_succeeded(commands.fork("attack", *flags))
    before, after = labelled / name, labelled / "attacked" / name
    assert after.read_bytes() == before.read_bytes()


def test_mistakes(commands, labelled, bad_files):
    input = labelled / "test.txt"
    (labelled / "link").symlink_to(input)
    (labelled / "folder").mkdir()
    (labelled / "mine").touch()
    (labelled / "new.edits.jsonl").touch()
    replaced = "--{} would replace another file of the command: name a file of its own"
    for more, message in (
        (["--attack=orc"], "no attack 'orc': choose one of drop, add, swap, "),
        (["--attack=none"], "no attack 'none': choose one of drop, "),
        (["--attack=ocr+"], "no attack '': choose one of drop, "),
        (["--rate=1.5"], "flag --rate=1.5: "),
        (["--minimum_length=2"], "flag --minimum_length=2: "),
        (["--seed=-1"], "flag --seed=-1: "),
        (["--protected_words=no/such"], "no/such: no such file: check the spelling"),
        (["--data=tfds"], "--data=tfds: it has no file to attack: name a file"),
        (
            ["--attacked_text=both"],
            "--attacked_text: for --task=question_answering and --task=squad1 and ",
        ),
        (
            ["--text_column=a"],
            "--text_column: for --task=embedding and --task=classification and "
            "--task=multi_label_classification and --task=regression only, ",
        ),
        ([f"--output={input}"], f"{input}: {replaced.format('output')}"),
        (
            [f"--output={labelled}/link"],
            f"{labelled}/link: {replaced.format('output')}",
        ),
        ([f"--log={input}"], f"{input}: {replaced.format('log')}"),
        (
            [f"--log={labelled}/attacked/test.txt"],
            f"{labelled}/attacked/test.txt: {replaced.format('log')}",
        ),
        ([f"--output={labelled}/mine"], f"{labelled}/mine: is there already: remove"),
        (
            [f"--output={labelled}/new"],
            f"{labelled}/new.edits.jsonl: is there already: remove",
        ),
        ([f"--output={labelled}/folder"], f"{labelled}/folder: is a folder: name a"),
        (["--task=squad2"], f"{input}:1: is not JSON"),
        (["--task=cola"], f"{input}:1: no column '3': "),
        (["--task=tagging", "--tag_column=9"], f"{input}:3: the line has 3 column(s)"),
    ):
        flags = [*arguments(labelled), *more]
        commands.refuse("attack", flags, message, labelled)
    for path, message in bad_files.items():
        flags = [*arguments(labelled), "--task=tagging", f"--input={path}"]
        commands.refuse("attack", flags, f"{path}{message}", labelled)


@pytest.mark.parametrize(
    ("rows", "rate", "name"),
    [
        (1_000, 1, "test.txt"),
        # There is room for one of the files.
        (400, 0.02, "test.txt"),
        (300, 1, "test.txt.edits.jsonl"),
    ],
)
def test_on_a_full_disk_nothing_appears(commands, labelled, rows, rate, name):
    (labelled / "test.txt").write_text("summer NN O\n" * rows)
    before = commands.contents(labelled)
    flags = arguments(labelled, "conll2003", "test.txt", f"--rate={rate}")
    outcome = commands.fork("attack", *flags, largest_file=4_000)
    (labelled / "attacked").rmdir()
    commands.assert_refused(outcome, f"{labelled}/attacked/{name}: cannot be written")
    assert commands.contents(labelled) == before


def test_an_attack_of_ones_own_is_named_by_its_place(commands, labelled, monkeypatch):
    (labelled / "my_typos.py").write_text(
        "from charbert_tf.attacks import Attack\n"
        "class Shout(Attack):\n"
        "    kind = 'shout'\n"
        "    def edits_by_place(self, word):\n"
        "        return [[word.upper()]]\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(labelled))
    flag = "--attack=my_typos:Shout"
    outcome = commands.run("attack", *arguments(labelled), flag)
    commands.assert_succeeded(outcome)
    log = records(labelled / "attacked" / "test.txt.edits.jsonl")
    assert [edit["new"] for edit in log] == [
        *("ANGELA", "MERKEL", "VISITED", "BERLIN", "SUMMER")
    ]
    flags = arguments(labelled, "conll2003", "test.txt", "--attack=drop+my_typos:Shuot")
    shutil.rmtree(labelled / "attacked")
    outcome = commands.run("attack", *flags)
    commands.assert_refused(
        outcome, "no attack: my_typos has no 'Shuot': choose my_typos:Shout, or one of"
    )


def test_help_names_all_attacks(commands):
    told = " ".join(commands.run("attack", "--help").stdout.split())
    assert f"{', '.join(ATTACKS)}; or several of these, joined by '+'" in told
