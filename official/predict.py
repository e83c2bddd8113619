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
    from charbert_tf.export.served_model import ServedModel

    lines = _lines()
    served = ServedModel(_MODEL.value, _BATCH_SIZE.value)
    while batch := list(itertools.islice(lines, _BATCH_SIZE.value)):
        _print(served(**_texts(served.input_names, batch)), batch)


def _lines():
    """Texts, and where each comes from: a file and a line."""
    from charbert_tf.files.text_files import expand_patterns, read_lines

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


def _texts(names, batch) -> dict[str, list[str]]:
    """The texts of a batch, by the names of the model's inputs."""
    if len(names) == 1:
        return {names[0]: [text for _, text in batch]}
    columns = zip(*(_pair(place, text) for place, text in batch), strict=True)
    return dict(zip(names, map(list, columns), strict=True))


def _pair(place: tuple[str, int], text: str) -> list[str]:
    from charbert_tf.files.errors import UserError

    pair = text.split("\t")
    if len(pair) != 2:
        raise UserError(
            f"the line has {len(pair)} column(s): the model takes two texts, separated "
            "by a tab",
            *place,
        )
    return pair


def _print(values, batch) -> None:
    if "label" in values:
        for (_, text), label, probability in zip(
            batch, values["label"], values["probability"], strict=True
        ):
            print(f"{label}\t{probability:.3f}\t{text}")
    elif "answer" in values:
        columns = (values[name] for name in ("answer", "score", "null_score"))
        for (_, text), answer, score, null in zip(batch, *columns, strict=True):
            question = text.split("\t")[0]
            print(f"{answer}\t{score - null:.3f}\t{question}")
    else:
        for words, tags in zip(values["words"], values["tags"], strict=True):
            for word, tag in zip(words, tags, strict=True):
                if word:
                    print(f"{word}\t{tag}")
            print()
    sys.stdout.flush()


if __name__ == "__main__":
    command.run(main)
