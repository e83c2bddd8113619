"""What is written appears whole or not at all, whatever ends the writing."""

import contextlib
import os
import pathlib
import resource
import subprocess
import sys

import pytest

from charbert_tf.files.atomic_output import atomic_file, atomic_folder
from charbert_tf.files.errors import UserError

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def test_output_appears_only_at_the_end_and_alone(tmp_path):
    folder, file = tmp_path / "a" / "preset", tmp_path / "b" / "words.txt"
    with atomic_folder(folder) as unfinished, atomic_file(file) as stream:
        pathlib.Path(unfinished, "config.json").write_text("{}")
        stream.write("naïve\n")
        assert not folder.exists()
        assert not file.exists()
    assert os.listdir(folder.parent) == ["preset"]
    assert os.listdir(folder) == ["config.json"]
    assert os.listdir(file.parent) == ["words.txt"]
    assert file.read_bytes() == "naïve\n".encode()


def test_output_has_the_permissions_of_any_other_file(tmp_path):
    (tmp_path / "usual_folder").mkdir()
    (tmp_path / "usual_file").touch()
    with atomic_folder(tmp_path / "folder"), atomic_file(tmp_path / "file", "wb"):
        pass
    for kind in ("folder", "file"):
        usual = (tmp_path / f"usual_{kind}").stat().st_mode
        assert (tmp_path / kind).stat().st_mode == usual


def test_an_empty_folder_is_taken(tmp_path):
    with atomic_folder(tmp_path) as unfinished:
        pathlib.Path(unfinished, "new").touch()
    assert os.listdir(tmp_path) == ["new"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(tmp_path, error):
    file = tmp_path / "words.txt"
    file.write_text("old")
    with (
        pytest.raises(error),
        atomic_folder(tmp_path / "preset") as unfinished,
        atomic_file(file) as stream,
    ):
        pathlib.Path(unfinished, "config.json").write_text("{}")
        stream.write("new")
        raise error
    assert os.listdir(tmp_path) == ["words.txt"]
    assert file.read_text() == "old"


def test_a_killed_process_leaves_what_was_there(tmp_path):
    file, folder = tmp_path / "words.txt", tmp_path / "preset"
    file.write_text("old")
    folder.mkdir()
    program = f"""
import os, time
from charbert_tf.files.atomic_output import atomic_file, atomic_folder
with atomic_folder({str(folder)!r}) as unfinished, atomic_file({str(file)!r}) as stream:
    open(os.path.join(unfinished, "config.json"), "w").close()
    stream.write("new")
    stream.flush()
    print("writing", flush=True)
    time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout.readline() == b"writing\n"
        process.kill()
    assert file.read_text() == "old"
    assert os.listdir(folder) == []
    with atomic_folder(folder), atomic_file(file) as stream:
        stream.write("again")
    assert file.read_text() == "again"


@contextlib.contextmanager
def _no_room_on_the_disk():
    """Makes the system refuse to write more than 4 KB into a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_is_one_clear_line(tmp_path):
    file, folder = tmp_path / "words.txt", tmp_path / "preset"
    file.write_text("old")
    with _no_room_on_the_disk():
        with pytest.raises(UserError) as file_error, atomic_file(file) as stream:
            stream.write("x" * 10_000)
        with pytest.raises(UserError) as folder_error, atomic_folder(folder) as place:
            pathlib.Path(place, "weights").write_bytes(bytes(10_000))
    for path, error in ((file, file_error), (folder, folder_error)):
        message = str(error.value)
        assert message.startswith(f"{path}: cannot be written (File too large): ")
        assert "\n" not in message
    assert os.listdir(tmp_path) == ["words.txt"]
    assert file.read_text() == "old"


def test_a_place_that_holds_something_is_refused_before_any_work(tmp_path):
    full, file, pipe = (tmp_path / name for name in ("full", "file", "pipe"))
    os.mkfifo(pipe)
    full.mkdir()
    (full / "mine").write_text("old")
    file.write_text("old")
    for path, output, words in (
        (full, atomic_folder, "already holds something"),
        (file, atomic_folder, "is a file"),
        (full, atomic_file, "is a folder"),
        (pipe, atomic_folder, "is a file"),
        (pipe, atomic_file, "is a device or a pipe"),
        (file / "below", atomic_folder, "cannot be written"),
    ):
        with pytest.raises(UserError, match=f"^{path}: {words}"), output(path):
            pytest.fail("The block must not run.")
    assert sorted(os.listdir(tmp_path)) == ["file", "full", "pipe"]
    assert pipe.is_fifo()
    assert (full / "mine").read_text() == file.read_text() == "old"


def test_an_error_about_an_input_is_not_called_one_of_the_output(tmp_path):
    with (
        pytest.raises(FileNotFoundError),
        atomic_folder(tmp_path / "preset"),
        open(tmp_path / "missing"),
    ):
        pass
    assert os.listdir(tmp_path) == []
