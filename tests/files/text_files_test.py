"""Text files: the lines are right, and what is no text gives one clear error."""

import gzip
import tracemalloc

import pytest

from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import expand_patterns, read_lines


@pytest.mark.parametrize("ending", ["txt", "txt.gz"])
def test_lines_and_numbers(tmp_path, ending):
    path = tmp_path / f"text.{ending}"
    # U+2028, U+0085 and a form feed are line ends to str.splitlines, not to a file.
    content = "\ufefffirst\r\n\r\nthird\u2028\x85\f  \nlast: naïve 語".encode()
    path.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    assert list(read_lines(path)) == [
        (1, "first"),
        (2, ""),
        (3, "third\u2028\x85\f  "),
        (4, "last: naïve 語"),
    ]


def test_a_real_corpus(shared):
    path = shared / "data" / "corpus" / "english_heldout.txt"
    expected = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    assert [line for _, line in read_lines(path)] == expected


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_the_longest_line(tmp_path, end):
    path = tmp_path / "long.txt"
    path.write_bytes(b"\xef\xbb\xbf" + b"a" * 999_999 + end)
    assert [(n, len(line)) for n, line in read_lines(path)] == [(1, 999_999)]
    path.write_bytes(b"\xef\xbb\xbf" + b"a" * 1_000_000 + end)
    with pytest.raises(UserError, match=":1: the line has 1,000,000 bytes or more: "):
        list(read_lines(path))


@pytest.mark.parametrize("ending", ["txt", "txt.gz"])
def test_an_endless_line_does_not_fill_the_memory(tmp_path, ending):
    path = tmp_path / f"endless.{ending}"
    with (gzip.open if ending.endswith("gz") else open)(path, "wb") as file:
        file.write(b"first\n")
        for _ in range(30):
            file.write(b"a" * 1_000_000)
    tracemalloc.start()
    with pytest.raises(UserError, match=":2: the line has 1,000,000 bytes or more"):
        list(read_lines(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"fine\nna\xefve\n", ":2: invalid UTF-8 at byte 3 of the line: "),
        ("a.txt", b"\xed\xa0\x80\n", ":1: invalid UTF-8 at byte 1"),
        ("a.txt", b"fine\nfine\na\0b", ":3: a NUL character: "),
        ("a.txt", "text".encode("utf-16-le"), ":1: a NUL character: "),
        ("a.txt.gz", b"not compressed\n", ":1: the compressed file is damaged "),
        (
            "a.txt.gz",
            gzip.compress(b"fine\n" * 9, mtime=0)[:-9],
            ":10: the compressed file is damaged",
        ),
        (
            "a.txt.gz",
            gzip.compress(b"fine\n", mtime=0)[:-8] + bytes(8),
            "compressed file is damaged",
        ),
    ],
)
def test_what_is_no_text_names_file_and_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        list(read_lines(path))
    assert str(error.value).startswith(f"{path}:")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_not_there(tmp_path):
    for path, message in (
        (tmp_path / "missing", "no such file: "),
        (tmp_path, "is a folder: "),
        (tmp_path / "file" / "below", "cannot be read "),
    ):
        (tmp_path / "file").touch()
        with pytest.raises(UserError, match=f"^{path}: {message}"):
            list(read_lines(path))


def test_patterns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("b.txt", "a.txt", "odd[1].txt", "deep/c.txt", "deep/er/d.txt.gz"):
        text = b"text\n"
        (tmp_path / name).write_bytes(gzip.compress(text) if "gz" in name else text)
    assert expand_patterns(["b.txt", "?.txt", "./a.txt"]) == ["a.txt", "b.txt"]
    assert expand_patterns(["odd[1].txt"]) == ["odd[1].txt"]
    deep = ["deep/c.txt", "deep/er/d.txt.gz"]
    assert expand_patterns(["deep/**"]) == deep


def test_patterns_that_cannot_be_read(tmp_path):
    (tmp_path / "full.txt").write_text("text\n")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "empty.gz").write_bytes(gzip.compress(b""))
    for pattern, message in (
        ("*.md", f"{tmp_path}/*.md: no such file: "),
        ("*.txt", f"{tmp_path}/empty.txt: the file is empty: "),
        ("*.gz", f"{tmp_path}/empty.gz: the file is empty: "),
        ("", f"{tmp_path}/: is a folder: "),
    ):
        with pytest.raises(UserError) as error:
            expand_patterns([f"{tmp_path}/{pattern}"])
        assert str(error.value).startswith(message)
    with pytest.raises(UserError, match=r"^no text file is named: "):
        expand_patterns([])
