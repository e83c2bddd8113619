"""Held-out text is measured on the way, and a finished pretraining gets more steps."""

import json
import re

import pytest

from tests.official.pretrain_test import tensorboard_scalars


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
    assert json.loads((run / "settings.json").read_text())["steps"] == 7
    names = {"preset", "preset-4", "settings.json", "tensorboard"}
    assert {path.name for path in run.iterdir()} == names
    again = commands.fork(*more)
    assert again.stdout == f"{run}/preset is finished already.\n"

    # As a kill between the last two of its acts leaves it.
    settings = json.loads((run / "settings.json").read_text()) | {"steps": 4}
    (run / "settings.json").write_text(json.dumps(settings))
    (run / "extension-4").mkdir()
    commands.assert_succeeded(commands.fork(*more))
    assert commands.contents(run / "preset") == after
    assert {path.name for path in run.iterdir()} == names
