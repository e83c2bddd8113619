"""Held-out text is measured on the way, and a finished pretraining gets more steps."""

import json
import re
import shutil

import pytest

from tests.official.pretrain_test import tensorboard_scalars
from tests.worker_processes import start_workers


@pytest.mark.slow
def test_a_finished_run_gets_more_steps_and_is_watched(
    commands, pretraining, files, tmp_path
):
    run = tmp_path / "run"
    held_out = f"--dev_input={files}/text_2.txt.gz"
    flags = ["pretrain", *pretraining, f"--output={run}", held_out]
    message = f"{run}: holds no pretraining to extend: leave out --extend"
    commands.refuse(flags[0], [*flags[1:], "--extend"], message, tmp_path)
    first = commands.fork(*flags, "--steps=4")
    commands.assert_succeeded(first)
    told = re.findall(r"^held-out text after step (\d+): (.*)$", first.stdout, re.M)
    assert [step for step, _ in told] == ["1", "2", "3", "4"]
    scalars = tensorboard_scalars(run)
    step, accuracy = scalars["held_out/mlm_accuracy"]
    assert step == 4 and told[-1][1].startswith(f"mlm {100 * accuracy:.1f} %  nlm ")
    assert scalars["learning_rate"] == (4, pytest.approx(0, abs=1e-9))
    assert scalars["gradient_norm"][1] > 0
    card = (run / "preset" / "README.md").read_text()
    assert f"| held-out mlm_accuracy | {accuracy:.4f} |" in card
    assert "1 layers, hidden size 16, with the character channel" in card
    before = commands.contents(run / "preset")

    more = [*flags, "--steps=7", "--extend"]
    fewer = f"{run}: has made 4 steps already: give a higher --steps"
    commands.refuse(more[0], [*more[1:], "--steps=3"], fewer, tmp_path)
    second = commands.fork(*more)
    commands.assert_succeeded(second)
    moved = f"Moved to {run}/preset; the model of before is in {run}/preset-4"
    assert second.stdout.splitlines()[-1] == moved
    assert commands.contents(run / "preset-4") == before
    after = commands.contents(run / "preset")
    assert before.keys() == after.keys() and before != after
    assert settings(run)["steps"] == 7
    names = {"preset", "preset-4", "settings.json", "tensorboard"}
    assert {path.name for path in run.iterdir()} == names
    again = commands.fork(*more)
    assert again.stdout == f"{run}/preset is finished already.\n"

    # As a kill before the settings are written leaves it.
    write_settings(run, steps=4)
    (run / "extension-4").mkdir()
    write_settings(run / "extension-4", steps=3)
    commands.assert_succeeded(commands.fork(*more))
    assert commands.contents(run / "preset") == after
    assert {path.name for path in run.iterdir()} == names


def test_held_out_text_is_looked_at_first(commands, pretrained, files, tmp_path):
    """Before the warm start, for who mends the text begins anew."""
    (tmp_path / "latin.txt").write_bytes(b"a good film\nun caf\xe9\n")
    blocks = tmp_path / "prepared" / "blocks"
    blocks.mkdir(parents=True)
    index = {"tokenizer": "other", "sequence_length": 32, "noise_rate": 1, "shards": {}}
    (blocks / "index.json").write_text(json.dumps(index))
    arguments = [
        f"--input={files}/text_1.txt",
        f"--vocabulary={files}/vocabulary",
        f"--init={pretrained[0]}/bert/preset",
        *("--sequence_length=32", "--batch_size=8", "--warm_start_steps=1"),
        f"--output={tmp_path}/run",
    ]
    for name, message in (
        ("latin.txt", ":2: invalid UTF-8 at byte 7 of the line: "),
        ("prepared", ": was cut into blocks for another tokenizer: "),
    ):
        path = tmp_path / name
        given = [*arguments, f"--dev_input={path}"]
        commands.refuse("pretrain", given, f"{path}{message}", tmp_path)


def settings(run):
    return json.loads((run / "settings.json").read_text())


def write_settings(run, **changed):
    before = settings(run) if (run / "settings.json").exists() else {}
    (run / "settings.json").write_text(json.dumps(before | changed))


@pytest.fixture
def finished(pretrained, tmp_path):
    """A finished run of 60 steps."""
    return shutil.copytree(pretrained[0] / "charbert", tmp_path / "run")


@pytest.fixture
def made(finished):
    """The same with 3 more steps made, as a kill before they are put in place."""
    extension = finished / "extension-60"
    shutil.copytree(finished, extension)
    write_settings(extension, steps=3)
    return finished


@pytest.mark.slow
def test_one_of_two_workers_puts_the_steps_in_their_place(
    commands, pretraining, finished
):
    before = commands.contents(finished / "preset")
    arguments = [*pretraining, "--steps=62", "--extend"]
    processes = start_workers(commands, "pretrain", arguments, finished)
    chief, other = map(commands.finish, processes)
    for outcome in (chief, other):
        commands.assert_succeeded(outcome)
    assert "\nMoved to " in chief.stdout and "Moved to" not in other.stdout
    assert commands.contents(finished / "preset-60") == before
    assert commands.contents(finished / "preset") != before
    assert settings(finished)["steps"] == 62
    names = {"preset", "preset-60", "settings.json", "tensorboard"}
    assert {path.name for path in finished.iterdir()} == names


@pytest.mark.slow
def test_two_workers_after_a_kill_before_the_steps_are_in_their_place(
    commands, pretraining, made
):
    arguments = [*pretraining, "--steps=63", "--extend"]
    processes = start_workers(commands, "pretrain", arguments, made)
    chief, other = map(commands.finish, processes)
    for outcome in (chief, other):
        commands.assert_succeeded(outcome)
    assert "\nMoved to " in chief.stdout and "Moved to" not in other.stdout
    assert settings(made)["steps"] == 63
    names = {"preset", "preset-60", "settings.json", "tensorboard"}
    assert {path.name for path in made.iterdir()} == names


def test_other_steps_than_those_that_are_made_are_refused(
    commands, pretraining, made, tmp_path
):
    def refuse(message):
        arguments = [*pretraining, "--steps=1000", f"--output={made}", "--extend"]
        commands.refuse("pretrain", arguments, f"{made}: {message}", tmp_path)

    refuse("holds an extension to 63 steps: give --steps=63 first")
    # Killed later, when one model already is in the place of the other.
    (made / "preset").rename(made / "preset-60")
    (made / "extension-60" / "preset").rename(made / "preset")
    refuse("holds an extension to 63 steps: give --steps=63 first")
    (made / "extension-60" / "settings.json").unlink()
    refuse("holds an extension that does not tell its steps: put ")


def test_steps_get_to_their_place_without_the_first_runs_tensorboard(
    commands, pretraining, made
):
    shutil.rmtree(made / "tensorboard")
    outcome = commands.fork(
        "pretrain", *pretraining, "--steps=63", f"--output={made}", "--extend"
    )
    commands.assert_succeeded(outcome)
    assert any((made / "tensorboard" / "extension-60").iterdir())
    assert settings(made)["steps"] == 63


def test_the_highest_seed_gets_more_steps_and_a_card(
    commands, pretraining, finished, files
):
    write_settings(finished, seed=999_999_999)
    arguments = ["--seed=999999999", "--steps=61", f"--output={finished}", "--extend"]
    outcome = commands.fork("pretrain", *pretraining, *arguments)
    commands.assert_succeeded(outcome)
    assert settings(finished)["seed"] == 999_999_999
    card = (finished / "preset" / "README.md").read_text()
    # Of the whole run, not of the one that added a step.
    for line in ("seed=999999999", "steps=61", f"vocabulary={files}/vocabulary"):
        assert f"\n--{line}\n" in card
    assert "\n--interaction=paper\n" in card and "--init" not in card
    assert "The steps after the first 60 were added with `--extend`" in card
