"""marked_words: tagged words, to be read by people."""

from collections.abc import Sequence

from charbert_tf.families.tagging.tagging import is_span_tagging, to_iob2


def marked_words(words: Sequence[str], tags: Sequence[str]) -> list[tuple[str, str]]:
    """Joins the words of each span, and those between spans.

    Args:
        words: the words of a sentence.
        tags: as many tags, IOB1 or IOB2 or of another kind.

    Returns:
        Pieces of text, each with the kind of the span (`""` between spans); of tags
        that mark no spans each word with its tag.

    Example:
        >>> marked_words(["In", "New", "York"], ["O", "B-LOC", "I-LOC"])
        [('In', ''), ('New York', 'LOC')]
    """
    has_spans = is_span_tagging(tags)
    pieces: list[tuple[str, str]] = []
    for word, tag in zip(words, to_iob2(tags), strict=True):
        mark = _kind(tag) if has_spans else tag
        goes_on = has_spans and not tag.startswith("B")
        if goes_on and pieces and pieces[-1][1] == mark:
            pieces[-1] = (f"{pieces[-1][0]} {word}", mark)
        else:
            pieces.append((word, mark))
    return pieces


def _kind(tag: str) -> str:
    # A bare B or I marks a span of no kind.
    return "" if tag == "O" else tag[2:] or "span"
