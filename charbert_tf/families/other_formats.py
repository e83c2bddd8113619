"""refuse_other_formats: files in which data sets also come, and how to convert them."""

import os

from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import read_lines

_ONE_SPACE = "' '.join(str(c).split())"
_COMMANDS = {
    ".csv": (
        "CSV",
        f"import csv,sys; [print(*({_ONE_SPACE} for c in row),sep='\\t') for row in "
        "csv.reader(open(sys.argv[1],newline='',encoding='utf-8'))]",
    ),
    ".jsonl": (
        "JSON lines",
        "import json,sys; rows=[json.loads(line) for line in open(sys.argv[1],"
        "encoding='utf-8')]; names=list(rows[0]); print(*names,sep='\\t'); "
        f"[print(*({_ONE_SPACE} for c in (row[n] for n in names)),sep='\\t') "
        "for row in rows]",
    ),
}


def refuse_other_formats(path: str | os.PathLike[str]) -> None:
    """Refuses CSV and JSON lines, which quote text as the files read here do not.

    Args:
        path: a file; one with a tab in its first line is none of them, whatever it is
            called.

    Raises:
        UserError: if it is one, with the command that makes a TSV file of it.

    Example:
        >>> refuse_other_formats("train.tsv")
    """
    name = os.fspath(path)
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in _COMMANDS or "\t" in next(read_lines(path), (0, ""))[1]:
        return
    kind, program = _COMMANDS[suffix]
    new = name.removesuffix(os.path.splitext(name)[1]) + ".tsv"
    raise UserError(
        f'is {kind}: make a TSV file of it with python -c "{program}" {name} > {new}',
        path,
    )
