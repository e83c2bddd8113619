"""Checkpoints: whole or not there, the last two; a damaged one is passed over."""

import errno
import os
import shutil

import pytest
import tensorflow as tf

from charbert_tf.files.errors import UserError
from charbert_tf.training.checkpointer import Checkpointer


@pytest.fixture
def state():
    """What is saved: a variable of two kilobytes, and a position in data."""
    variable = tf.Variable(tf.zeros(500))
    return tf.train.Checkpoint(variable=variable, batches=iter(numbers()))


def numbers():
    return tf.data.Dataset.range(100).shuffle(10, seed=1)


def checkpointer(state, path, is_writer=True):
    return Checkpointer(str(path), state, is_writer)


def save(state, path, *steps):
    """Saves checkpoints whose variable is the step's number."""
    path.mkdir(exist_ok=True)
    writer = checkpointer(state, path)
    for step in steps:
        state.variable.assign(tf.fill([500], float(step)))
        writer.save(step)


def restored(state, path):
    """The step that is gone on from."""
    state.variable.assign(tf.fill([500], -1.0))
    checkpointer(state, path).restore()
    values = set(state.variable.numpy().tolist())
    assert len(values) == 1
    return values.pop()


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_the_last_two_are_kept(state, tmp_path):
    save(state, tmp_path, 5, 9, 10)
    assert names(tmp_path) == ["step-10", "step-9"]
    assert restored(state, tmp_path) == 10


def test_without_any_nothing_changes(state, tmp_path):
    assert restored(state, tmp_path / "none") == -1
    assert names(tmp_path / "none") == []


def test_one_of_several_workers_writes(state, tmp_path):
    save(state, tmp_path, 3)
    reader = checkpointer(state, tmp_path, is_writer=False)
    reader.save(4)
    assert names(tmp_path) == ["step-3"]
    state.variable.assign(tf.zeros(500))
    reader.restore()
    assert state.variable[0] == 3


def test_what_a_kill_left_is_removed(state, tmp_path):
    save(state, tmp_path, 3)
    (tmp_path / ".step-4.x.partial" / "step-4").mkdir(parents=True)
    assert restored(state, tmp_path) == 3
    assert names(tmp_path) == ["step-3"]


def flip(path, share):
    """Turns over a bit, at this share of a file."""
    content = bytearray(path.read_bytes())
    content[int(share * (len(content) - 1))] ^= 4
    path.write_bytes(content)


def cut(path, share):
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])


SHARES = [0.0, 0.2, 0.4, 0.6, 0.8, 0.99]


@pytest.mark.parametrize("damage", [flip, cut])
@pytest.mark.parametrize("name", ["state.index", "state.data-00000-of-00001"])
def test_a_damaged_one_is_passed_over(state, tmp_path, capfd, damage, name):
    for number, share in enumerate(SHARES):
        folder = tmp_path / str(number)
        save(state, folder, 3, 7)
        damage(folder / "step-7" / name, share)
        assert restored(state, folder) == 3, share
        expected = f"warning: {folder}/step-7: is damaged: passed over\n"
        assert capfd.readouterr().err == expected


def test_a_file_that_is_missing(state, tmp_path):
    save(state, tmp_path, 3, 7)
    (tmp_path / "step-7" / "state.index").unlink()
    assert restored(state, tmp_path) == 3


def test_a_damaged_one_does_not_stay(state, tmp_path):
    save(state, tmp_path, 3, 7)
    cut(tmp_path / "step-7" / "state.index", 0.5)
    writer = checkpointer(state, tmp_path)
    writer.restore()
    # The same step is reached again.
    writer.save(7)
    assert names(tmp_path) == ["step-3", "step-7"]
    assert restored(state, tmp_path) == 3
    cut(tmp_path / "step-7" / "state.index", 0.5)
    writer = checkpointer(state, tmp_path)
    writer.restore()
    writer.save(5)
    assert names(tmp_path) == ["step-3", "step-5"]


def test_only_damaged_ones(state, tmp_path):
    """It does not begin again by itself: that would overwrite what may be saved."""
    save(state, tmp_path, 3, 7)
    for step in (3, 7):
        cut(tmp_path / f"step-{step}" / "state.index", 0.5)
    with pytest.raises(UserError, match="no checkpoint can be read: remove this"):
        restored(state, tmp_path)
    assert names(tmp_path) == ["step-3", "step-7"]


def test_a_checkpoint_of_something_else(state, tmp_path):
    other = tf.train.Checkpoint(other=tf.Variable(1.0))
    checkpointer(other, tmp_path).save(3)
    with pytest.raises(UserError, match=r"step-3: does not fit this model: give "):
        restored(state, tmp_path)
    larger = tf.train.Checkpoint(other=tf.Variable([1.0, 2.0]))
    with pytest.raises(UserError, match=r"step-3: does not fit this model: give "):
        checkpointer(larger, tmp_path).restore()


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "Permission denied"),
        tf.errors.ResourceExhaustedError(None, None, "no memory\nat all"),
    ],
)
def test_a_checkpoint_that_is_not_damaged_stays(state, tmp_path, monkeypatch, error):
    save(state, tmp_path, 3, 7)

    def fail(path):
        raise error

    monkeypatch.setattr(state, "read", fail)
    reason = "Permission denied" if isinstance(error, OSError) else "no memory"
    with pytest.raises(UserError, match=rf"step-7: cannot be read \({reason}\)"):
        checkpointer(state, tmp_path).restore()
    assert names(tmp_path) == ["step-3", "step-7"]


def test_a_folder_that_is_removed_while_it_trains(state, tmp_path):
    """It is not made again: the run's other files would be missing beside it."""
    folder = tmp_path / "run" / "checkpoints"
    writer = checkpointer(state, folder)
    writer.restore()
    writer.save(3)
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(UserError) as error:
        writer.save(7)
    assert str(error.value).startswith(f"{folder}: was removed while the training ran")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_is_removed_while_it_writes(state, tmp_path, monkeypatch):
    folder = tmp_path / "checkpoints"
    writer = checkpointer(state, folder)
    writer.restore()
    monkeypatch.setattr(state, "write", lambda prefix: shutil.rmtree(folder))
    with pytest.raises(UserError, match="was removed while the training ran"):
        writer.save(3)
    assert not folder.exists()


def test_a_folder_that_is_about_to_be_removed(state, tmp_path, monkeypatch):
    """Its old checkpoints are gone, it is still there."""
    save(state, tmp_path, 3, 7)
    old = tmp_path / "step-3"
    write = state.write
    monkeypatch.setattr(
        state, "write", lambda prefix: (write(prefix), remove_when_listed(old))
    )

    def remove_when_listed(path):
        listed = os.listdir
        monkeypatch.setattr(
            os, "listdir", lambda folder: (listed(folder), shutil.rmtree(path))[0]
        )

    with pytest.raises(UserError, match="was removed while the training ran"):
        checkpointer(state, tmp_path).save(9)
