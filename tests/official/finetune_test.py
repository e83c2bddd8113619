import json
import re
import shutil

import numpy as np
import pytest

import charbert_tf
from charbert_tf.files.seed_runs import seed_presets

PROGRESS = (
    r"step (\d+)/\1  loss \d+\.\d{3}  label \d+\.\d %  [\d,]+ tokens/s  0:00 left"
)
SCORES = {
    "classifier": ["accuracy", "f1", "matthews_correlation"],
    "tagger": ["f1", "precision", "recall", "accuracy"],
}
MODELS = {
    "classifier": charbert_tf.TextClassifier,
    "pairs": charbert_tf.TextClassifier,
    "tagger": charbert_tf.TokenClassifier,
}
LABELS = {
    "classifier": ["bad", "good"],
    "pairs": ["bad", "good"],
    # IOB2, though the training file is IOB1.
    "tagger": ["O", "B-LOC", "B-PER", "I-LOC"],
}

NOISE = {"rate": [0.2, 0.8], "attacks": ["mix", "capitals"], "clean_share": 0.3}


@pytest.mark.parametrize("name", MODELS)
def test_from_a_labelled_file_to_a_preset(commands, finetuned, name):
    folder, outcomes = finetuned
    commands.assert_succeeded(outcomes[name])
    lines = outcomes[name].stdout.splitlines()
    assert lines[-1] == f"Saved {folder}/{name}/preset"
    progress = [line for line in lines if line.startswith("step ")]
    assert re.fullmatch(PROGRESS, progress[-1])
    assert list((folder / name / "tensorboard").glob("events.out.tfevents.*"))
    model = MODELS[name].from_preset(f"{folder}/{name}/preset")
    assert model.labels == LABELS[name]
    assert model.preprocessor.sequence_length == 32
    noise = model.preprocessor.training_noise
    assert (noise and noise.get_config()) == (NOISE if name == "pairs" else None)


@pytest.mark.parametrize("name", SCORES)
def test_scores_are_printed_and_kept(finetuned, files, name):
    folder, outcomes = finetuned
    results = json.loads((folder / name / "results.json").read_text())
    epochs = json.loads((folder / name / "epochs.json").read_text())
    scores = results["dev"]
    first = SCORES[name][0]
    assert scores == epochs[results["best_epoch"] - 1]
    assert scores[first] == max(epoch[first] for epoch in epochs)
    for number, epoch in enumerate(epochs, start=1):
        printed = "  ".join(f"{k} {100 * v:.1f}" for k, v in epoch.items())
        assert f"\nepoch {number}: {printed}\n" in outcomes[name].stdout
    assert list(scores) == SCORES[name]
    # The task is easy enough for the smallest model: the chain does teach.
    assert scores["accuracy"] > 0.9
    *_, row = (folder / name / "results.md").read_text().splitlines()
    numbers = [f"{100 * score:.1f}" for score in scores.values()]
    assert row == f"| 0 | {' | '.join(numbers)} |"
    assert results["train_examples"] == {"classifier": 80, "tagger": 100}[name]
    card = (folder / name / "preset" / "README.md").read_text()
    # The flags of its own task, for the others would be refused.
    own = {"classifier": "text_column", "tagger": "tag_column"}
    assert [of for of, flag in own.items() if f"--{flag}=" in card] == [name]
    dev = {"classifier": "dev.tsv", "tagger": "iob2.txt"}[name]
    printed = "  ".join(f"{k} {100 * v:.1f}" for k, v in scores.items())
    assert f"\n{files}/{dev}: {printed}\n" in outcomes[name].stdout


def test_what_is_finished_stays(commands, finetuning, finetuned, tmp_path):
    folder, _ = finetuned
    shutil.copytree(folder / "classifier", tmp_path / "run")
    arguments = [*finetuning["classifier"], f"--output={tmp_path}/run"]
    before = commands.contents(tmp_path)
    again = commands.fork("finetune", *arguments)
    commands.assert_succeeded(again)
    assert again.stdout == f"{tmp_path}/run/preset is finished already.\n"
    assert commands.contents(tmp_path) == before
    other = [*arguments, "--epochs=4"]
    message = f"{tmp_path}/run: holds a run of other settings (--epochs was 6 and is "
    commands.refuse("finetune", other, message, tmp_path)


def test_the_optimizers_settings(commands, finetuning, pretrained, tmp_path):
    """Where epsilon is so large that Adam stands still, decay alone moves weights."""
    weight_decay, peak, steps = 3.0, 1e-2, 10
    outcome = commands.fork(
        "finetune",
        *[flag for flag in finetuning["classifier"] if not flag.startswith("--dev")],
        *("--epochs=1", "--warmup=0", f"--weight_decay={weight_decay}"),
        *("--epsilon=1e15", f"--output={tmp_path}/run"),
    )
    commands.assert_succeeded(outcome)
    assert f"step {steps}/{steps} " in outcome.stdout
    rates = [peak * (steps - step) / (steps + 1) for step in range(steps)]
    left = np.prod([1 - rate * weight_decay for rate in rates])
    before, after = (
        charbert_tf.CharBertBackbone.from_preset(folder)
        for folder in (f"{pretrained[0]}/charbert/preset", f"{tmp_path}/run/preset")
    )
    for old, new in zip(before.weights, after.weights, strict=True):
        if "pooled" in old.path:
            continue  # A CharBERT's classifier does not use it: no gradient.
        is_decayed = not re.search("bias|gamma|beta", old.path)
        expected = np.asarray(old) * (left if is_decayed else 1.0)
        np.testing.assert_allclose(np.asarray(new), expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("kind", ["classifier", "tagger"])
def test_labelled_files_that_cannot_be_read(
    commands, finetuning, bad_files, tmp_path, kind
):
    for path, message in bad_files.items():
        arguments = [*finetuning[kind], f"--output={tmp_path}/run", f"--train={path}"]
        commands.refuse("finetune", arguments, f"{path}{message}", tmp_path)


@pytest.mark.parametrize(
    ("kind", "flag", "content", "message"),
    [
        ("tagger", "train", "Rome O\nwins\n", ":2: the line has 1 column(s), the "),
        ("tagger", "train", "Rome\n", ":1: the line has 1 column(s), the word is "),
        ("tagger", "train", "a O\nRome NN\n", ":2: the tag 'NN' stands among IOB"),
        ("tagger", "train", "a O\nb O\n", ": has the single tag 'O': give a file"),
        ("tagger", "dev", "a O\n\nb I-ORG\n", ":3: the tag 'I-ORG' is not in the "),
        ("classifier", "train", "text\tlabel\na\tb\n", ":1: no column 'sentence': "),
        (
            "classifier",
            "train",
            "sentence\tlabel\na\n",
            ":2: the row has 1 column(s), the first line 2: add what is missing",
        ),
        ("classifier", "train", "sentence\tlabel\na\t\n", ":2: the label is empty: "),
        ("classifier", "train", "sentence\tlabel\na\tb\n", ": has the single label"),
        ("classifier", "train", "sentence\tlabel\n", ": no row in the file: put"),
        ("classifier", "dev", "sentence\tlabel\na\tso-so\n", ":2: the label 'so-so'"),
    ],
)
def test_labelled_files_that_are_wrong(
    commands, finetuning, tmp_path, kind, flag, content, message
):
    path = tmp_path / "labelled"
    # A tag in one column would be taken for the model's scheme without IOB tags.
    content = content.replace("a O\nRome NN", "a O\nb B-LOC\nRome NN")
    message = message.replace(":2: the tag 'NN'", ":3: the tag 'NN'")
    path.write_text(content)
    arguments = [*finetuning[kind], f"--output={tmp_path}/run", f"--{flag}={path}"]
    commands.refuse("finetune", arguments, f"{path}{message}", tmp_path)


@pytest.fixture
def presets(pretrained, tmp_path):
    """Folders to start from that are none, and what is wrong with them."""
    good = pretrained[0] / "charbert" / "preset"
    for name in ("truncated", "broken", "deep", "foreign", "without_tokenizer"):
        shutil.copytree(good, tmp_path / name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "truncated" / "model.weights.h5").write_bytes(
        (good / "model.weights.h5").read_bytes()[:3000]
    )
    (tmp_path / "broken" / "config.json").write_text('{"registered_name": ')
    (tmp_path / "deep" / "config.json").write_text("[" * 100_000)
    (tmp_path / "foreign" / "config.json").write_text('{"colour": "green"}')
    (tmp_path / "without_tokenizer" / "tokenizer.json").unlink()
    none = ": is no preset, it has no config.json: name"
    return {
        tmp_path / "missing": ": no such folder: name a folder that",
        tmp_path / "empty": f"{none} a folder",
        good.parent: f"{none} the one in it, {good}\n",
        tmp_path / "broken": "/config.json: cannot be read as JSON (Expecting value",
        tmp_path / "deep": "/config.json: cannot be read as JSON (it is nested too",
        tmp_path / "foreign": "/config.json: is of no kind that can be read: name a",
        tmp_path / "truncated": ": cannot be loaded (OSError: ",
        tmp_path / "without_tokenizer": ": has no tokenizer.json, which a preset ",
    }


@pytest.mark.parametrize("name", ["finetune", "pretrain"])
def test_presets_that_are_none(
    commands, finetuning, pretraining, presets, tmp_path, name
):
    # The sizes, which the flag file gives, are those of the preset.
    arguments_of = {"finetune": finetuning["classifier"], "pretrain": pretraining[1:]}
    for path, message in presets.items():
        arguments = arguments_of[name]
        arguments = [*arguments, f"--init={path}", f"--output={tmp_path}/run"]
        commands.refuse(name, arguments, f"{path}{message}", tmp_path)


def test_an_output_that_holds_something_else(commands, finetuning, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    arguments = [*finetuning["tagger"], f"--output={tmp_path}"]
    message = f"{tmp_path}: already holds something that is not a training run: choose"
    commands.refuse("finetune", arguments, message, tmp_path)


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--batch_size=0", "flag --batch_size=0: "),
        ("--epochs=0", "flag --epochs=0: "),
        ("--sequence_length=2", "flag --sequence_length=2: "),
        ("--learning_rate=-1", "flag --learning_rate=-1: "),
        ("--seeds=-1", "flag --seeds=['-1']: must be different whole"),
        ("--seeds=1,1", "flag --seeds=['1', '1']: must be different"),
        ("--seeds=", "flag --seeds=[]: must be different whole numbers"),
        ("--patience=0", "flag --patience=0: "),
        ("--noise_attacks=drop", "flags noise_rate=None, noise_attacks=['drop'], "),
        ("--noise_rate=0.6-0.3", "--noise_rate=0.6-0.3: give a number from 0 to 1, or"),
        ("--noise_rate=30%", "--noise_rate=30%: give a number from 0 to 1, or a lower"),
        ("--task=parsing", "--task: no task 'parsing': choose one of "),
        ("--tag_column=2", "--tag_column: for --task=tagging only, not for "),
        ("--data=tfds", "--data=tfds: --task=classification is for files: name a"),
    ],
)
def test_flags_out_of_range(commands, finetuning, tmp_path, flag, message):
    arguments = [*finetuning["classifier"], f"--output={tmp_path}/run", flag]
    commands.refuse("finetune", arguments, message, tmp_path)


def test_sequences_longer_than_the_encoder_takes(
    commands, finetuning, pretrained, tmp_path
):
    arguments = [*finetuning["classifier"], f"--output={tmp_path}/run"]
    message = (
        f"{pretrained[0]}/charbert/preset: the model takes 512 tokens at most, not "
        "513: lower --sequence_length"
    )
    arguments = [*arguments, "--sequence_length=513"]
    commands.refuse("finetune", arguments, message, tmp_path)


@pytest.fixture(scope="module")
def two_seeds(commands, pretrained, files, tmp_path_factory):
    """The flags and the folder of a fine-tuning with two seeds, and what it printed."""
    folder = tmp_path_factory.mktemp("seeds")
    output = folder / "run"
    for name in ("train.tsv", "dev.tsv"):
        text = (files / name).read_text()
        text = text.replace("\tgood\n", "\t1\n").replace("\tbad\n", "\t0\n")
        (folder / name).write_text(text)
    arguments = [
        "--task=sst2",
        f"--train={folder}/train.tsv",
        f"--dev={folder}/dev.tsv",
        f"--init={pretrained[0]}/bert/preset",
        f"--output={output}",
        "--seeds=3,14",
        "--epochs=1",
        "--learning_rate=1e-2",
    ]
    return arguments, output, commands.fork("finetune", *arguments)


def test_several_seeds_and_their_mean(commands, two_seeds):
    _, output, outcome = two_seeds
    commands.assert_succeeded(outcome)
    results = json.loads((output / "results.json").read_text())
    dev = {}
    for seed in ("3", "14"):
        own = json.loads((output / f"seed-{seed}" / "results.json").read_text())
        assert results["seeds"][seed] == own
        dev[seed] = own["dev"]
    assert list(results["dev"]) == SCORES["classifier"]
    for name, summary in results["dev"].items():
        values = [dev[seed][name] for seed in dev]
        assert summary["mean"] == pytest.approx(np.mean(values))
        assert summary["standard_deviation"] == pytest.approx(np.std(values, ddof=1))
    table = (output / "results.md").read_text()
    assert outcome.stdout.endswith(table)
    accuracy = results["dev"]["accuracy"]
    row = f"| mean ± standard deviation | {100 * accuracy['mean']:.1f} ± "
    assert table.splitlines()[-1].startswith(row)
    # What is not given is the task's; a folder of one seed is like any other run's.
    settings = json.loads((output / "seed-14" / "settings.json").read_text())
    assert settings["seeds"] == ["14"]
    assert (settings["epochs"], settings["batch_size"]) == (1, 32)
    assert settings["learning_rate"] == 1e-2


@pytest.mark.slow
def test_models_of_several_seeds_are_scored_together(commands, two_seeds, tmp_path):
    _, output, _ = two_seeds
    outcome = commands.fork(
        "evaluate",
        "--task=sst2",
        f"--models=BERT={output}",
        f"--input={output.parent}/dev.tsv",
        "--attacks=none",
        f"--output={tmp_path}/scores.json",
        f"--predictions={tmp_path}/predicted",
    )
    commands.assert_succeeded(outcome)
    evaluated = json.loads((tmp_path / "scores.json").read_text())
    finetuned = json.loads((output / "results.json").read_text())
    # On dev they are what fine-tuning says.
    for seed in ("3", "14"):
        scores = evaluated["scores"][f"BERT/seed-{seed}"]
        assert scores == {"none": pytest.approx(finetuned["seeds"][seed]["dev"])}
        predictions = tmp_path / "predicted" / "BERT" / f"seed-{seed}" / "clean.tsv"
        dev = output / f"seed-{seed}" / "dev_predictions.tsv"
        assert predictions.read_bytes() == dev.read_bytes()
    assert evaluated["over_seeds"]["BERT"].keys() == {"none"}
    for name, summary in finetuned["dev"].items():
        of_name = evaluated["over_seeds"]["BERT"]["none"][name]
        assert of_name == pytest.approx(summary)
    *_, numbers = (output / "results.md").read_text().splitlines()
    accuracy, *_ = numbers.split(" | ")[1:]
    row = outcome.stdout.splitlines()[-1]
    assert row.startswith(
        f"BERT mean ± standard deviation  none      accuracy {accuracy}  "
    )


def test_seeds_that_are_finished_are_not_done_again(commands, two_seeds):
    arguments, output, _ = two_seeds
    before = json.loads((output / "results.json").read_text())["dev"]
    first = commands.contents(output / "seed-3")
    weights = (output / "seed-14" / "preset" / "model.weights.h5").read_bytes()
    # As if it had been killed after the first seed.
    shutil.rmtree(output / "seed-14")
    for name in ("results.json", "results.md"):
        (output / name).unlink()
    again = commands.fork("finetune", *arguments)
    commands.assert_succeeded(again)
    done, *_ = again.stdout.splitlines()
    assert done == f"{output}/seed-3/preset is finished already."
    assert commands.contents(output / "seed-3") == first
    # A seed's result does not depend on what the process did before.
    assert json.loads((output / "results.json").read_text())["dev"] == before
    same = (output / "seed-14" / "preset" / "model.weights.h5").read_bytes()
    assert same == weights
    other = [*arguments, "--seeds=3"]
    message = f"{output}: holds a run of other settings (--seeds was ['3', '14'] and is"
    commands.refuse("finetune", other, message, output)


@pytest.mark.slow
def test_seeds_are_added(commands, two_seeds, tmp_path):
    arguments, output, _ = two_seeds
    run = tmp_path / "run"
    shutil.copytree(output, run)
    finished = {seed: commands.contents(run / f"seed-{seed}") for seed in (3, 14)}
    arguments = [*arguments, f"--output={run}", "--seeds=3,14,15"]
    other = [*arguments, "--epochs=2"]
    message = f"{run}: holds a run of other settings (--epochs was 1 and is now 2): "
    commands.refuse("finetune", other, message, tmp_path)
    outcome = commands.fork("finetune", *arguments)
    commands.assert_succeeded(outcome)
    lines = outcome.stdout.splitlines()
    assert lines[:2] == [
        f"{run}/seed-{seed}/preset is finished already." for seed in finished
    ]
    assert f"Saved {run}/seed-15/preset" in lines
    for seed, contents in finished.items():
        assert commands.contents(run / f"seed-{seed}") == contents
    results = json.loads((run / "results.json").read_text())
    assert list(results["seeds"]) == ["3", "14", "15"]
    values = [of_seed["dev"]["accuracy"] for of_seed in results["seeds"].values()]
    assert results["dev"]["accuracy"]["mean"] == pytest.approx(np.mean(values))
    rows = (run / "results.md").read_text().splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [
        *("| 3", "| 14", "| 15", "| mean ± standard deviation")
    ]
    # All three are the folder's from now on.
    assert seed_presets(str(run)) == {
        seed: f"{run}/seed-{seed}/preset" for seed in (3, 14, 15)
    }
    fewer = [*arguments, "--seeds=3,14"]
    message = f"{run}: holds a run of other settings (--seeds was ['3', '14', '15'] and"
    commands.refuse("finetune", fewer, message, tmp_path)


def test_a_folder_of_one_seed_takes_no_more(commands, finetuning, finetuned):
    run = finetuned[0] / "classifier"
    arguments = [*finetuning["classifier"], f"--output={run}", "--seeds=0,1"]
    message = (
        f"{run}: holds the run of the single seed 0, and several have a folder of "
        "another layout: choose another --output"
    )
    commands.refuse("finetune", arguments, message, run)


def test_data_sets_that_are_for_files_only(commands, finetuning, tmp_path):
    arguments = [*finetuning["classifier"], "--data=tfds", f"--output={tmp_path}/run"]
    for name in ("ptb", "wnut17"):
        message = "tensorflow-datasets does not have this data set: give "
        commands.refuse("finetune", [*arguments, f"--task={name}"], message, tmp_path)
