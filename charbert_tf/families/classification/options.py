"""Classification as a task of a user's own files, and the flags of its columns."""

from charbert_tf.families.named_tasks import NamedTask, TaskOption

FAMILY = "charbert_tf.families.classification.classification_task:ClassificationTask"

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
    ),
)
