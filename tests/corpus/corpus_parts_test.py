"""Whatever holds a text, and however it is cut, its documents are the same."""

import bz2
import gzip
import json
import pathlib

import pytest
import tensorflow_datasets as tfds

from charbert_tf.corpus.corpus_parts import find_corpus_parts
from charbert_tf.files.errors import UserError

LINES = ["First line.", "", "Second\u00a0 document,", "two lines.", " ", "", "Third."]
LINES += [f"Line {number} of the last one." for number in range(100)]
DOCUMENTS = [["First line."], ["Second document,", "two lines."], LINES[6:]]


def read(parts):
    return [chunk for part in parts for chunk in part.chunks()]


def write(path, text):
    openers = {".gz": gzip.open, ".bz2": bz2.open}
    with openers.get(path.suffix, open)(path, "wb") as file:
        file.write(text.encode())


@pytest.mark.parametrize("ending", ["txt", "txt.gz", "txt.bz2"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_plain_text(tmp_path, ending, end):
    path = tmp_path / f"text.{ending}"
    write(path, "\ufeff" + end.join(LINES))
    whole = read(find_corpus_parts([str(path)]))
    assert whole == [("000000-00000000", DOCUMENTS)]
    # Cut at any byte, in the middle of a line too, every line is in one chunk.
    for chunk_bytes in (7, 50, 1000):
        chunks = read(find_corpus_parts([str(path)], chunk_bytes))
        names = [name for name, _ in chunks]
        assert names == sorted(names)
        paragraphs = [p for _, documents in chunks for d in documents for p in d]
        assert paragraphs == [p for document in DOCUMENTS for p in document]
        assert len(chunks) > 1


def test_a_compressed_file_has_the_chunks_of_the_plain_one(tmp_path):
    for name in ("a.txt", "b.txt.gz", "c.txt.bz2"):
        write(tmp_path / name, "\n".join(LINES))
    plain, gzipped, bzipped = (
        [
            (name[-8:], documents)
            for name, documents in read(find_corpus_parts([str(path)], 300))
            if documents
        ]
        for path in sorted(tmp_path.iterdir())
    )
    assert plain == gzipped == bzipped


ARTICLES = [
    {
        "id": "1",
        "title": "Ape",
        "text": "Ape\n\nApes &lt;b&gt;are&lt;/b&gt; big.\nYes.",
    },
    {"id": "2", "title": "Void", "text": ""},
    {"id": "3", "title": "Bee & Co", "text": "Bees fly."},
    {"id": "4", "title": None, "text": "A fine \U0001f600."},
]
ARTICLE_DOCUMENTS = [["Apes are big.", "Yes."], ["Bees fly."], ["A fine \U0001f600."]]


@pytest.mark.parametrize("ending", ["", ".gz", ".bz2"])
def test_wiki_extractor(tmp_path, ending):
    path = tmp_path / f"wiki_00{ending}"
    write(path, "".join(f"{json.dumps(article)}\n" for article in ARTICLES))
    ((_, documents),) = read(find_corpus_parts([str(path)]))
    assert documents == ARTICLE_DOCUMENTS


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """Where tensorflow-datasets looks; its own variable is read on import."""
    monkeypatch.setattr("tensorflow_datasets.core.constants.DATA_DIR", str(tmp_path))
    return tmp_path


def test_wikipedia_of_tensorflow_datasets(data_folder):
    """As it would lie on the disk, had it been fetched."""
    info = tfds.builder("wikipedia/20230601.simple", data_dir=data_folder).info
    pathlib.Path(info.data_dir).mkdir(parents=True)
    writer = tfds.core.SequentialWriter(info, max_examples_per_shard=150)
    writer.initialize_splits(["train"])
    articles = [
        {"title": f"T{number}", "text": f"T{number}\n\nText {number}.\n\nMore."}
        for number in range(1000)
    ]
    writer.add_examples({"train": articles})
    writer.close_all()
    chunks = read(find_corpus_parts(["tfds:wikipedia/20230601.simple"]))
    assert [len(documents) for _, documents in chunks] == [400, 400, 200]
    documents = [document for _, documents in chunks for document in documents]
    assert documents == [[f"Text {number}.", "More."] for number in range(1000)]


@pytest.mark.usefixtures("data_folder")
def test_data_sets_that_cannot_be_read():
    for name, message in (
        ("tfds:no_such_set", "no such data set "),
        ("tfds:mnist", "is not in "),
    ):
        with pytest.raises(UserError, match=f"^{name}: {message}"):
            find_corpus_parts([name])


@pytest.mark.parametrize("chunk_bytes", [50, 1 << 20])
@pytest.mark.parametrize(
    ("first", "bad", "message"),
    [
        (b"plain", b"caf\xe9", "invalid UTF-8 at byte 4"),
        (b"plain", b"a\0b", "a NUL character"),
        (b'{"text": ""}', b'{"text": ', 'not a JSON object with a "text"'),
        (b'{"text": ""}', b"[1]", 'not a JSON object with a "text"'),
        (b'{"text": ""}', b'{"title": "A"}', 'not a JSON object with a "text"'),
        (b'{"text": ""}', b'{"text": 7}', 'not a JSON object with a "text"'),
        (
            b'{"text": ""}',
            rb'{"text": "A fine \ud83d film."}',
            r"has half a character, '\ud83d', which is no Unicode text: repair or",
        ),
    ],
)
def test_an_error_names_the_line_of_the_file(
    tmp_path, first, bad, message, chunk_bytes
):
    path = tmp_path / "text"
    path.write_bytes(b"\n".join([*([first] * 20), bad, first]))
    with pytest.raises(UserError) as error:
        read(find_corpus_parts([str(path)], chunk_bytes))
    assert str(error.value).startswith(f"{path}:21: {message}")
