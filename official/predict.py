r"""Asks an exported model: a text a line, from a file or standard input.

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
_INPUT = flags.DEFINE_string("input", None, "Text file; by default standard input.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "Texts of a batch.", lower_bound=1)

_PAIRS = [("text", "text_pair"), ("question", "context")]
_NO_MODEL = "is no exported model: name the folder that official.export wrote"


def main() -> None:
    """Runs the command."""
    lines = iter(_lines())
    serve = _load(_MODEL.value)
    while batch := list(itertools.islice(lines, _BATCH_SIZE.value)):
        _print(_ask(serve, batch), batch)


def _load(folder: str):
    import tensorflow as tf

    # Registers the ops of the exported graph.
    import tensorflow_text  # noqa: F401

    from charbert_tf.errors import UserError

    try:
        serve = tf.saved_model.load(folder).signatures["serving_default"]
    except Exception as error:
        # Whatever of it is missing or damaged, TensorFlow has another exception for it.
        raise UserError(_NO_MODEL, folder) from error
    inputs, outputs = serve.structured_input_signature[1], serve.structured_outputs
    is_asked = inputs.keys() in ({"text"}, *map(set, _PAIRS))
    if not is_asked or not {"label", "words", "answer"} & outputs.keys():
        raise UserError(_NO_MODEL, folder)
    return serve


def _lines():
    """Numbers and texts."""
    from charbert_tf.preprocessing.text_files import expand_patterns, read_lines

    if _INPUT.value is None:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
        return ((n, line.rstrip("\r\n")) for n, line in enumerate(sys.stdin, start=1))
    expand_patterns([_INPUT.value])
    return read_lines(_INPUT.value)


def _ask(serve, batch):
    import tensorflow as tf

    inputs = serve.structured_input_signature[1].keys()
    if inputs == {"text"}:
        return serve(text=tf.constant([text for _, text in batch]))
    names = next(names for names in _PAIRS if set(names) == inputs)
    columns = zip(*(_pair(number, text) for number, text in batch), strict=True)
    return serve(**dict(zip(names, map(tf.constant, columns), strict=True)))


def _pair(number: int, text: str) -> list[str]:
    from charbert_tf.errors import UserError

    pair = text.split("\t")
    if len(pair) != 2:
        raise UserError(
            f"the line has {len(pair)} column(s): the model takes two texts, separated "
            "by a tab",
            _INPUT.value or "standard input",
            number,
        )
    return pair


def _print(output, batch) -> None:
    values = {name: tensor.numpy().tolist() for name, tensor in output.items()}
    if "label" in values:
        for (_, text), label, probability in zip(
            batch, values["label"], values["probability"], strict=True
        ):
            print(f"{label.decode()}\t{probability:.3f}\t{text}")
    elif "answer" in values:
        columns = (values[name] for name in ("answer", "score", "null_score"))
        for (_, text), answer, score, null in zip(batch, *columns, strict=True):
            question = text.split("\t")[0]
            print(f"{answer.decode()}\t{score - null:.3f}\t{question}")
    else:
        for words, tags in zip(values["words"], values["tags"], strict=True):
            for word, tag in zip(words, tags, strict=True):
                if word:
                    print(f"{word.decode()}\t{tag.decode()}")
            print()
    sys.stdout.flush()


if __name__ == "__main__":
    command.run(main)
