import collections
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPLITS = ("train", "dev", "test")


def make(folder):
    command = [sys.executable, "-m", "official.standard_library_corpus"]
    return subprocess.run(
        [*command, f"--output={folder}"], cwd=ROOT, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus") / "made"
    run = make(folder)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("\n") == 1
    return folder


def rows(corpus, split):
    header, *lines = (corpus / f"{split}.tsv").read_text("utf-8").splitlines()
    assert header == "sentence\tlabel"
    return [tuple(line.split("\t")) for line in lines]


def test_there_is_enough_to_learn_from(corpus):
    counts = {
        split: collections.Counter(label for _, label in rows(corpus, split))
        for split in SPLITS
    }
    assert len(counts["train"]) == 10
    assert counts["dev"].keys() | counts["test"].keys() <= counts["train"].keys()
    # As many of each: a guess is right once in ten times.
    assert set(counts["train"].values()) == {200}
    assert counts["test"].total() >= 300
    # Always naming the most frequent module must not be a good answer.
    assert max(counts["test"].values()) <= 0.4 * counts["test"].total()
    assert (corpus / "text.txt").stat().st_size > 1_000_000


def test_no_sentence_leaks_or_tells_its_module(corpus):
    sentences = [sentence.lower() for s in SPLITS for sentence, _ in rows(corpus, s)]
    assert len(set(sentences)) == len(sentences)
    for split in SPLITS:
        for sentence, label in rows(corpus, split):
            assert label not in sentence.lower()
    text = (corpus / "text.txt").read_text("utf-8")
    held_out = [*rows(corpus, "dev"), *rows(corpus, "test")]
    assert [sentence for sentence, _ in held_out if sentence in text] == []


def test_an_object_is_in_one_split_only(corpus):
    from official import standard_library_corpus

    docstrings = list(standard_library_corpus.read_docstrings())
    splits = standard_library_corpus.split_by_owner(
        standard_library_corpus.labelled_sentences(docstrings)
    )
    for split in SPLITS:
        found = [(sentence.text, sentence.module) for sentence in splits[split]]
        taken = rows(corpus, split)  # By the command, in the same order.
        assert [row for row in found if row in set(taken)] == taken
        assert taken == found or split == "train"
    owners = [{sentence.owner for sentence in splits[split]} for split in SPLITS]
    assert sum(map(len, owners)) == len(set.union(*owners))


def test_what_is_there_already_stays(corpus):
    before = {path.name: path.read_bytes() for path in corpus.iterdir()}
    run = make(corpus)
    assert run.returncode == 1
    assert run.stderr.startswith(f"error: {corpus}: already holds something")
    assert {path.name: path.read_bytes() for path in corpus.iterdir()} == before
