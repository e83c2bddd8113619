"""Preparing data: the text's words once, the same files however it went."""

import bz2
import collections
import gzip
import json
import pathlib
import random
import re
import shutil
import signal
import time
import unicodedata

import numpy as np
import pytest
import tensorflow as tf

from charbert_tf.corpus.blocks import decode_blocks
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder

WORDS = ["the", "a", "film", "Story", "music", "Köln", "naïve", "1984", "don't", "U.S."]
SMALL = ["--vocabulary_size=150", "--num_characters=30", "--num_words=9", "--shards=3"]


def random_lines(rng, count):
    """Lines of sentences; every tenth is empty."""
    return [
        " ".join(
            " ".join(rng.choices(WORDS, k=rng.randint(1, 20))) + rng.choice(".!?")
            for _ in range(rng.randint(1, 4) if number % 10 else 0)
        )
        for number in range(count)
    ]


@pytest.fixture(scope="session")
def text(tmp_path_factory):
    """A folder of text in every form, with copies in and across files."""
    folder = tmp_path_factory.mktemp("text")
    lines = random_lines(random.Random(0), 400)
    # Copies, but for case and white space.
    lines[120], lines[333] = lines[11].upper(), f"  {lines[17]}\t"
    lines[377] = "* * *"
    (folder / "a.txt").write_text("\n".join(lines[:150]), encoding="utf-8")
    with gzip.open(folder / "b.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines[150:300]))
    with bz2.open(folder / "c.txt.bz2", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines[300:]))
    articles = [
        {"title": f"T{n}", "text": f"T{n}\n{lines[n]}\nOf {n}."} for n in range(5, 40)
    ]
    (folder / "wiki_00").write_text("".join(json.dumps(a) + "\n" for a in articles))
    return folder


@pytest.fixture(scope="session")
def cleaned(text):
    """What is left of it, by other means: each file's documents of paragraphs."""
    seen, files = set(), []
    for path in sorted(text.iterdir()):
        openers = {".gz": gzip.open, ".bz2": bz2.open}
        with openers.get(path.suffix, open)(path, "rt", encoding="utf-8") as file:
            content = file.read()
        if path.name == "wiki_00":
            articles = map(json.loads, content.splitlines())
            documents = [a["text"].split("\n")[1:] for a in articles]
        else:
            documents = [d.split("\n") for d in re.split(r"\n\s*\n", content)]
        kept = []
        for document in documents:
            paragraphs = [" ".join(paragraph.split()) for paragraph in document]
            kept.append([])
            for paragraph in paragraphs:
                if re.search(r"\w", paragraph) and paragraph.casefold() not in seen:
                    seen.add(paragraph.casefold())
                    kept[-1].append(f"{paragraph}\n")
        files.append("\n".join("".join(document) for document in kept if document))
    return files


@pytest.fixture(scope="session")
def prepared(commands, text, tmp_path_factory):
    """A prepared folder, and what was printed."""
    folder = tmp_path_factory.mktemp("prepared") / "prepared"
    outcome = commands.fork("prepare_data", *arguments(text, folder))
    commands.assert_succeeded(outcome)
    return folder, outcome.stdout


def arguments(text, output, workers=1):
    return [
        f"--input={text}/*",
        f"--output={output}",
        f"--workers={workers}",
        "--sequence_length=32",
        *SMALL,
    ]


def read_blocks(folder):
    """Each block's position, text and number of tokens."""
    paths = sorted(map(str, folder.glob("blocks/*.tfrecord")))
    for record in tf.data.TFRecordDataset(paths).batch(100):
        blocks = {k: v.numpy().tolist() for k, v in decode_blocks(record).items()}
        yield from zip(
            blocks["position"],
            (text.decode() for text in blocks["text"]),
            blocks["tokens"],
            strict=True,
        )


def test_blocks_are_the_cleaned_text(prepared, cleaned):
    folder, stdout = prepared
    index = json.loads((folder / "blocks" / "index.json").read_text())
    blocks = list(read_blocks(folder))
    for number, expected in enumerate(cleaned):
        in_order = sorted(block for block in blocks if block[0][0] == number)
        assert "".join(text for _, text, _ in in_order) == expected
    # In no such order in the files.
    assert blocks != sorted(blocks)

    tokenizer = VocabularyFolder(str(folder / "vocabulary")).tokenizer()
    in_order = sorted(blocks)
    tokens = tokenizer([text for _, text, _ in in_order]).to_list()
    assert [len(ids) for ids in tokens] == [count for *_, count in in_order]
    # Every token once.
    assert [i for ids in tokens for i in ids] == [
        i for text in cleaned for i in tokenizer(text)
    ]
    most = index["tokens_per_block"]
    assert max(map(len, tokens)) <= most < 30

    documents = sum(text.count("\n\n") + 1 for text in cleaned)
    paragraphs = sum(len(re.findall(".\n", text)) for text in cleaned)
    copies = index["text"]["copies"]
    assert copies > 35 - 5
    summary = re.fullmatch(
        r"Cleaned ([\d,]+) documents: ([\d,]+) paragraphs, ([\d,]+) words; left out "
        r"([\d,]+) copies of paragraphs\nSaved (.*): ([\d,]+) blocks of at most (\d+) "
        r"tokens, ([\d,]+) in all, in 3 files\n",
        stdout,
    )
    words = sum(
        int(line.split("\t")[1])
        for line in (folder / "vocabulary" / "word_counts.tsv").open()
    )
    total = sum(map(len, tokens))
    numbers = [documents, paragraphs, words, copies, folder, len(blocks), most, total]
    assert [group.replace(",", "") for group in summary.groups()] == [
        str(number) for number in numbers
    ]


@pytest.mark.slow
def test_vocabularies_are_those_of_the_cleaned_text(
    commands, prepared, cleaned, tmp_path
):
    folder, _ = prepared
    (tmp_path / "cleaned.txt").write_text("".join(cleaned), encoding="utf-8")
    outcome = commands.fork(
        "build_vocabulary",
        f"--input={tmp_path}/cleaned.txt",
        f"--output={tmp_path}/vocabulary",
        *SMALL[:3],
    )
    commands.assert_succeeded(outcome)
    made = commands.contents(folder / "vocabulary")
    counts = {name: made.pop(name) for name in list(made) if name.suffix == ".tsv"}
    assert made == commands.contents(tmp_path / "vocabulary")
    occurrences = collections.Counter("".join("".join(cleaned).split()))
    for name, entry, count in (
        ("character_counts.tsv", "ö", occurrences["ö"]),
        ("word_counts.tsv", ".", occurrences["."]),
    ):
        lines = counts[pathlib.Path(name)].decode().splitlines()
        assert f"{entry}\t{count}" in lines
        numbers = [int(line.split("\t")[1]) for line in lines]
        assert numbers == sorted(numbers, reverse=True)


@pytest.mark.slow
def test_two_processes_make_the_same_files(commands, prepared, text, tmp_path):
    outcome = commands.fork("prepare_data", *arguments(text, tmp_path / "out", 2))
    commands.assert_succeeded(outcome)
    assert commands.contents(tmp_path / "out") == commands.contents(prepared[0])


def wait_for(process, folder, pattern):
    while not any(folder.glob(pattern)):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.001)


@pytest.mark.slow
def test_what_is_killed_goes_on_to_the_same_files(commands, prepared, text, tmp_path):
    output = tmp_path / "out"
    for stage in ("cleaned", "blocks"):
        process = commands.start("prepare_data", *arguments(text, output))
        wait_for(process, output, f".{stage}.*.partial/{stage}/**/*")
        process.kill()
        assert commands.finish(process).returncode == -signal.SIGKILL
        assert not (output / "blocks").exists()
    left = {path.name for path in output.iterdir() if path.suffix != ".partial"}
    assert left == {"cleaned", "settings.json", "vocabulary"}
    outcome = commands.fork("prepare_data", *arguments(text, output))
    commands.assert_succeeded(outcome)
    assert commands.contents(output) == commands.contents(prepared[0])


def test_what_is_finished_stays(commands, prepared, text):
    folder, _ = prepared
    before = commands.contents(folder)
    outcome = commands.fork("prepare_data", *arguments(text, folder))
    commands.assert_succeeded(outcome)
    assert outcome.stdout == f"{folder} is finished already.\n"
    message = f"{folder}: holds a run of other settings (--num_words was 9 and is now 8"
    commands.refuse(
        "prepare_data", [*arguments(text, folder), "--num_words=8"], message, folder
    )
    assert commands.contents(folder) == before


@pytest.mark.slow
def test_text_that_has_changed_is_not_mixed(commands, prepared, text, tmp_path):
    output = shutil.copytree(prepared[0], tmp_path / "out")
    changed = shutil.copytree(text, tmp_path / "text")
    (changed / "a.txt").write_text("Another text.")
    message = f"{output}: holds a run of other settings (--input was '{text}/* (4 files"
    commands.refuse("prepare_data", arguments(changed, output), message, output)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_text_that_cannot_be_read(commands, bad_files, tmp_path, workers):
    (tmp_path / "wiki").write_text('{"text": "One."}\n{"text"; "Two."}\n')
    half = '{"text": "One."}\n{"text": "A fine \\ud83d film."}\n'
    (tmp_path / "half").write_text(half)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"a\n" * 99)[:-9])
    (tmp_path / "cut.bz2").write_bytes(bz2.compress(b"a\n" * 99)[:-9])
    (tmp_path / "none.bz2").write_bytes(b"text\n")
    (tmp_path / "blank").write_text(" \n\t\n\u200b\n", encoding="utf-8")
    files = {
        tmp_path / "wiki": ':2: not a JSON object with a "text", as WikiExtractor',
        tmp_path / "half": r":2: has half a character, '\ud83d', which is no Unicode",
        tmp_path / "cut.gz": ":100: the compressed file is damaged ",
        tmp_path / "cut.bz2": ":100: the compressed file is damaged ",
        tmp_path / "none.bz2": ":1: the compressed file is damaged ",
        **bad_files,
    }
    if workers > 1:
        # To start processes takes time, and it is the same code that reads.
        files = {path: files[path] for path in files if path.name == "wiki"}
    for path, message in files.items():
        arguments = [f"--input={path}", f"--output={tmp_path}/out"]
        commands.refuse(
            "prepare_data",
            [*arguments, f"--workers={workers}", *SMALL],
            f"{path}{message}",
            tmp_path,
        )
    arguments = [f"--input={tmp_path}/blank", f"--output={tmp_path}/out", "--workers=1"]
    commands.refuse("prepare_data", arguments, "no words in the text", tmp_path)


@pytest.mark.slow
def test_the_tokenizer_of_a_model(commands, files, text, pretrained, tmp_path):
    """A vocabulary folder's, and a preset's, which is the same here."""
    models, _ = pretrained
    outputs = []
    for name, tokenizer in (
        ("folder", files / "vocabulary"),
        ("preset", models / "charbert" / "preset"),
    ):
        outputs.append(tmp_path / name)
        given = [*arguments(text, outputs[-1]), f"--tokenizer={tokenizer}"]
        message = "--vocabulary_size: --tokenizer decides it: leave it out"
        commands.refuse("prepare_data", given, message, tmp_path)
        given.remove("--vocabulary_size=150")
        outcome = commands.fork("prepare_data", *given)
        commands.assert_succeeded(outcome)
        made = outputs[-1] / "vocabulary" / "vocab.txt"
        expected = files / "vocabulary" / "vocab.txt"
        assert made.read_bytes() == expected.read_bytes()
    one, other = (commands.contents(output / "blocks") for output in outputs)
    assert one == other


def test_pretraining_reads_the_blocks(commands, files, prepared, text, tmp_path):
    folder, _ = prepared
    common = [
        f"--flagfile={files}/tiny.flags",
        f"--vocabulary={folder}/vocabulary",
        "--steps=3",
    ]
    run = f"--output={tmp_path}/run"
    outcome = commands.fork("pretrain", *common, f"--input={folder}", run)
    commands.assert_succeeded(outcome)
    assert outcome.stdout.endswith(f"Saved {tmp_path}/run/preset\n")

    refused = f"--output={tmp_path}/refused"
    for arguments, message in (
        ([f"--input={folder}", "--sequence_length=31"], f"{folder}: has blocks for --"),
        ([f"--input={folder}", "--noise_rate=0.2"], f"{folder}: has blocks with room"),
        (
            [f"--input={folder}", f"--vocabulary={files}/vocabulary"],
            f"{folder}: was cut into blocks for another tokenizer: ",
        ),
        ([f"--input={folder},{text}/a.txt"], f"{folder}: is a prepared folder: name"),
        ([f"--input={text}/c.txt.bz2"], f"{text}/c.txt.bz2: pretraining does not read"),
    ):
        commands.refuse(
            "pretrain", [*common, refused, *arguments], message, tmp_path / "run"
        )
        assert not (tmp_path / "refused").exists()


def test_without_beam(commands, text, tmp_path, monkeypatch):
    (tmp_path / "apache_beam.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    outcome = commands.run("prepare_data", *arguments(text, tmp_path / "out"))
    commands.assert_refused(outcome, "this command needs Apache Beam: pip install")
    assert not (tmp_path / "out").exists()


def token_ids(tokenizer, texts):
    """The tokens of all texts, as training makes them."""
    subwords = make_subword_tokenizer(tokenizer)
    parts = [texts[begin : begin + 256] for begin in range(0, len(texts), 256)]
    return np.concatenate(
        [subwords(tf.constant(part)).token_ids.values for part in parts]
    )


@pytest.mark.slow
def test_a_real_corpus(commands, shared, tmp_path):
    """24 MB, on 1 and 4 processes, and killed twice on 4."""
    arguments = [
        f"--input={shared}/data/corpus/english_train.txt",
        "--vocabulary_size=8000",
        "--sequence_length=384",
    ]
    outputs = {
        workers: [*arguments, f"--workers={workers}", f"--output={tmp_path}/{workers}"]
        for workers in (1, 4)
    }
    commands.assert_succeeded(commands.run("prepare_data", *outputs[1]))
    for stage in ("cleaned", "blocks"):
        process = commands.start("prepare_data", *outputs[4])
        wait_for(process, tmp_path / "4", f".{stage}.*.partial/{stage}/**/*")
        process.kill()
        assert commands.finish(process).returncode == -signal.SIGKILL
    commands.assert_succeeded(commands.run("prepare_data", *outputs[4]))
    assert commands.contents(tmp_path / "1") == commands.contents(tmp_path / "4")

    seen, paragraphs = set(), []
    path = shared / "data" / "corpus" / "english_train.txt"
    for line in path.read_text(encoding="utf-8").split("\n"):
        line = re.sub("[\x00-\x1f\x7f-\x9f]", " ", line)
        line = " ".join(re.sub("[\u00ad\u200b\u2060\ufeff]", "", line).split())
        line = unicodedata.normalize("NFC", line)
        mark = unicodedata.normalize("NFKC", line).casefold()
        if any(map(str.isalnum, line)) and mark not in seen:
            seen.add(mark)
            paragraphs.append(f"{line}\n")
    blocks = sorted(read_blocks(tmp_path / "1"))
    assert "".join(text for _, text, _ in blocks) == "".join(paragraphs)
    tokenizer = VocabularyFolder(f"{tmp_path}/1/vocabulary").tokenizer()
    in_blocks = token_ids(tokenizer, [text for _, text, _ in blocks])
    np.testing.assert_array_equal(in_blocks, token_ids(tokenizer, paragraphs))
    assert len(in_blocks) == sum(count for *_, count in blocks)
