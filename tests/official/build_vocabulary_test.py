import gzip
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build(*arguments):
    command = [sys.executable, "-m", "official.build_vocabulary", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def read(path):
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def test_from_plain_and_compressed_files_to_a_folder_that_is_kept(tmp_path):
    (tmp_path / "one.txt").write_text("The cat sat.\n" * 40, encoding="utf-8")
    with gzip.open(tmp_path / "two.txt.gz", "wt", encoding="utf-8") as file:
        file.write("The DOG sat, señor\n" * 20)
    folder = tmp_path / "vocabulary"
    arguments = [
        f"--input={tmp_path}/*.txt,{tmp_path}/*.gz",
        f"--output={folder}",
        "--vocabulary_size=100",
        "--num_words=4",
        "--num_characters=5",
    ]
    run = build(*arguments)
    assert (run.returncode, run.stderr) == (0, "")
    first, second = run.stdout.splitlines()
    assert first == "Read 260 words, 7 different ones, from 2 files"
    # The four words are 200 of the 260; the characters a, t, e, s 360 of 700.
    assert second == (
        f"Saved {folder}: {len(read(folder / 'vocab.txt'))} word pieces (100.0% of the "
        "words are one piece), 6 characters (51.43% of the text), 5 words (76.9% of "
        "the text)"
    )
    assert read(folder / "word_vocab.txt") == ["sat", "the", ".", "cat", "<unk>"]
    assert read(folder / "char_vocab.txt") == [" ", "a", "t", "e", "s", "<unk>"]
    assert {"the", "cat", "dog", "senor"} <= set(read(folder / "vocab.txt"))
    config = json.loads((folder / "tokenizer_config.json").read_text())
    assert config == {"do_lower_case": True}

    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = build(*arguments)
    assert again.returncode == 1
    assert again.stderr.startswith(f"error: {folder}: already holds something")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_cannot_be_learnt_from_leaves_nothing(tmp_path):
    (tmp_path / "blank.txt").write_text(" \n\t\n", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes(b"fine\ncaf\xe9\n")
    for name, error in (
        ("blank.txt", "blank.txt: no words in the text"),
        ("latin.txt", "latin.txt:2: invalid UTF-8"),
    ):
        run = build(f"--input={tmp_path / name}", f"--output={tmp_path / 'made'}")
        assert (run.returncode, run.stdout) == (1, "")
        assert error in run.stderr
        assert run.stderr.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"blank.txt", "latin.txt"}
