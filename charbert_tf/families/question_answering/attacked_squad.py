"""SQuAD's JSON under attack: the texts change, answers move, all else stays."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence

from charbert_tf.attacks.edited_text import EditedText
from charbert_tf.families.attacked_file import AttackedFile, text_records
from charbert_tf.families.question_answering.questions import (
    LONGEST_LINE,
    Question,
)
from charbert_tf.files.text_files import read_raw_lines

# Of a text that is known to be JSON.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\]:,"]+')
# One character of a string, which may be written as a pair of surrogates.
_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)

_BYTE_ORDER_MARK = "\ufeff"

_Replacement = tuple[int, int, str]


def attacked_squad_file(
    path: str | os.PathLike[str],
    questions: Sequence[Question],
    texts: Sequence[EditedText],
    contexts: Mapping[str, EditedText],
) -> AttackedFile:
    r"""Makes edits in the questions and contexts of a file of SQuAD.

    Of the JSON only the characters that an edit replaces change, and the numbers that
    tell where an answer starts. A plausible answer, which SQuAD 2.0 has where there is
    none, may have edits in it: its text becomes what stands at its place.

    Args:
        path: the file.
        questions: its questions, as `read_squad_file` gives them.
        texts: the questions' own texts.
        contexts: the attacked contexts by what they were; those that are not there
            stay.

    Returns:
        The attacked file. Its records have the `example`, the `id` of the question (of
        a context that of its first one) and the `text`, which is "question" or
        "context".

    Raises:
        UserError: if the file cannot be read.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "dev.json")
        >>> qas = [{"question": "Is it?", "id": "1", "answers": []}]
        >>> data = [{"paragraphs": [{"context": "It is.", "qas": qas}]}]
        >>> _ = path.write_text(json.dumps({"data": data}))
        >>> question = Question("1", "Is it?", "It is.", ())
        >>> b'"Si it?"' in attacked_squad_file(
        ...     path, [question], [EditedText("Si it?")], {}
        ... ).content
        False
    """
    content = b"".join(raw for _, raw in read_raw_lines(path, longest=LONGEST_LINE))
    source = content.decode("utf-8")
    values = _placed(_TOKEN.finditer(source, source.startswith(_BYTE_ORDER_MARK)))
    text_of = {
        question.id: text for question, text in zip(questions, texts, strict=True)
    }
    replacements = [
        replacement
        for article in values["data"]
        for paragraph in article["paragraphs"]
        for replacement in _of_paragraph(paragraph, text_of, contexts)
    ]
    return AttackedFile(
        _replaced(source, replacements).encode(),
        tuple(_records(questions, texts, contexts)),
    )


def _placed(tokens: Iterator[re.Match]) -> dict | list | re.Match:
    """Gives the value that comes next, with the places of strings and numbers."""
    token = next(tokens)
    if token[0] == "{":
        members = {}
        while (key := next(tokens))[0] != "}":
            members[json.loads(key[0])] = _placed(tokens)
        return members
    if token[0] == "[":
        values = []
        while (value := _placed(tokens)) is not None:
            values.append(value)
        return values
    return None if token[0] == "]" else token


def _of_paragraph(
    paragraph: Mapping, text_of: Mapping[str, EditedText], contexts: Mapping
) -> Iterator[_Replacement]:
    context = contexts.get(_value(paragraph["context"]))
    if context is not None:
        yield from _in_string(paragraph["context"], context)
    for question in paragraph["qas"]:
        yield from _in_string(question["question"], text_of[_value(question["id"])])
        if context is not None:
            for answer in question.get("answers", ()):
                yield from _of_answer(answer, context)
            for answer in question.get("plausible_answers", ()):
                # Nobody has checked that it stands there.
                if context.original.startswith(*_text_and_start(answer)):
                    yield from _of_answer(answer, context)


def _of_answer(answer: Mapping, context: EditedText) -> Iterator[_Replacement]:
    text, start = _text_and_start(answer)
    new_start, new_end = context.moved(start, start + len(text))
    if new_start != start:
        yield (*answer["answer_start"].span(), str(new_start))
    new_text = context.text[new_start:new_end]
    if new_text != text:
        token = answer["text"]
        yield (*token.span(), json.dumps(new_text, ensure_ascii=_is_ascii(token)))


def _text_and_start(answer: Mapping) -> tuple[str, int]:
    return _value(answer["text"]), _value(answer["answer_start"])


def _value(token: re.Match) -> str | int:
    return json.loads(token[0])


def _is_ascii(token: re.Match) -> bool:
    """Tells whether the file escapes all other characters."""
    return token.string.isascii()


def _in_string(token: re.Match, edited: EditedText) -> Iterator[_Replacement]:
    """Gives what to replace in a string of the file, without its other characters."""
    if not edited.edits:
        return
    start, end = token.start() + 1, token.end() - 1
    offsets = [match.start() for match in _CHARACTER.finditer(token.string, start, end)]
    offsets.append(end)
    for first, last, new in edited.replacements():
        literal = json.dumps(new, ensure_ascii=_is_ascii(token))
        yield offsets[first], offsets[last], literal[1:-1]


def _replaced(source: str, replacements: Sequence[_Replacement]) -> str:
    parts, done = [], 0
    for start, end, new in sorted(replacements):
        parts += [source[done:start], new]
        done = end
    return "".join([*parts, source[done:]])


def _records(
    questions: Sequence[Question],
    texts: Sequence[EditedText],
    contexts: Mapping[str, EditedText],
) -> Iterator[dict]:
    remaining = dict(contexts)
    for example, (question, text) in enumerate(zip(questions, texts, strict=True)):
        place = {"example": example, "id": question.id}
        context = remaining.pop(question.context, None)
        if context is not None:
            yield from text_records(context, **place, text="context")
        yield from text_records(text, **place, text="question")
