"""Classification as a task of a user's own files, and the flags of its columns."""

from charbert_tf.families.named_tasks import NamedTask, TaskOption

FAMILY = "charbert_tf.families.classification.classification_task:ClassificationTask"

LONG_TEXTS = TaskOption(
    "long_texts",
    str,
    "For classification: what is done with texts that are longer than the model's "
    "sequences when it predicts. cut: their ends are not seen, and a line says of how "
    "many. windows: all is seen through windows that overlap by half, and the "
    "probabilities are the windows' mean. cut unless given.",
    choices=("cut", "windows"),
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


CLASSIFICATION = NamedTask(
    FAMILY,
    options=(
        TaskOption(
            "text_column",
            str,
            "For classification: the text's column, name or number.",
            "sentence",
        ),
        TaskOption(
            "text_pair_column",
            str,
            "For classification of pairs: the second text's column.",
        ),
        TaskOption(
            "label_column",
            str,
            "For classification: the label's column, name or number.",
            "label",
        ),
        TaskOption(
            "header",
            bool,
            "For classification: whether a first line names the columns.",
            True,
        ),
        LONG_TEXTS,
    ),
    serving_options=(LONG_TEXTS,),
)
