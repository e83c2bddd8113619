"""Texts with labels or scores as tasks of a user's own files, and their flags."""

from charbert_tf.families.named_tasks import NamedTask, OptionUse, TaskOption

_ROOM = "charbert_tf.families.classification"
FAMILY = f"{_ROOM}.classification_task:ClassificationTask"
MULTI_LABEL_FAMILY = f"{_ROOM}.multi_label_task:MultiLabelTask"
REGRESSION_FAMILY = f"{_ROOM}.regression_task:RegressionTask"

LONG_TEXTS = TaskOption(
    "long_texts",
    str,
    "For texts with labels or scores: what is done with those that are longer than the "
    "model's sequences when it predicts. cut: their ends are not seen, and a line says "
    "of how many. windows: all is seen through windows that overlap by half, and "
    "probabilities and scores are the windows' mean. cut unless given.",
    choices=("cut", "windows"),
    uses=(OptionUse.PREDICTING, OptionUse.EXPORTING),
)
"""What is done with texts that are too long."""


def check_long_texts(long_texts: str) -> None:
    """Refuses what `LONG_TEXTS` does not have.

    Args:
        long_texts: what it is said to be.

    Raises:
        ValueError: if it is none of its choices.

    Example:
        >>> check_long_texts("windows")
    """
    if long_texts not in LONG_TEXTS.choices:
        raise ValueError(
            f"Long texts are one of {LONG_TEXTS.choices}, not {long_texts!r}."
        )


_COLUMNS = (
    TaskOption(
        "text_column",
        str,
        "For texts with labels or scores: the text's column, name or number.",
        "sentence",
    ),
    TaskOption(
        "text_pair_column",
        str,
        "For pairs of texts: the second text's column.",
    ),
    TaskOption(
        "label_column",
        str,
        "For texts with labels or scores: the label's column, name or number; of "
        "several labels commas are between.",
        "label",
    ),
    TaskOption(
        "header",
        bool,
        "For texts with labels or scores: whether a first line names the columns.",
        True,
    ),
    LONG_TEXTS,
)


def _task(family: str) -> NamedTask:
    return NamedTask(family, options=_COLUMNS)


CLASSIFICATION = _task(FAMILY)
MULTI_LABEL_CLASSIFICATION = _task(MULTI_LABEL_FAMILY)
REGRESSION = _task(REGRESSION_FAMILY)
