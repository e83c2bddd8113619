"""The flags that say what task labelled examples are of, and where they come from."""

import math
from typing import TYPE_CHECKING

from absl import flags

from official import answer_flags, command

if TYPE_CHECKING:
    from charbert_tf.families.fine_tuning_task import FineTuningTask
    from charbert_tf.families.named_tasks import HyperParameters, NamedTask

# Known to the library too; written out so that --help needs no TensorFlow.
FAMILIES = ["tagging", "classification", "question_answering"]
NAMED_TASKS = [
    *("squad1", "squad2", "cola", "mrpc", "qqp", "qnli", "rte", "sst2"),
    *("conll2003", "ptb", "wnut17"),
]

_TASK = flags.DEFINE_enum(
    "task",
    None,
    [*FAMILIES, *NAMED_TASKS],
    "tagging: CoNLL-style files, a word and its tag a line. classification: TSV files, "
    "a text and its label a line. question_answering: SQuAD's JSON. The others are "
    "data sets, with the columns of their files and their own hyper-parameters.",
    required=True,
)
_DATA = flags.DEFINE_enum(
    "data",
    "files",
    ["files", "tfds"],
    "Where a data set comes from: files, or tensorflow-datasets, whose splits are then "
    "named instead of files (train, validation, test[:500]).",
)
_WORD_COLUMN = flags.DEFINE_integer(
    "word_column", 0, "For tagging: the word's column, from 0."
)
_TAG_COLUMN = flags.DEFINE_integer(
    "tag_column", -1, "For tagging: the tag's column; -1 is the last."
)
_TEXT_COLUMN = flags.DEFINE_string(
    "text_column", "sentence", "For classification: the text's column, name or number."
)
_TEXT_PAIR_COLUMN = flags.DEFINE_string(
    "text_pair_column", None, "For classification of pairs: the second text's column."
)
_LABEL_COLUMN = flags.DEFINE_string(
    "label_column", "label", "For classification: the label's column, name or number."
)
_HEADER = flags.DEFINE_bool(
    "header", True, "For classification: whether a first line names the columns."
)
_NULL_THRESHOLD = flags.DEFINE_float(
    "null_threshold",
    None,
    "For SQuAD 2.0: by how much the score of no answer must be above that of the best "
    "answer to be predicted, a difference of logits; 0 unless given.",
)
flags.register_validator(
    _NULL_THRESHOLD,
    lambda value: value is None or not math.isnan(value),
    "must be a number",
)

_QUESTION_ANSWERING = ("question_answering", "squad1", "squad2")
_FLAGS_OF = {
    ("tagging",): (_WORD_COLUMN, _TAG_COLUMN),
    ("classification",): (_TEXT_COLUMN, _TEXT_PAIR_COLUMN, _LABEL_COLUMN, _HEADER),
    ("question_answering", "squad2"): (_NULL_THRESHOLD,),
    _QUESTION_ANSWERING: (answer_flags.DOC_STRIDE, answer_flags.MAX_ANSWER_LENGTH),
}


def task(attacked_text: str | None = None) -> "FineTuningTask":
    """Returns the `FineTuningTask` that the flags describe.

    Args:
        attacked_text: What --attacked_text says, in commands that have it.

    Raises:
        UserError: If a flag is given that is for another task.
    """
    from charbert_tf.families.classification.classification_task import (
        ClassificationTask,
    )
    from charbert_tf.families.named_tasks import NAMED_TASKS
    from charbert_tf.families.question_answering.question_answering_task import (
        QuestionAnsweringTask,
    )
    from charbert_tf.families.tagging.tagging_task import TaggingTask
    from charbert_tf.files.errors import UserError

    _refuse_flags_of_other_tasks()
    of_questions: dict[str, str | float] = {**answer_flags.given()}
    if attacked_text is not None:
        of_questions["attacked_text"] = attacked_text
    if attacked_text is not None and _TASK.value not in _QUESTION_ANSWERING:
        raise UserError(
            f"--attacked_text: for question answering only, not for "
            f"--task={_TASK.value}: leave it out"
        )
    if _NULL_THRESHOLD.value is not None:
        of_questions["null_threshold"] = _NULL_THRESHOLD.value
    if _TASK.value in NAMED_TASKS:
        return NAMED_TASKS[_TASK.value].make(**of_questions)
    if _TASK.value == "tagging":
        return TaggingTask(_WORD_COLUMN.value, _TAG_COLUMN.value)
    if _TASK.value == "question_answering":
        return QuestionAnsweringTask(**of_questions)
    return ClassificationTask(
        _TEXT_COLUMN.value,
        _LABEL_COLUMN.value,
        _TEXT_PAIR_COLUMN.value,
        _HEADER.value,
    )


def read(task: "FineTuningTask", place: str) -> list:
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


def read_to_predict(task: "FineTuningTask", place: str) -> list:
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
    from charbert_tf.corpus.corpus_parts import describe_inputs

    return describe_inputs([place]) if _DATA.value == "files" else place


def refuse_tfds(reason: str) -> None:
    """Refuses --data=tfds, for a command that is for files.

    Args:
        reason: Why it cannot be.

    Raises:
        UserError: If it is given.
    """
    from charbert_tf.files.errors import UserError

    if _DATA.value == "tfds":
        raise UserError(f"--data=tfds: {reason}: name a file and leave it out")


def hyper_parameters() -> "HyperParameters":
    """Returns what fine-tuning on the task takes unless a flag says otherwise."""
    from charbert_tf.families.named_tasks import FAMILIES, NAMED_TASKS

    if _TASK.value in FAMILIES:
        return FAMILIES[_TASK.value]
    return NAMED_TASKS[_TASK.value].hyper_parameters


def _data_set() -> "NamedTask":
    from charbert_tf.families.named_tasks import NAMED_TASKS
    from charbert_tf.files.errors import UserError

    if _TASK.value not in NAMED_TASKS:
        raise UserError(
            f"--data=tfds: --task={_TASK.value} is for files: name a data set, such as "
            "--task=conll2003"
        )
    return NAMED_TASKS[_TASK.value]


def _refuse_flags_of_other_tasks() -> None:
    for names, holders in _FLAGS_OF.items():
        if _TASK.value not in names:
            tasks = " and ".join(f"--task={name}" for name in names)
            command.refuse_flags(
                holders, f"for {tasks} only, not for --task={_TASK.value}"
            )
