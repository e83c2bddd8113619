r"""Asks an exported model: a text a line, from files or standard input.

  echo 'a borign film' | python -m official.predict --model=my_saved_model/1
  python -m official.predict --model=my_saved_model/1 --input=texts.txt

A classifier prints the label, its probability and the text, separated by tabs (for a
model of pairs a line is the two texts, separated by a tab); one of several labels
prints them and their probabilities with commas between, a regression the score. A
tagger prints a word and its tag a line, and a blank line after each text. To a model
that answers questions a line is a question and a context, separated by a tab; it
prints the answer, by how much its score is above that of no answer, and the question.
A sentence embedder prints the numbers of the vector, and the text.

With --format=json a line of JSON answers each text: what classify, tag and answer of
the models in Python return, such as a tagger's words and entities with the characters
that they stand at. --format=tsv prints a table: a row for each text, of a tagger one
for each entity, after the number of the text, from 1. Nothing but the SavedModel is
loaded.
"""

import dataclasses
import itertools
import json
import math
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import export, recipes
from charbert_tf.families.cut_texts import tell_of_cut_texts
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import expand_patterns, read_lines
from official import command

if TYPE_CHECKING:
    from charbert_tf.families.serving_signature import ServingSignature, Table

_MODEL = flags.DEFINE_string(
    "model", None, "SavedModel that official.export wrote.", required=True
)
_INPUT = flags.DEFINE_list(
    "input", None, "Text files or globs; by default standard input."
)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "Texts of a batch.", lower_bound=1)
_FORMAT = flags.DEFINE_enum(
    "format",
    "text",
    ["text", "tsv", "json"],
    "What is printed: lines to be read by people, a table with tabs between columns, "
    "or JSON, a line for each text.",
)


def main() -> None:
    """Runs the command."""
    lines = _lines()
    recipes.load_tensorflow(command.notice)
    recipes.tell_device(command.notice)
    command.notice(f"Loading {_MODEL.value}")
    served = export.ServedModel(_MODEL.value, _BATCH_SIZE.value)
    names = served.input_names
    count = cut = 0
    while batch := list(itertools.islice(lines, _BATCH_SIZE.value)):
        texts = [_texts(place, line, len(names)) for place, line in batch]
        columns = map(list, zip(*texts, strict=True))
        outputs = served(**dict(zip(names, columns, strict=True)))
        for line in _printed(served.signature, texts, outputs, count):
            print(line)
        sys.stdout.flush()
        count += len(batch)
        # What an earlier version exported does not say.
        cut += sum(outputs.get("is_cut", ()))
    remedy = "export it with --long_texts=windows to see all of them"
    tell_of_cut_texts(cut, count, "the model", remedy)


def _printed(
    signature: "type[ServingSignature]",
    texts: list[list[str]],
    outputs: dict[str, list],
    count: int,
) -> Iterable[str]:
    """The lines of a batch, before which so many texts were answered."""
    if _FORMAT.value == "text":
        return signature.lines(texts, outputs)
    try:
        if _FORMAT.value == "json":
            return map(_as_json, signature.answers(outputs))
        return _as_table(signature.table(outputs), count)
    except KeyError as error:
        raise UserError(
            f"returns no {error}, for an earlier version exported it: export it again, "
            f"or leave out --format={_FORMAT.value}",
            _MODEL.value,
        ) from error


def _as_json(answer: object) -> str:
    fields = dataclasses.asdict(answer)
    # JSON knows no infinity, which the score of no answer at all is.
    finite = {
        name: None if value in (math.inf, -math.inf) else value
        for name, value in fields.items()
    }
    return json.dumps(finite, ensure_ascii=False, allow_nan=False)


def _as_table(table: "Table", count: int) -> Iterator[str]:
    if not count:
        yield "\t".join(("number", *table.columns))
    for number, rows in enumerate(table.rows, start=count + 1):
        for row in rows:
            yield "\t".join(map(_cell, (number, *row)))


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(_cell, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    # Tabs part the columns, and a text may have some inside.
    return str(value).replace("\t", " ")


def _lines():
    """Texts, and where each comes from: a file and a line."""
    if _INPUT.value is None:
        # Without the byte-order mark, which would be a character of the first text.
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
        return (
            (("standard input", number), line.rstrip("\r\n"))
            for number, line in enumerate(sys.stdin, start=1)
        )
    return (
        ((path, number), line)
        for path in expand_patterns(_INPUT.value)
        for number, line in read_lines(path)
    )


def _texts(place: tuple[str, int], line: str, count: int) -> list[str]:
    """The texts of a line, one for each of the model's inputs."""
    if count == 1:
        return [line]
    texts = line.split("\t")
    if len(texts) != count:
        raise UserError(
            f"the line has {len(texts)} column(s): the model takes two texts, "
            "separated by a tab",
            *place,
        )
    return texts


if __name__ == "__main__":
    command.run(main)
