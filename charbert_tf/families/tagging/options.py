"""Tagging as a task of a user's own files, and the flags of its columns."""

from charbert_tf.families.named_tasks import NamedTask, TaskOption

FAMILY = "charbert_tf.families.tagging.tagging_task:TaggingTask"

JOINS_WORDS = TaskOption(
    "joins_words",
    bool,
    "For tagging: whether a line with too many columns has a word with blanks.",
    False,
)

TAGGING = NamedTask(
    FAMILY,
    options=(
        TaskOption("word_column", int, "For tagging: the word's column, from 0.", 0),
        TaskOption(
            "tag_column", int, "For tagging: the tag's column; -1 is the last.", -1
        ),
        JOINS_WORDS,
    ),
)
