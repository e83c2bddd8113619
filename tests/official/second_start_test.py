"""A command that is started twice: the first run goes on, the second is refused."""

import signal

import pytest

from tests.worker_processes import wait_for


def second_is_refused(commands, process, folder, name, arguments):
    """Starts the same again while the first is stopped, and has it go on."""
    process.send_signal(signal.SIGSTOP)
    try:
        message = f"{folder}: a run is going on in it: wait for its end, or choose "
        commands.refuse(name, arguments, message, folder)
    finally:
        process.send_signal(signal.SIGCONT)
    commands.assert_succeeded(commands.finish(process))
    assert not list(folder.glob("**/.*"))


@pytest.mark.slow
def test_a_pretraining_and_its_extension(commands, pretraining, tmp_path):
    run = tmp_path / "run"
    arguments = [*pretraining, f"--output={run}", "--checkpoint_seconds=0"]
    process = commands.start("pretrain", *arguments, "--steps=8")
    wait_for(process, run, "checkpoints/step-2")
    second_is_refused(commands, process, run, "pretrain", [*arguments, "--steps=8"])

    more = [*arguments, "--steps=16", "--extend"]
    process = commands.start("pretrain", *more)
    wait_for(process, run, "extension-8/checkpoints/step-2")
    second_is_refused(commands, process, run, "pretrain", more)
    assert (run / "preset-8").exists() and (run / "preset").exists()


@pytest.mark.slow
def test_a_fine_tuning_of_two_seeds(commands, finetuning, tmp_path):
    run = tmp_path / "run"
    arguments = [*finetuning["classifier"], "--epochs=1", "--checkpoint_seconds=0"]
    arguments += ["--seeds=0,1", f"--output={run}"]
    process = commands.start("finetune", *arguments)
    wait_for(process, run, "seed-0/checkpoints/step-2")
    second_is_refused(commands, process, run, "finetune", arguments)


@pytest.mark.slow
def test_a_preparation(commands, files, tmp_path):
    run = tmp_path / "run"
    arguments = [f"--input={files}/text_1.txt", f"--output={run}"]
    arguments += ["--vocabulary_size=150", "--num_words=9", "--shards=3"]
    # Others of its processes would go on.
    arguments += ["--workers=1"]
    process = commands.start("prepare_data", *arguments)
    wait_for(process, run, ".cleaned.*.partial/cleaned/**/*")
    second_is_refused(commands, process, run, "prepare_data", arguments)
