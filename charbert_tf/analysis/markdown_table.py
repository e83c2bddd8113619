"""markdown_table: rows of text as a table of Markdown."""

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Writes a table.

    Args:
        header: what stands above the columns.
        rows: as many cells each.

    Returns:
        The lines, each with its end.

    Example:
        >>> print(markdown_table(["model", "F1"], [["BERT", "85.3"]]), end="")
        | model | F1 |
        |---|---|
        | BERT | 85.3 |
    """
    lines = [header, *rows]
    text = ["| " + " | ".join(cells) + " |\n" for cells in lines]
    text.insert(1, "|" + "---|" * len(header) + "\n")
    return "".join(text)
