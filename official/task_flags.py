"""The flags that say what task labelled examples are of, and where they come from."""

from collections.abc import Collection
from typing import Any

from absl import flags

from charbert_tf.families.named_tasks import DATA_SETS, FAMILIES, OptionUse
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.task_data import SOURCES, TaskData
from official import command, option_flags

_TASK = flags.DEFINE_string(
    "task",
    None,
    "tagging: CoNLL-style files, a word and its tag a line. classification: TSV files, "
    "a text and its label a line. multi_label_classification: any number of labels, "
    "commas between. regression: a number instead of the label. embedding: two texts "
    "and how similar they are. question_answering: SQuAD's JSON. Data sets, with the "
    "columns of their files and their own hyper-parameters: "
    f"{', '.join(DATA_SETS)}. Or a family of yours: my_package.my_module:MyFamily, or "
    "a NamedTask of it, which declares options.",
    required=True,
)
_DATA = flags.DEFINE_enum(
    "data",
    SOURCES[0],
    list(SOURCES),
    "Where a data set comes from: files, or tensorflow-datasets, whose splits are then "
    "named instead of files (train, validation, test[:500]).",
)
_OWN_OPTIONS = flags.DEFINE_multi_string(
    "task_option",
    None,
    "An option that a task of yours declares, NAME=VALUE",
)


def given() -> dict[str, Any]:
    """Returns the command's flags that are given, as a recipe takes them.

    Raises:
        UserError: If --task_option gives what the task does not take.
    """
    values = command.given()
    texts = values.pop(_OWN_OPTIONS.name, ())
    if texts:
        options = TaskData(_TASK.value).named.options
        values |= dict(option_flags.parse(text, options) for text in texts)
    return values


def task_data(uses: Collection[OptionUse]) -> TaskData:
    """Returns the task that the flags describe, for a command that is no recipe.

    Args:
        uses: What the command does.
    """
    values = given()
    tasks = (*FAMILIES.values(), TaskData(_TASK.value).named)
    names = {option.name for task in tasks for option in task.options}
    options = {name: value for name, value in values.items() if name in names}
    return TaskData(_TASK.value, _DATA.value, options, uses)


def refuse_tfds(reason: str) -> None:
    """Refuses --data=tfds, for a command that is for files.

    Args:
        reason: Why it cannot be.

    Raises:
        UserError: If it is given.
    """
    if _DATA.value == "tfds":
        raise UserError(f"--data=tfds: {reason}: name a file and leave it out")
