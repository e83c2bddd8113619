import json
import re

import pytest
import tensorflow as tf

TEXTS = ["a good film", "", "story and bad \U0001f3ac", "lovely " * 200]
CUT = (
    "1 of {} texts are longer than the model and cut: export it with "
    "--long_texts=windows to see all of them\n"
)


def lines_of(text):
    return text.removesuffix("\n").split("\n")


def test_a_classifier_on_standard_input_and_on_a_file(commands, exported, tmp_path):
    model = f"--model={exported[0]}/classifier/1"
    outcome = commands.run("predict", model, text="\n".join(TEXTS))
    assert outcome.returncode == 0
    assert commands.without_notices(outcome.stderr) == CUT.format(4)
    labels = []
    for line, text in zip(lines_of(outcome.stdout), TEXTS, strict=True):
        label, probability, printed = line.split("\t")
        assert re.fullmatch(r"[01]\.\d{3}", probability)
        assert 0.5 <= float(probability) <= 1
        assert printed == text
        labels.append(label)
    assert (labels[0], labels[3]) == ("good", "good")
    assert set(labels) <= {"good", "bad"}

    (tmp_path / "texts.txt").write_bytes("\r\n".join(TEXTS).encode() + b"\r\n")
    arguments = [model, f"--input={tmp_path}/texts.txt", "--batch_size=3"]
    from_file = commands.fork("predict", *arguments)
    assert from_file.returncode == 0
    assert commands.without_notices(from_file.stderr) == CUT.format(4)
    assert from_file.stdout == outcome.stdout
    (tmp_path / "texts_2.txt").write_text("a bad film\n")
    both = commands.fork("predict", model, f"--input={tmp_path}/texts*.txt")
    assert both.returncode == 0
    assert commands.without_notices(both.stderr) == CUT.format(5)
    *first, last = lines_of(both.stdout)
    assert first == lines_of(outcome.stdout)
    assert last.startswith("bad\t")


def test_a_tagger(commands, exported):
    model = f"--model={exported[0]}/tagger/1"
    outcome = commands.fork("predict", model, text="maria was from Rome.\n\notto\n")
    commands.assert_succeeded(outcome)
    *sentences, rest = outcome.stdout.split("\n\n")
    assert rest == ""
    words = [[line.split("\t")[0] for line in s.split("\n")] for s in sentences]
    assert words == [["maria", "was", "from", "Rome", "."], ["", "otto"]]
    # So small a model knows a person by heart, and that most words are none.
    assert sentences[0].startswith("maria\tB-PER\nwas\tO\nfrom\tO\nRome\tB-")


def test_pairs(commands, exported):
    model = f"--model={exported[0]}/pairs/1"
    pairs = "a good film\ta lovely story\na film\t\n"
    outcome = commands.fork("predict", model, text=pairs)
    commands.assert_succeeded(outcome)
    printed = [line.split("\t", 2) for line in lines_of(outcome.stdout)]
    assert [f"{text}\n" for _, _, text in printed] == pairs.splitlines(keepends=True)
    assert {label for label, _, _ in printed} <= {"good", "bad"}

    wrong = commands.fork("predict", model, text="a\tb\na film\n")
    message = "standard input:2: the line has 1 column(s): the model takes two texts"
    commands.assert_refused(wrong, message)


def test_standard_input_that_is_no_text_is_answered_all_the_same(commands, exported):
    model = f"--model={exported[0]}/classifier/1"
    outcome = commands.fork("predict", model, text="a good film\0\n\0\n")
    commands.assert_succeeded(outcome)
    assert len(lines_of(outcome.stdout)) == 2
    nothing = commands.fork("predict", model)
    commands.assert_succeeded(nothing)
    assert nothing.stdout == ""


def test_a_byte_order_mark_is_no_character(commands, exported):
    """As Windows puts one before what it pipes."""
    arguments = [f"--model={exported[0]}/tagger/1", "--format=json"]
    outcome = commands.fork("predict", *arguments, text="\ufeffmaria was\n")
    commands.assert_succeeded(outcome)
    assert json.loads(outcome.stdout)["starts"] == [0, 6]


def test_files_that_cannot_be_read(commands, exported, bad_files, tmp_path):
    for path, message in bad_files.items():
        arguments = [f"--model={exported[0]}/classifier/1", f"--input={path}"]
        commands.refuse("predict", arguments, f"{path}{message}", tmp_path)


@pytest.fixture
def foreign(tmp_path):
    """A SavedModel that somebody else made."""
    module = tf.Module()
    module.double = tf.function(
        lambda x: {"y": 2 * x}, input_signature=[tf.TensorSpec([None], name="x")]
    )
    tf.saved_model.save(module, str(tmp_path / "foreign"), signatures=module.double)
    return tmp_path / "foreign"


def test_folders_that_hold_no_exported_model(
    commands, finetuned, exported, foreign, tmp_path
):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_bytes(b"no graph")
    (tmp_path / "texts.txt").write_text("a film\n")
    none = ": is no exported model: name the folder that official.export"
    of_versions = exported[0] / "tagger"
    preset = finetuned[0] / "classifier" / "preset"
    messages = {
        tmp_path / "missing": ": no such folder: name the one that official.export",
        tmp_path: none,
        tmp_path / "broken": none,
        foreign: none,
        preset: ": is a preset, not an exported model: export it with official.export",
        of_versions: f": is no exported model: name one in it, {of_versions}/1",
    }
    for path, message in messages.items():
        arguments = [f"--model={path}", f"--input={tmp_path}/texts.txt"]
        commands.refuse("predict", arguments, f"{path}{message}", tmp_path)
    arguments = [f"--model={foreign}", "--batch_size=0"]
    commands.refuse("predict", arguments, "flag --batch_size=0: ", tmp_path)
