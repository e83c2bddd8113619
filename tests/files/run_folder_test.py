"""A run's folder: what it is taken for, what a kill has left, who writes there."""

import fcntl
import json
import pathlib
import signal
import subprocess
import sys

import pytest

from charbert_tf.files.errors import UserError
from charbert_tf.files.run_folder import RunFolder


def run_folder(path, **settings):
    return RunFolder(str(path), settings, "a training run")


def begin(folder):
    folder.begin()
    folder.close()


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_what_a_kill_left_is_no_obstacle_and_is_removed(tmp_path):
    """A kill while settings.json is written for the first time, and one later."""
    (tmp_path / ".settings.json.x.partial").mkdir()
    folder = run_folder(tmp_path, seed=0)
    assert not folder.has_begun
    folder.begin()
    folder.close()
    assert names(tmp_path) == ["settings.json"]
    (tmp_path / ".preset.x.partial" / "preset").mkdir(parents=True)
    again = run_folder(tmp_path, seed=0)
    assert again.has_begun
    again.begin()
    again.close()
    assert names(tmp_path) == ["settings.json"]


def test_other_settings_and_other_files_are_refused(tmp_path):
    begin(run_folder(tmp_path / "run", input="a (1 files, 3 bytes)"))
    message = (
        r"run: holds a run of other settings \(--input was 'a \(1 files, 3 bytes\)' "
        r"and is now 'a \(1 files, 4 bytes\)'\): give the same flags and files"
    )
    with pytest.raises(UserError, match=message):
        run_folder(tmp_path / "run", input="a (1 files, 4 bytes)")
    (tmp_path / ".x.partial").mkdir()
    with pytest.raises(UserError, match="already holds something that is not a train"):
        run_folder(tmp_path)


def test_a_growing_setting_may_have_more_in_it(tmp_path):
    def grown(seeds, **settings):
        settings |= {"seeds": seeds}
        return RunFolder(str(tmp_path / "run"), settings, "a training run", "seeds")

    def saved():
        return json.loads((tmp_path / "run" / "settings.json").read_text())

    begin(grown(["0", "1"], rate=1))
    more = grown(["0", "2", "1"], rate=1)
    # As long as nothing is begun, the folder is what it was.
    assert saved() == {"rate": 1, "seeds": ["0", "1"]}
    begin(more)
    assert saved() == {"rate": 1, "seeds": ["0", "2", "1"]}
    for seeds, rate in (
        *((["0", "1"], 1), (["0", "1", "3", "4"], 1), ("0213", 1)),
        *((None, 1), (["0", "2", "1", "3"], 2)),
    ):
        with pytest.raises(UserError, match="holds a run of other settings"):
            grown(seeds, rate=rate)
    with pytest.raises(UserError, match="was 1 and is now 2"):
        grown(["0", "2", "1", "3"], rate=2)
    with pytest.raises(UserError, match="--seeds was"):
        run_folder(tmp_path / "run", rate=1, seeds=["0", "2", "1", "3"])
    assert names(tmp_path / "run") == ["settings.json"]


WRITER = """
import sys
from charbert_tf.files.run_folder import RunFolder

folder = RunFolder(sys.argv[1], {"seed": 0}, "a training run")
folder.begin()
print("begun", flush=True)
sys.stdin.read()
folder.close()
"""
ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def writer(tmp_path):
    """Another process that writes in `run`, until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "run")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "begun\n"
    yield process
    process.communicate()


def test_who_comes_second_leaves_the_first_alone(writer, tmp_path):
    run = tmp_path / "run"
    (run / ".preset.x.partial" / "preset").mkdir(parents=True)
    second = run_folder(run, seed=0)
    assert second.has_begun
    with pytest.raises(UserError, match="run: a run is going on in it: wait for its"):
        second.begin()
    second.remove_unfinished()
    assert (run / ".preset.x.partial" / "preset").exists()
    writer.communicate()
    second.begin()
    second.close()
    assert names(run) == ["settings.json"]


def test_a_process_that_is_killed_is_no_obstacle(writer, tmp_path):
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert names(tmp_path / "run") == [".lock.partial", "settings.json"]
    again = run_folder(tmp_path / "run", seed=0)
    again.remove_unfinished()
    assert names(tmp_path / "run") == ["settings.json"]
    begin(again)


def test_another_run_that_began_meanwhile_is_not_gone_on_with(tmp_path):
    first, second = (run_folder(tmp_path / "run", seed=seed) for seed in (0, 1))
    begin(first)
    with pytest.raises(UserError, match="--seed was 0 and is now 1"):
        begin(second)


def test_a_file_system_without_locks_is_none(monkeypatch, tmp_path):
    def flock(file, operation):
        raise OSError("No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    folder = run_folder(tmp_path / "run", seed=0)
    folder.begin()
    assert names(tmp_path / "run") == ["settings.json"]
    run_folder(tmp_path / "run", seed=0).begin()
    folder.close()


def test_a_folder_that_was_begun_anew_is_left_to_the_other(tmp_path):
    first = run_folder(tmp_path / "run", seed=0)
    first.begin()
    (tmp_path / "run").rename(tmp_path / "removed")
    second = run_folder(tmp_path / "run", seed=1)
    second.begin()
    first.close()
    assert names(tmp_path / "run") == [".lock.partial", "settings.json"]
    second.close()
