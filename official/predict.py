r"""Asks an exported model: a text a line, from files or standard input.

  echo 'a borign film' | python -m official.predict --model=my_saved_model/1
  python -m official.predict --model=my_saved_model/1 --input=texts.txt

A classifier prints the label, its probability and the text, separated by tabs (for a
model of pairs a line is the two texts, separated by a tab); a tagger prints a word and
its tag a line, and a blank line after each text. To a model that answers questions a
line is a question and a context, separated by a tab; it prints the answer, by how much
its score is above that of no answer, and the question. Nothing but the SavedModel is
loaded.
"""

import itertools
import sys

from absl import flags

from charbert_tf import export, recipes
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import expand_patterns, read_lines
from official import command

_MODEL = flags.DEFINE_string(
    "model", None, "SavedModel that official.export wrote.", required=True
)
_INPUT = flags.DEFINE_list(
    "input", None, "Text files or globs; by default standard input."
)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "Texts of a batch.", lower_bound=1)


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
        for line in served.signature.lines(texts, outputs):
            print(line)
        sys.stdout.flush()
        count += len(batch)
        # What an earlier version exported does not say.
        cut += sum(outputs.get("is_cut", ()))
    if cut:
        print(
            f"{cut} of {count} texts are longer than the model and cut: export it with "
            "--long_texts=windows to see all of them",
            file=sys.stderr,
        )


def _lines():
    """Texts, and where each comes from: a file and a line."""
    if _INPUT.value is None:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
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
