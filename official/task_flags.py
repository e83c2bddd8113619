"""The flags that say what task a labelled file is of."""

from typing import TYPE_CHECKING

from absl import flags

if TYPE_CHECKING:
    from charbert_tf.tasks.fine_tuning_task import FineTuningTask

# Known to the library too; written out so that --help needs no TensorFlow.
_GLUE_TASKS = ["cola", "sst2", "mrpc", "qqp", "qnli", "rte"]

_TASK = flags.DEFINE_enum(
    "task",
    None,
    ["tagging", "classification", *_GLUE_TASKS],
    "tagging: CoNLL-style files, a word and its tag a line. classification: TSV files, "
    "a text and its label a line. The others are classification with the columns of "
    "GLUE's files.",
    required=True,
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


def task() -> "FineTuningTask":
    """Returns the `FineTuningTask` that the flags describe."""
    from charbert_tf.tasks.classification import GLUE_COLUMNS
    from charbert_tf.tasks.classification_task import ClassificationTask
    from charbert_tf.tasks.tagging_task import TaggingTask

    if _TASK.value == "tagging":
        return TaggingTask(_WORD_COLUMN.value, _TAG_COLUMN.value)
    if _TASK.value in _GLUE_TASKS:
        return ClassificationTask(**GLUE_COLUMNS[_TASK.value])
    return ClassificationTask(
        _TEXT_COLUMN.value,
        _LABEL_COLUMN.value,
        _TEXT_PAIR_COLUMN.value,
        _HEADER.value,
    )
