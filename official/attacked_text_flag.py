"""The flag that says which text of a question is attacked."""

from absl import flags

ATTACKED_TEXT = flags.DEFINE_enum(
    "attacked_text",
    None,
    ["question", "context", "both"],
    "For question answering: what is attacked. Words of a context that have some of an "
    "answer stay. The question, unless told.",
)
