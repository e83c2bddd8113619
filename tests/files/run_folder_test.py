"""A run's folder: what it is taken for, and what a kill has left in it."""

import json

import pytest

from charbert_tf.files.errors import UserError
from charbert_tf.files.run_folder import RunFolder


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


def test_a_growing_setting_may_have_more_in_it(tmp_path):
    def grown(seeds, **settings):
        settings |= {"seeds": seeds}
        return RunFolder(str(tmp_path / "run"), settings, "a training run", "seeds")

    def saved():
        return json.loads((tmp_path / "run" / "settings.json").read_text())

    grown(["0", "1"], rate=1).begin()
    more = grown(["0", "2", "1"], rate=1)
    # As long as nothing is begun, the folder is what it was.
    assert saved() == {"rate": 1, "seeds": ["0", "1"]}
    more.begin()
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
