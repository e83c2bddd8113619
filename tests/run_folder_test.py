"""A run's folder: what it is taken for, and what a kill has left in it."""

import pytest

from charbert_tf.errors import UserError
from charbert_tf.run_folder import RunFolder


def run_folder(path, **settings):
    return RunFolder(str(path), settings, "a training run")


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_what_a_kill_left_is_no_obstacle_and_is_removed(tmp_path):
    """A kill while settings.json is written for the first time, and one later."""
    (tmp_path / ".settings.json.x.partial").mkdir()
    folder = run_folder(tmp_path, seed=0)
    assert not folder.has_begun
    folder.begin()
    assert names(tmp_path) == ["settings.json"]
    (tmp_path / ".preset.x.partial" / "preset").mkdir(parents=True)
    again = run_folder(tmp_path, seed=0)
    assert again.has_begun
    again.begin()
    assert names(tmp_path) == ["settings.json"]


def test_other_settings_and_other_files_are_refused(tmp_path):
    run_folder(tmp_path / "run", input="a (1 files, 3 bytes)").begin()
    message = (
        r"run: holds a run of other settings \(--input was 'a \(1 files, 3 bytes\)' "
        r"and is now 'a \(1 files, 4 bytes\)'\): give the same flags and files"
    )
    with pytest.raises(UserError, match=message):
        run_folder(tmp_path / "run", input="a (1 files, 4 bytes)")
    (tmp_path / ".x.partial").mkdir()
    with pytest.raises(UserError, match="already holds something that is not a train"):
        run_folder(tmp_path)
