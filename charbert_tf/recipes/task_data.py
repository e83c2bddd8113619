"""TaskData: a task by its name, and where its examples come from."""

import dataclasses
import functools
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from charbert_tf import corpus
from charbert_tf.families.named_tasks import (
    DATA_SETS,
    FAMILIES,
    HyperParameters,
    NamedTask,
    OptionUse,
    TaskOption,
    find_metric,
    find_task,
    settings_of_task,
)
from charbert_tf.files.errors import UserError
from charbert_tf.recipes.limits import Limits, kind_fault
from charbert_tf.recipes.settings import plain_settings

if TYPE_CHECKING:
    from charbert_tf.families.family import Family

SOURCES = ("files", "tfds")
"""Where examples come from: files, or tensorflow-datasets."""

TRAINING_USES = (OptionUse.READING, OptionUse.MAKING, OptionUse.PREDICTING)
"""What the options of a task are for that a training takes."""

SCORING_USES = (OptionUse.READING, OptionUse.PREDICTING, OptionUse.ATTACKING)
"""What those are for that are taken by who scores models."""

# Where results go says nothing of them.
_RESULTS = ("output", "predictions")


@dataclasses.dataclass(frozen=True)
class TaskData:
    """A task, made with a user's options, that reads its examples.

    Args:
        name: a name of `FAMILIES` or `DATA_SETS`, or the place of a family or a
            `NamedTask` of yours, `"my_package.my_module:MyFamily"`.
        data: `"files"`, or `"tfds"`: then splits of tensorflow-datasets are named
            instead of files.
        options: the task's options that are given, by their names.
        uses: what options are for that may be given.
        metric: the place of a metric of yours that comes first.

    Raises:
        ValueError: if `data` is neither.

    Example:

    ```python
    data = TaskData("classification", options={"text_column": "review"})
    examples = data.read("train.tsv")
    data.task.labels(examples, "train.tsv")
    ```
    """

    name: str
    data: str = SOURCES[0]
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    uses: Collection[OptionUse] = TRAINING_USES
    metric: str | None = None

    def __post_init__(self):
        """Checks where the examples come from."""
        if self.data not in SOURCES:
            raise ValueError(f"The data are one of {SOURCES}, not {self.data!r}.")

    @functools.cached_property
    def task(self) -> "Family":
        """The task.

        Raises:
            UserError: if there is no such task or metric, or an option is for another
                task or use.
            TypeError: if no task has an option of this name.
        """
        self._check_options()
        defaults = _defaults(self.named.options)
        task = self.named.make(**defaults | dict(self.options))
        if self.metric is not None:
            task.put_first(find_metric(self.metric))
        return task

    @functools.cached_property
    def named(self) -> NamedTask:
        """What is known of the task by its name.

        Raises:
            UserError: if there is none.
        """
        try:
            return find_task(self.name)
        except UserError as error:
            raise UserError(f"--task: {error}") from None

    @property
    def hyper_parameters(self) -> HyperParameters:
        """What fine-tuning on the task takes unless something else is said."""
        return self.named.hyper_parameters

    @property
    def settings(self) -> dict[str, Any]:
        """What describes the task to whoever compares two runs, for JSON.

        The options of all families are among them, as they are unless given, but for
        those of other uses.
        """
        defaults: dict[str, Any] = {}
        for family in (*FAMILIES.values(), self.named):
            options = family.options_for(self.uses)
            defaults |= {option.name: option.default for option in options}
        # As a command has them, whose flags know a column's number as text.
        texts = {option.name for option in self.named.options if option.kind is str}
        given = {
            name: str(value) if name in texts and value is not None else value
            for name, value in self.options.items()
        }
        names = {"task": self.name, "data": self.data}
        return names | defaults | given | {"metric": self.metric}

    def record(self, settings: Any) -> dict[str, Any]:
        """Says how results are made, to be kept with them.

        Args:
            settings: those of the recipe, a dataclass.

        Returns:
            All of them but where the results go, and the task's options as they are
            read, given or not: JSON values by name, which a recipe that scores takes
            again. What a data set has no option for, such as the columns of `"cola"`,
            its name tells.

        Example:

        ```python
        data.record(settings)["input"]  # 'test.txt'
        ```
        """
        plain = plain_settings(dataclasses.asdict(settings) | self.settings)
        return {
            name: value
            for name, value in settings_of_task(plain).items()
            if name not in _RESULTS
        }

    def read(self, place: str) -> list:
        """Reads labelled examples.

        Args:
            place: a file; of tensorflow-datasets the name of a split.

        Returns:
            The examples, as the task's `read` gives them.

        Raises:
            UserError: if they cannot be read.

        Example:

        ```python
        TaskData("conll2003").read("train.txt")
        ```
        """
        if self.data == "files":
            return self.task.read(place)
        return self._data_set().read_split(place)

    def read_to_predict(self, place: str) -> list:
        """Reads examples that may have no labels, as GLUE's test sets have none.

        Args:
            place: as `read` takes it.

        Returns:
            The examples; those of classification have None for a label that is not
            there.

        Raises:
            UserError: if they cannot be read.

        Example:

        ```python
        TaskData("sst2").read_to_predict("test.tsv")
        ```
        """
        if self.data == "files":
            return self.task.read_to_predict(place)
        return self._data_set().read_split_to_predict(place)

    def describe(self, place: str) -> Any:
        """Says which examples these are, so that one can tell when they have changed.

        Args:
            place: as `read` takes it.

        Returns:
            A description that JSON can hold.

        Example:

        ```python
        TaskData("cola", data="tfds").describe("train")  # 'train'
        ```
        """
        return corpus.describe_inputs([place]) if self.data == "files" else place

    def _data_set(self) -> NamedTask:
        if self.name in FAMILIES or not (self.named.tfds or self.named.files):
            raise UserError(
                f"--data=tfds: --task={self.name} is for files: name a data set, such "
                "as --task=conll2003"
            )
        return self.named

    def _check_options(self) -> None:
        own = {option.name: option for option in self.named.options}
        others = [name for name in self.options if name not in own]
        for names, options in _by_tasks(others).items():
            tasks = " and ".join(f"--task={name}" for name in names)
            given = ", ".join(f"--{name}" for name in options)
            raise UserError(
                f"{given}: for {tasks} only, not for --task={self.name}: leave it out"
            )
        if others:
            raise TypeError(f"There is no argument or option {others[0]!r}.")
        for name, value in self.options.items():
            self._check_option(own[name], value)

    def _check_option(self, option: TaskOption, value: Any) -> None:
        if not frozenset(self.uses) & frozenset(option.uses):
            uses = " and ".join(use.value for use in option.uses)
            raise UserError(
                f"--{option.name}: for {uses} only, which is not done here: leave it "
                "out"
            )
        if value is None:
            return
        # A column has a name or, in Python, a number.
        fault = None if option.kind is str else kind_fault(value, option.kind)
        limits = Limits(option.least, option.most, option.choices)
        if fault := fault or limits.fault(value):
            raise UserError(f"--{option.name}={value!r}: {fault}")


def _by_tasks(options: Sequence[str]) -> dict[tuple[str, ...], list[str]]:
    """Options by the names of the tasks that have them, if any has."""
    by_tasks: dict[tuple[str, ...], list[str]] = {}
    for name in options:
        tasks = tuple(
            task
            for registry in (FAMILIES, DATA_SETS)
            for task, named in registry.items()
            if name in {option.name for option in named.options}
        )
        if tasks:
            by_tasks.setdefault(tasks, []).append(name)
    return by_tasks


def _defaults(options: Sequence[TaskOption]) -> dict[str, Any]:
    return {o.name: o.default for o in options if o.default is not None}
