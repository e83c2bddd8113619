"""The flags of how answers are looked for in a context."""

from absl import flags

# TensorFlow counts tokens in 32 bits.
_MOST = (1 << 31) - 1

DOC_STRIDE = flags.DEFINE_integer(
    "doc_stride",
    None,
    "For question answering: subwords from one window of a long context to the next, "
    "but never more than half a window's; 128 unless given.",
    lower_bound=1,
    upper_bound=_MOST,
)
MAX_ANSWER_LENGTH = flags.DEFINE_integer(
    "max_answer_length",
    None,
    "For question answering: the most subwords of an answer; 30 unless given.",
    lower_bound=1,
    upper_bound=_MOST,
)


def given() -> dict[str, int]:
    """Returns the flags that are given, by the names of the library's arguments."""
    holders = (DOC_STRIDE, MAX_ANSWER_LENGTH)
    return {holder.name: holder.value for holder in holders if holder.value is not None}
