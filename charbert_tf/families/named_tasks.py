"""Tasks by name: families and data sets, and what commands know of them."""

import dataclasses
import enum
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from charbert_tf.files.errors import UserError
from charbert_tf.registry import Base, Registry, find_own, thing_at

if TYPE_CHECKING:
    from charbert_tf.families.family import Family
    from charbert_tf.families.metric import Metric
    from charbert_tf.families.tfds_data_set import TfdsDataSet


@dataclasses.dataclass(frozen=True)
class HyperParameters:
    """What fine-tuning takes if nothing else is asked for.

    Args:
        learning_rate: the peak.
        batch_size: examples of a batch, on all devices together.
        epochs: passes over the training examples.
        sequence_length: tokens of an example at most.
    """

    learning_rate: float = 5e-5
    batch_size: int = 16
    epochs: int = 3
    sequence_length: int = 128


class OptionUse(enum.Enum):
    """What an option of a task is for: a command takes those of what it does."""

    READING = "reading files"
    MAKING = "making a new model"
    PREDICTING = "predicting"
    ATTACKING = "attacking texts"
    EXPORTING = "exporting a model"


@dataclasses.dataclass(frozen=True)
class TaskOption:
    """An argument of a family that a command has a flag for.

    Args:
        name: the argument's name, and the flag's.
        kind: what its values are: `str`, `int`, `float` or `bool`.
        help: what the flag's help says.
        default: what it is unless it is given; None where the family says.
        choices: all that it may be, if it is not any value.
        least: the least number, if there is one.
        most: the highest number, if there is one.
        uses: what it is for.
    """

    name: str
    kind: type
    help: str
    default: Any = None
    choices: Sequence[str] | None = None
    least: int | None = None
    most: int | None = None
    uses: Collection[OptionUse] = (OptionUse.READING,)


@dataclasses.dataclass(frozen=True)
class NamedTask:
    """A family with some of its arguments, such as those of a data set.

    Nothing is imported until a task is made: commands list tasks and define their flags
    without TensorFlow.

    Args:
        family: the place of the family's class, `"module:Class"`, or the class.
        arguments: its arguments.
        options: further ones that a command has flags for.
        hyper_parameters: the defaults of fine-tuning.
        tfds: where tensorflow-datasets has the data set, if it does.
        files: what its own files are, for whoever asks tensorflow-datasets in vain.

    Example:

    ```python
    DATA_SETS["conll2003"].make().read("train.txt")
    ```
    """

    family: "str | type[Family]"
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    options: Sequence[TaskOption] = ()
    hyper_parameters: HyperParameters = HyperParameters()
    tfds: "TfdsDataSet | None" = None
    files: str = ""

    def __post_init__(self) -> None:
        # Whoever changes the caller's dict afterwards changes another task's.
        object.__setattr__(self, "arguments", dict(self.arguments))

    def options_for(self, uses: Collection[OptionUse]) -> list[TaskOption]:
        """Returns the options that are for one of some uses.

        Args:
            uses: the uses.

        Example:
            >>> uses = [OptionUse.MAKING]
            >>> [o.name for o in FAMILIES["embedding"].options_for(uses)]
            ['channels', 'projection_dim']
        """
        wanted = frozenset(uses)
        return [option for option in self.options if wanted & frozenset(option.uses)]

    def make(self, **further: Any) -> "Family":
        """Makes the task.

        Args:
            **further: arguments besides the task's own, or in their place.

        Returns:
            The task.

        Example:

        ```python
        DATA_SETS["squad2"].make(null_threshold=-1.5)
        ```
        """
        family = self.family
        if isinstance(family, str):
            family = thing_at(family)
        return family(**{**self.arguments, **further})

    def read_split(self, split: str) -> list:
        """Reads a split of the data set from tensorflow-datasets.

        Args:
            split: its name, or a part of it: "train", "validation[:500]".

        Returns:
            The examples, as `read` of the task's family gives them.

        Raises:
            UserError: if tensorflow-datasets has no such data set, if it was not
                fetched, or if it has no such split, or one without labels.

        Example:

        ```python
        DATA_SETS["cola"].read_split("train[:100]")
        ```
        """
        examples = self.read_split_to_predict(split)
        if not self.make().are_labelled(examples):
            raise UserError("GLUE's test sets have no labels: name another split")
        return examples

    def read_split_to_predict(self, split: str) -> list:
        """Reads a split that may have no labels, as GLUE's test sets have none.

        Args:
            split: as for `read_split`.

        Returns:
            The examples; the label of one that has none is None.

        Raises:
            UserError: as `read_split`, but for the labels.

        Example:

        ```python
        DATA_SETS["cola"].read_split_to_predict("test")
        ```
        """
        if self.tfds is None:
            raise UserError(
                f"tensorflow-datasets does not have this data set: give {self.files}"
            )
        return self.tfds.read(split)


_NAMED_TASK = "charbert_tf.families.named_tasks:NamedTask"

FAMILIES = Registry(
    "task",
    _NAMED_TASK,
    {
        "tagging": "charbert_tf.families.tagging.options:TAGGING",
        # Of options that families share a flag shows the last one's default.
        "embedding": "charbert_tf.families.embedding.options:EMBEDDING",
        "classification": "charbert_tf.families.classification.options:CLASSIFICATION",
        "multi_label_classification": (
            "charbert_tf.families.classification.options:MULTI_LABEL_CLASSIFICATION"
        ),
        "regression": "charbert_tf.families.classification.options:REGRESSION",
        "question_answering": (
            "charbert_tf.families.question_answering.options:QUESTION_ANSWERING"
        ),
    },
    instances=True,
)
"""The families, as tasks of a user's own files."""

DATA_SETS = Registry(
    "task",
    _NAMED_TASK,
    {
        "squad1": "charbert_tf.families.data_sets.squad:SQUAD1",
        "squad2": "charbert_tf.families.data_sets.squad:SQUAD2",
        "cola": "charbert_tf.families.data_sets.glue:COLA",
        "mrpc": "charbert_tf.families.data_sets.glue:MRPC",
        "qqp": "charbert_tf.families.data_sets.glue:QQP",
        "qnli": "charbert_tf.families.data_sets.glue:QNLI",
        "rte": "charbert_tf.families.data_sets.glue:RTE",
        "sst2": "charbert_tf.families.data_sets.glue:SST2",
        "stsb": "charbert_tf.families.data_sets.glue:STSB",
        "stsb_embedding": "charbert_tf.families.data_sets.glue:STSB_EMBEDDING",
        "sts_benchmark_embedding": (
            "charbert_tf.families.data_sets.glue:STS_BENCHMARK_EMBEDDING"
        ),
        "mnli": "charbert_tf.families.data_sets.glue:MNLI",
        "mnli_matched": "charbert_tf.families.data_sets.glue:MNLI_MATCHED",
        "mnli_mismatched": "charbert_tf.families.data_sets.glue:MNLI_MISMATCHED",
        "conll2003": "charbert_tf.families.data_sets.sequence_labelling:CONLL2003",
        "ptb": "charbert_tf.families.data_sets.sequence_labelling:PTB",
        "wnut17": "charbert_tf.families.data_sets.sequence_labelling:WNUT17",
    },
    instances=True,
)
"""The data sets of the paper and of its kind, each a task with columns and labels."""

_OWN_TASKS = (Base("charbert_tf.families.family:Family"), Base(_NAMED_TASK, True))
_OWN_METRICS = Registry("metric", "charbert_tf.families.metric:Metric", {})


def find_task(name: str) -> NamedTask:
    """Finds a task, as the commands' `--task` names it.

    Args:
        name: a name of `FAMILIES` or `DATA_SETS`, or the place of a user's own
            `NamedTask` or `Family`, `"my_package.my_module:MyFamily"`.

    Returns:
        The task with what is known of it.

    Raises:
        UserError: if there is none.

    Example:
        >>> find_task("conll2003").hyper_parameters.batch_size
        18
    """
    for registry in (FAMILIES, DATA_SETS):
        if name in registry:
            return registry[name]
    own = find_own(name, "task", _OWN_TASKS, [*FAMILIES, *DATA_SETS])
    return own if isinstance(own, NamedTask) else NamedTask(own)


def settings_of_task(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves out what the settings of a run say of options that its task has not.

    Args:
        settings: settings by their names, `task` among them if there is one.

    Returns:
        The others, as a reader, or who gives them again, wants them.

    Example:
        >>> settings_of_task({"task": "sst2", "tag_column": -1, "epochs": 3})
        {'task': 'sst2', 'epochs': 3}
    """
    if "task" not in settings:
        return dict(settings)
    own = {option.name for option in find_task(settings["task"]).options}
    known = {option.name for named in FAMILIES.values() for option in named.options}
    return {
        name: value
        for name, value in settings.items()
        if name in own or name not in known
    }


def find_metric(name: str) -> "Metric":
    """Finds a user's own metric, as the commands' `--metric` names it.

    Args:
        name: its place, `"my_package.my_module:MyMetric"`.

    Returns:
        The metric.

    Raises:
        UserError: if there is none there.

    Example:
        >>> find_metric("charbert_tf.families.tagging.tagging_metric:TaggingMetric")
        ... # doctest: +ELLIPSIS
        <charbert_tf.families.tagging.tagging_metric.TaggingMetric object at ...>
    """
    if ":" not in name:
        raise UserError(
            f"no metric {name!r}: name one of yours as my_package.my_module:MyMetric; "
            "the task's own scores are told anyway"
        )
    return _OWN_METRICS.find(name)()
