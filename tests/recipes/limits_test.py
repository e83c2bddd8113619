"""What a setting may be, asked of the recipes and of their commands."""

import subprocess
import sys

import pytest

import charbert_tf
from charbert_tf.files.errors import UserError

FINETUNING = {"task": "classification", "train": "none", "init": "i", "output": "o"}
ANSWERING = FINETUNING | {"task": "squad2"}
PRETRAINING = {"input": ["none"], "vocabulary": "v", "output": "o"}
SCORING = {"task": "classification", "models": ["m"], "input": "none"}
SEARCHING = {"task": "classification", "model": "m", "input": "none"}
ANALYSING = {"task": "tagging", "models": ["m"], "input": "none"}
ANALYSING |= {"analysis": "sensitivity"}
VOCABULARY = {"input": ["none"], "output": "o"}


@pytest.mark.parametrize(
    ("recipe", "settings", "message"),
    [
        ("finetune", {"epochs": 0}, "--epochs=0: must be at least 1"),
        ("finetune", {"epochs": 2.5}, "--epochs=2.5: not a whole number"),
        ("finetune", {"epochs": True}, "--epochs=True: not a whole number"),
        ("finetune", {"batch_size": "16"}, "--batch_size='16': not a whole number"),
        ("finetune", {"learning_rate": -1.0}, "--learning_rate=-1.0: must be at least"),
        ("finetune", {"warmup": float("nan")}, "--warmup=nan: not a number"),
        ("finetune", {"warmup": 10}, "--warmup=10: must be from 0 to 1"),
        ("finetune", {"precision": "half"}, "--precision='half': must be one of float"),
        ("finetune", {"distribution": "gpu"}, "--distribution='gpu': must be one of a"),
        ("finetune", {"train": None}, "--train=None: must be given"),
        ("finetune", {"dev": 3}, "--dev=3: not a text"),
        ("finetune", {"output": ""}, "--output='': the value is empty: give one"),
        ("finetune", {"init": ""}, "--init='': the value is empty: give one"),
        ("pretrain", {"output": "gs://b/o"}, "--output=gs://b/o: addresses cannot be "),
        ("measure_robustness", {"rates": [None]}, "--rates: must be numbers from 0 to"),
        ("finetune", {"header": "no"}, "--header='no': not True or False"),
        ("finetune", {"long_texts": "both"}, "--long_texts='both': must be one of cut"),
        ("pretrain", {"steps": 0}, "--steps=0: must be at least 1"),
        ("pretrain", {"seed": 10**9}, "--seed=1000000000: must be from 0 to 9999"),
        ("pretrain", {"characters": "no"}, "--characters='no': not True or False"),
        ("evaluate", {"rate": 1.01}, "--rate=1.01: must be from 0 to 1"),
        ("evaluate", {"minimum_length": 2}, "--minimum_length=2: must be at least 3"),
        (
            *("evaluate", {"output": "out/scores.json", "predictions": "./out"}),
            "--output, --predictions: one is inside of the other, and each is written ",
        ),
        (
            *("evaluate", {"output": "out", "predictions": "out/predicted"}),
            "--output, --predictions: one is inside of the other, and each is written ",
        ),
        ("measure_robustness", {"backoff": "x"}, "--backoff='x': must be one of pass"),
        ("evaluate", {"models": []}, "--models: must name a model"),
        ("measure_robustness", {"models": {}}, "--models: must name a model"),
        ("find_worst_typos", {"edits": 0}, "--edits=0: must be at least 1"),
        ("find_worst_typos", {"beam_width": 1.5}, "--beam_width=1.5: not a whole numb"),
        ("find_worst_typos", {"most_words": 0}, "--most_words=0: must be at least 1"),
        ("find_worst_typos", {"examples": 0}, "--examples=0: must be at least 1"),
        ("find_worst_typos", {"minimum_length": 2}, "--minimum_length=2: must be at "),
        ("find_worst_typos", {"data": "web"}, "--data='web': must be one of files, "),
        ("find_worst_typos", {"model": None}, "--model=None: must be given"),
        ("find_worst_typos", {"output": "s3://b"}, "--output=s3://b: addresses cannot"),
        ("analyze", {"models": []}, "--models: must name a model"),
        ("analyze", {"analysis": "x"}, "--analysis='x': must be one of segmentation, "),
        ("analyze", {"sentence": -1}, "--sentence=-1: must be at least 0"),
        ("analyze", {"rate": 1.1}, "--rate=1.1: must be from 0 to 1"),
        ("analyze", {"seed": -1}, "--seed=-1: must be at least 0"),
        ("analyze", {"attack": ""}, "--attack='': the value is empty: give one"),
        ("build_vocabulary", {"num_words": 0}, "--num_words=0: must be at least 1"),
        ("train_word_recognizer", {"steps": 0}, "--steps=0: must be at least 1"),
        ("train_word_recognizer", {"noise_rate": 2}, "--noise_rate=2: must be from 0"),
    ],
)
def test_a_recipe_refuses_what_is_no_value_of_a_setting(recipe, settings, message):
    base = {
        "finetune": FINETUNING,
        "pretrain": PRETRAINING,
        "find_worst_typos": SEARCHING,
        "analyze": ANALYSING,
        "build_vocabulary": VOCABULARY,
        "train_word_recognizer": VOCABULARY,
    }.get(recipe, SCORING)
    with pytest.raises(UserError) as error:
        getattr(charbert_tf, recipe)(**base | settings)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"max_answer_length": 0}, "--max_answer_length=0: must be from 1 to "),
        ({"null_threshold": "low"}, "--null_threshold='low': not a number"),
    ],
)
def test_options_of_a_task_have_limits_too(option, message):
    with pytest.raises(UserError) as error:
        charbert_tf.finetune(**ANSWERING | option)
    assert str(error.value).startswith(message)


def test_values_at_the_limits_are_taken():
    # What is wrong then is the file, which is looked at next.
    at_limits = {"epochs": 1, "warmup": 0, "clean_share": 1.0, "noise_rate": 0.5}
    with pytest.raises(UserError, match=r"^none: no such file"):
        charbert_tf.finetune(**FINETUNING | at_limits | {"learning_rate": 0})


@pytest.mark.parametrize(
    ("command", "flag", "message"),
    [
        ("finetune", "--warmup=1.1", "flag --warmup=1.1: 1.1 is not a number in the "),
        ("finetune", "--batch_size=0", "flag --batch_size=0: 0 is not a positive int"),
        ("pretrain", "--num_layers=0", "flag --num_layers=0: 0 is not a positive int"),
        ("evaluate", "--rate=1.01", "flag --rate=1.01: 1.01 is not a number in the ra"),
        ("evaluate", "--minimum_length=2", "flag --minimum_length=2: 2 is not integer"),
        ("adversary", "--beam_width=0", "flag --beam_width=0: 0 is not a positive int"),
        ("adversary", "--most_words=0", "flag --most_words=0: 0 is not a positive int"),
        ("analyze", "--sentence=-1", "flag --sentence=-1: -1 is not a non-negative in"),
        ("build_vocabulary", "--num_words=0", "flag --num_words=0: 0 is not a positi"),
        ("prepare_data", "--num_characters=1", "flag --num_characters=1: 1 is not int"),
        ("train_word_recognizer", "--steps=0", "flag --steps=0: 0 is not a positive i"),
    ],
)
def test_a_commands_flag_has_the_limits_of_its_setting(command, flag, message):
    outcome = subprocess.run(
        [sys.executable, "-m", f"official.{command}", flag],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith(f"error: {message}")
    assert outcome.stderr.count("\n") == 1
