"""tell_of_cut_texts: what is said where texts are too long for a model."""

import sys


def tell_of_cut_texts(
    num_cut: int,
    count: int,
    whole: str,
    remedy: str,
    what: str = "texts",
    told: set[str] | None = None,
) -> None:
    """Says on standard error how many texts are cut, if any are.

    Args:
        num_cut: how many are.
        count: of how many.
        whole: what is shown of a text at most: "128 tokens".
        remedy: what to do about it.
        what: what they are called before "are longer than".
        told: what has been said before, to which this is added; it is not said again.

    Example:
        >>> import contextlib
        >>> with contextlib.redirect_stderr(sys.stdout):
        ...     tell_of_cut_texts(2, 9, "128 tokens", "raise --sequence_length")
        2 of 9 texts are longer than 128 tokens and cut: raise --sequence_length
    """
    told = set() if told is None else told
    line = f"{num_cut} of {count} {what} are longer than {whole} and cut: {remedy}"
    if num_cut and line not in told:
        told.add(line)
        print(line, file=sys.stderr, flush=True)
