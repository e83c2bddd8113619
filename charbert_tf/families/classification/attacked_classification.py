"""TSV files under attack: the texts change, the other columns stay."""

import os
from collections.abc import Mapping, Sequence

from charbert_tf.attacks.edited_text import EditedText
from charbert_tf.families.attacked_file import (
    AttackedFile,
    rewritten_lines,
    text_records,
)


def attacked_classification_file(
    path: str | os.PathLike[str],
    lines: Sequence[int],
    texts: Sequence[Mapping[int, EditedText]],
) -> AttackedFile:
    r"""Makes edits in the texts of a TSV file.

    Args:
        path: the file.
        lines: the line of each row, from 1.
        texts: for each row the texts by their columns, from 0.

    Returns:
        The attacked file. Its records have the `example`, the `line` and the `column`.

    Raises:
        UserError: if the file cannot be read.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "dev.tsv")
        >>> _ = path.write_text("sentence\tlabel\ngood\t1\n")
        >>> attacked_classification_file(path, [2], [{0: EditedText("god")}]).content
        b'sentence\tlabel\ngod\t1\n'
    """
    texts_of = dict(zip(lines, texts, strict=True))

    def rewrite(number: int, line: str) -> list[str] | None:
        if number not in texts_of:
            return None
        cells = line.split("\t")
        for column, edited in texts_of[number].items():
            cells[column] = edited.text
        return ["\t".join(cells)]

    records = [
        record
        for example, (line, of_row) in enumerate(texts_of.items())
        for column, edited in of_row.items()
        for record in text_records(edited, example=example, line=line, column=column)
    ]
    return AttackedFile(rewritten_lines(path, rewrite), tuple(records))
