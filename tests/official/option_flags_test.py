"""Commands have flags for those options of tasks alone that they have a use for."""

import re

import pytest

import charbert_tf
from charbert_tf.families import FAMILIES
from charbert_tf.files.errors import UserError

READING = {"word_column", "tag_column", "joins_words"}
READING |= {"text_column", "text_pair_column", "label_column", "header"}
MAKING = {"channels", "projection_dim"}
EXPORTING = {"long_texts", "doc_stride", "max_answer_length"}
PREDICTING = EXPORTING | {"null_threshold", "highest_score"}
ATTACKING = {"attacked_text"}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("finetune", READING | MAKING | PREDICTING),
        ("evaluate", READING | PREDICTING | ATTACKING),
        ("robustness", READING | PREDICTING | ATTACKING),
        ("adversary", READING | PREDICTING | ATTACKING),
        ("attack", READING | ATTACKING),
        ("edit_kinds", READING),
        ("analyze", READING),
        ("export", EXPORTING),
    ],
)
def test_a_command_has_the_flags_that_it_uses(commands, command, expected):
    outcome = commands.run(command, "--help")
    commands.assert_succeeded(outcome)
    flags = set(re.findall(r"^  --(?:\[no\])?(\w+)", outcome.stdout, re.MULTILINE))
    options = {option.name for task in FAMILIES.values() for option in task.options}
    assert flags & options == expected


SCORING = {"models": ["none"], "input": "none", "task": "stsb_embedding"}
TRAINING = {"train": "none", "init": "none", "output": "none", "task": "squad2"}


@pytest.mark.parametrize(
    ("recipe", "settings", "message"),
    [
        (
            "evaluate",
            SCORING | {"projection_dim": 8},
            "--projection_dim: for making a new model only, which is not done here: ",
        ),
        (
            "measure_robustness",
            SCORING | {"channels": "tokens"},
            "--channels: for making a new model only, which is not done here: ",
        ),
        (
            "find_worst_typos",
            {"model": "none", "input": "none", "task": "stsb_embedding"}
            | {"projection_dim": 8},
            "--projection_dim: for making a new model only, which is not done here: ",
        ),
        (
            "analyze",
            SCORING
            | {"analysis": "segmentation", "task": "squad2", "attacked_text": "both"},
            "--attacked_text: for attacking texts only, which is not done here: ",
        ),
        (
            "finetune",
            TRAINING | {"attacked_text": "both"},
            "--attacked_text: for attacking texts only, which is not done here: ",
        ),
    ],
)
def test_a_recipe_refuses_what_it_has_no_use_for(recipe, settings, message):
    with pytest.raises(UserError, match=f"^{re.escape(message)}leave it out$"):
        getattr(charbert_tf, recipe)(**settings)


def test_options_of_another_task_and_out_of_range(commands, tmp_path):
    arguments = ["--task=sst2", "--input=none", "--models=none"]
    for options, message in (
        (
            ["--doc_stride=64", "--max_answer_length=9"],
            "--doc_stride, --max_answer_length: for --task=question_answering and "
            "--task=squad1 and --task=squad2 only, not for --task=sst2: leave it out",
        ),
        (["--doc_stride=0"], "flag --doc_stride=0: "),
        (["--max_answer_length=0"], "flag --max_answer_length=0: "),
    ):
        commands.refuse("evaluate", [*arguments, *options], message, tmp_path)


def test_an_option_of_a_task_that_the_command_has_no_use_for(commands, tmp_path):
    arguments = ["--task=sst2", "--input=none", f"--output={tmp_path}/out"]
    for option, message in (
        ("--long_texts=windows", "Unknown command line flag 'long_texts'"),
        (
            "--task_option=long_texts=windows",
            "--long_texts: for predicting and exporting a model only, which is not do",
        ),
    ):
        commands.refuse("attack", [*arguments, option], message, tmp_path)
