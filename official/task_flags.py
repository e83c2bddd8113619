"""The flags that say what task labelled examples are of, and where they come from."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf.families.named_tasks import (
    DATA_SETS,
    FAMILIES,
    find_metric,
    find_task,
)
from charbert_tf.files.errors import UserError
from official import command, option_flags

if TYPE_CHECKING:
    from charbert_tf.families.family import Family
    from charbert_tf.families.named_tasks import HyperParameters, NamedTask

_TASK = flags.DEFINE_string(
    "task",
    None,
    "tagging: CoNLL-style files, a word and its tag a line. classification: TSV files, "
    "a text and its label a line. question_answering: SQuAD's JSON. Data sets, with "
    "the columns of their files and their own hyper-parameters: "
    f"{', '.join(DATA_SETS)}. Or a family of yours: my_package.my_module:MyFamily.",
    required=True,
)
_DATA = flags.DEFINE_enum(
    "data",
    "files",
    ["files", "tfds"],
    "Where a data set comes from: files, or tensorflow-datasets, whose splits are then "
    "named instead of files (train, validation, test[:500]).",
)
_OPTIONS = option_flags.define(
    option for family in FAMILIES.values() for option in family.options
)


def task(
    attack_flags: Mapping[str, flags.FlagHolder] | None = None,
    metric: str | None = None,
) -> "Family":
    """Returns the task that the flags describe.

    Args:
        attack_flags: What a command has flags for that are about attacks.
        metric: What --metric says, in commands that have it.

    Raises:
        UserError: If there is no such task or metric, or a flag is given that is for
            another task.
    """
    named = _named_task()
    _refuse_flags_of_other_tasks(named)
    names = {option.name for option in named.options}
    holders = {name: holder for name, holder in _OPTIONS.items() if name in names}
    made = named.make(
        **option_flags.given(holders),
        **_given_of_attacks(named, attack_flags or {}),
    )
    if metric is not None:
        made.put_first(find_metric(metric))
    return made


def read(task: "Family", place: str) -> list:
    """Reads labelled examples.

    Args:
        task: What `task()` returned.
        place: A file; with --data=tfds the name of a split.

    Returns:
        The examples, as the task's `read` gives them.

    Raises:
        UserError: If they cannot be read.
    """
    if _DATA.value == "files":
        return task.read(place)
    return _data_set().read_split(place)


def read_to_predict(task: "Family", place: str) -> list:
    """Reads examples that may have no labels, as GLUE's test sets have none.

    Args:
        task: What `task()` returned.
        place: As `read` takes it.

    Returns:
        The examples; those of classification have None for a label that is not there.

    Raises:
        UserError: If they cannot be read.
    """
    if _DATA.value == "files":
        return task.read_to_predict(place)
    return _data_set().read_split_to_predict(place)


def describe(place: str) -> str:
    """Says which examples these are, so that one can tell when they have changed.

    Args:
        place: As `read` takes it.

    Returns:
        A description that JSON can hold.
    """
    # Here, for it takes NumPy and more, which --help need not wait for.
    from charbert_tf.corpus.corpus_parts import describe_inputs

    return describe_inputs([place]) if _DATA.value == "files" else place


def refuse_tfds(reason: str) -> None:
    """Refuses --data=tfds, for a command that is for files.

    Args:
        reason: Why it cannot be.

    Raises:
        UserError: If it is given.
    """
    if _DATA.value == "tfds":
        raise UserError(f"--data=tfds: {reason}: name a file and leave it out")


def hyper_parameters() -> "HyperParameters":
    """Returns what fine-tuning on the task takes unless a flag says otherwise."""
    return _named_task().hyper_parameters


def _named_task() -> "NamedTask":
    try:
        return find_task(_TASK.value)
    except UserError as error:
        raise UserError(f"--task: {error}") from None


def _data_set() -> "NamedTask":
    named = _named_task()
    if _TASK.value in FAMILIES or not (named.tfds or named.files):
        raise UserError(
            f"--data=tfds: --task={_TASK.value} is for files: name a data set, such as "
            "--task=conll2003"
        )
    return named


def _given_of_attacks(
    named: "NamedTask", holders: Mapping[str, flags.FlagHolder]
) -> dict[str, object]:
    values = option_flags.given(holders)
    known = {option.name for option in named.attack_options}
    for name in values.keys() - known:
        families = [
            family.replace("_", " ")
            for family, other in FAMILIES.items()
            if name in {option.name for option in other.attack_options}
        ]
        raise UserError(
            f"--{name}: for {' and '.join(families)} only, not for "
            f"--task={_TASK.value}: leave it out"
        )
    return values


def _refuse_flags_of_other_tasks(named: "NamedTask") -> None:
    known = {option.name for option in named.options}
    by_tasks: dict[tuple[str, ...], list[flags.FlagHolder]] = {}
    for name in [name for name in _OPTIONS if name not in known]:
        by_tasks.setdefault(_tasks_with(name), []).append(_OPTIONS[name])
    for names, holders in by_tasks.items():
        tasks = " and ".join(f"--task={name}" for name in names)
        command.refuse_flags(holders, f"for {tasks} only, not for --task={_TASK.value}")


def _tasks_with(option_name: str) -> tuple[str, ...]:
    return tuple(
        name
        for registry in (FAMILIES, DATA_SETS)
        for name, named in registry.items()
        if option_name in {option.name for option in named.options}
    )
