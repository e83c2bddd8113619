"""refuse_other_formats: files in which data sets also come, and how to convert them."""

import csv
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import parse_json
from charbert_tf.files.text_files import read_lines

_OPEN = "{open}(sys.argv[1],'rt',newline='',encoding='utf-8-sig')"
_CSV = f"csv.reader({_OPEN},delimiter='{{delimiter}}')"
_ONE_SPACE = "' '.join(c.split())"
_ROWS_OF_CSV = f"[print(*({_ONE_SPACE} for c in row),sep='\\t') for row in {_CSV}]"
# Rows from the second on, with an empty line where the column of sentences has another.
_SENTENCES_OF_CSV = (
    "s=''; [print(end='\\n' if s and r[{column}] not in ('',s) else '') or "
    f"print(*({_ONE_SPACE} for j,c in enumerate(r) if j!={{column}}),sep='\\t') or "
    f"(s:=r[{{column}}] or s) for r in list({_CSV})[1:] if r]"
)
_RECORDS = {
    "JSON lines": f"[json.loads(line) for line in {_OPEN} if line.strip()]",
    "JSON": f"json.load({_OPEN})",
}
# Lists as several labels are written; what else is no string as JSON has it.
_ROWS_OF_RECORDS = (
    "cell=lambda v: ' '.join((v if isinstance(v,str) else '' if v is None else "
    "','.join(map(str,v)) if isinstance(v,list) else json.dumps(v)).split()); "
    "rows={records}; names=list(dict.fromkeys(n for r in rows for n in r)); "
    "print(*names,sep='\\t'); "
    "[print(*(cell(r.get(n)) for n in names),sep='\\t') for r in rows]"
)
_WORDS_OF_RECORDS = (
    "[print(*('\\t'.join(map(str,of)) for of in zip(*(r[n] for n in {names}),"
    "strict=True)),'',sep='\\n') for r in {records}]"
)
_TABLE = "a TSV file"
_CELLS = (
    ": the names of the columns, then a text and its label a line, with tabs between"
)
_WORDS = "a file with a word and its tag a line and an empty line behind each sentence"
_WORD_NAMES = {"form", "token", "tokens", "word", "words"}
_COMPRESSED = {".gz": "gzip.open", ".bz2": "bz2.open"}


class _Source(NamedTuple):
    """A file of another format.

    Attributes:
        kind: What it is called.
        header: The names of its columns, if it is CSV, or its first line's cells.
        delimiter: What stands between them.
        record: Its first record, if it is of records.
        open: What opens it in Python.
    """

    kind: str
    header: Sequence[str]
    delimiter: str
    record: Mapping[str, Any]
    open: str


def refuse_other_formats(path: str | os.PathLike[str], of_words: bool = False) -> None:
    """Refuses CSV and JSON, which quote text as the files read here do not.

    Args:
        path: a file; one with a tab in its first line is none of them, whatever it is
            called.
        of_words: whether a file of words and tags is wanted, else one of rows.

    Raises:
        UserError: if it is one, with the command that makes the wanted file of it.

    Example:
        >>> refuse_other_formats("train.tsv")
    """
    name = os.fspath(path)
    stem, end = os.path.splitext(name)
    opener = _COMPRESSED.get(end, "open")
    if end in _COMPRESSED:
        stem, end = os.path.splitext(stem)
    if end.lower() not in (".csv", ".json", ".jsonl", ".ndjson"):
        return
    first = next(read_lines(path), (0, ""))[1]
    if "\t" in first:
        return
    source = _read(path, end.lower(), first, opener)
    wanted = _WORDS if of_words else _TABLE
    program = (_program_for_words if of_words else _program_for_rows)(source)
    if program is None:
        cells = "" if of_words else _CELLS
        raise UserError(f"is {source.kind}: make {wanted} of it{cells}", path)
    new = f"{stem}.{'txt' if of_words else 'tsv'}"
    if os.path.exists(new):
        new = f"{stem}.converted{os.path.splitext(new)[1]}"
    raise UserError(
        f'is {source.kind}: make {wanted} of it with python -c "{program}" '
        f"{shlex.quote(name)} > {shlex.quote(new)}",
        path,
    )


def _read(path: str | os.PathLike[str], end: str, first: str, opener: str) -> _Source:
    if end == ".csv":
        delimiter = max(",;|", key=first.count)
        header = next(csv.reader([first], delimiter=delimiter), [])
        return _Source("CSV", header, delimiter, {}, opener)
    record = _parsed(first)
    # Many files of JSON lines are called .json.
    is_whole = end == ".json" and not isinstance(record, dict)
    if is_whole:
        records = _parsed("\n".join(line for _, line in read_lines(path)))
        record = records[0] if isinstance(records, list) and records else None
    kind = "JSON" if is_whole else "JSON lines"
    return _Source(kind, [], "", record if isinstance(record, dict) else {}, opener)


def _parsed(text: str) -> object:
    try:
        return parse_json(text)
    except ValueError:
        return None


def _program_for_rows(source: _Source) -> str | None:
    if source.kind == "CSV":
        return _filled(_ROWS_OF_CSV, source)
    return _filled(_ROWS_OF_RECORDS, source) if source.record else None


def _program_for_words(source: _Source) -> str | None:
    if source.kind != "CSV":
        names = _names_of_lists(source.record)
        return _filled(_WORDS_OF_RECORDS, source, names=names) if names else None
    names = [name.lower() for name in source.header]
    of_sentences = [column for column, name in enumerate(names) if "sent" in name]
    if of_sentences and len(names) > 2:
        return _filled(_SENTENCES_OF_CSV, source, column=of_sentences[0])
    program = _ROWS_OF_CSV
    if _WORD_NAMES.intersection(names):
        program = program.replace(_CSV, f"list({_CSV})[1:]")
    return _filled(program, source)


def _names_of_lists(record: Mapping[str, Any]) -> list[str]:
    """The words of a record, and what goes with each of them."""
    lists = {name: value for name, value in record.items() if isinstance(value, list)}
    for name, words in lists.items():
        if words and all(isinstance(word, str) for word in words):
            alike = [n for n, v in lists.items() if len(v) == len(words) and n != name]
            if alike and all(re.fullmatch(r"[\w .-]+", n) for n in (name, *alike)):
                return [name, *alike]
    return []


def _filled(program: str, source: _Source, **parts: object) -> str:
    modules = ["csv" if source.kind == "CSV" else "json", "sys"]
    if source.open in _COMPRESSED.values():
        modules.append(source.open.split(".")[0])
    records = _RECORDS.get(source.kind, "").format(open=source.open)
    parts |= {"open": source.open, "records": records, "delimiter": source.delimiter}
    return f"import {','.join(modules)}; {program.format(**parts)}"
