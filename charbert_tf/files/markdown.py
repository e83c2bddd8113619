"""Tables in Markdown, as reports, results and cards have them."""

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Writes a table in Markdown.

    Args:
        header: what the columns are.
        rows: the cells of each row.

    Returns:
        The lines of the table; a `|` in a cell is escaped.

    Example:
        >>> print(markdown_table(["model", "F1"], [["a|b", "50.0"]]), end="")
        | model | F1 |
        |---|---|
        | a\|b | 50.0 |
    """

    def line(cells):
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"

    rule = "|" + "---|" * len(header) + "\n"
    return line(header) + rule + "".join(map(line, rows))
