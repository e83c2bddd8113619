"""Question answering: questions about a context, in the JSON files of SQuAD.

Offsets are counted in characters (Unicode code points) of the context, as SQuAD's are.
"""

import collections
import dataclasses
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import decode_line, read_raw_lines

LONGEST_LINE = 1 << 40
"""What no line reaches: SQuAD's files have everything in one."""

_MOST_PLACES_TOLD = 5


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer that stands in the context.

    Args:
        text: its characters.
        start: where the first of them is in the context, from 0.
    """

    text: str
    start: int


@dataclasses.dataclass(frozen=True)
class Question:
    """A question about a context.

    Args:
        id: names the question in its data set.
        text: the question.
        context: what it is asked about.
        answers: what counts as right; empty if the context does not tell.
    """

    id: str
    text: str
    context: str
    answers: tuple[Answer, ...]


def read_squad_file(path: str | os.PathLike[str]) -> list[Question]:
    r"""Reads a file in the format of SQuAD 1.1 or 2.0.

    Args:
        path: the file; compressed if its name ends in `.gz` or `.bz2`.

    Returns:
        The questions of all paragraphs.

    Raises:
        UserError: if the file cannot be read or has no question, is not JSON, lacks a
            key or has one twice in an object, if an answer does not stand where it is
            said to, if a question has neither answers nor none, or its id twice.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "train.json")
        >>> answer = {"text": "Rome", "answer_start": 3}
        >>> question = {"id": "1", "question": "Where?", "answers": [answer]}
        >>> paragraph = {"context": "In Rome.", "qas": [question]}
        >>> data = {"data": [{"paragraphs": [paragraph]}]}
        >>> _ = path.write_text(json.dumps(data))
        >>> read_squad_file(path)[0].answers
        (Answer(text='Rome', start=3),)
    """
    place_of: dict[str, str] = {}
    questions = []
    for article in _read_json(path)["data"].items():
        for paragraph in article["paragraphs"].items():
            context = paragraph["context"].text()
            for node in paragraph["qas"].items():
                question = _question(node, context)
                if question.id in place_of:
                    raise node.error(
                        f"the question id {question.id!r} is that of "
                        f"{place_of[question.id]} too: give each question its own"
                    )
                place_of[question.id] = node.place
                questions.append(question)
    if not questions:
        raise UserError("no question in the file: give one in SQuAD's format", path)
    return questions


def questions_of_records(records: Iterable[Mapping[str, Any]]) -> list[Question]:
    """Makes questions of the records that tensorflow-datasets has of SQuAD.

    Args:
        records: with NumPy values, of `squad/v1.1` or `squad/v2.0`.

    Returns:
        The questions.

    Example:
        >>> answers = {"text": [b"Rome"], "answer_start": [3]}
        >>> texts = {"id": b"1", "question": b"Where?", "context": b"In Rome."}
        >>> questions_of_records([texts | {"answers": answers}])[0].answers
        (Answer(text='Rome', start=3),)
    """
    return [
        Question(
            id=record["id"].decode(),
            text=record["question"].decode(),
            context=record["context"].decode(),
            answers=tuple(
                Answer(text.decode(), int(start))
                for text, start in zip(
                    record["answers"]["text"],
                    record["answers"]["answer_start"],
                    strict=True,
                )
            ),
        )
        for record in records
    ]


def check_answerable(
    questions: Sequence[Question], path: str | os.PathLike[str]
) -> None:
    """Checks that every question has an answer, as in SQuAD 1.1.

    Args:
        questions: the questions of a file.
        path: the file, for the error.

    Raises:
        UserError: if one has none.

    Example:
        >>> check_answerable([Question("1", "?", "It.", (Answer("It", 0),))], "a.json")
    """
    for question in questions:
        if not question.answers:
            raise UserError(
                f"the question {question.id!r} has no answer, which SQuAD 1.1 does not "
                "know: remove it, or take the task of SQuAD 2.0",
                path,
            )


class _Node:
    """A value of a JSON file that knows where it stands."""

    def __init__(self, value: Any, place: str, path: str | os.PathLike[str]):
        self.value = value
        self.place = place
        self._path = path

    def error(self, message: str) -> UserError:
        place = f"{self.place}: " if self.place else ""
        return UserError(place + message, self._path)

    def of(self, kind: type) -> Any:
        # Not isinstance: true is an int for Python.
        if type(self.value) is not kind:
            raise self.error(f"is {_named(self.value)}, not {_KINDS[kind]}: correct it")
        return self.value

    def has(self, name: str) -> bool:
        return name in self.of(dict)

    def __getitem__(self, name: str) -> "_Node":
        if not self.has(name):
            raise self.error(f"has no {name!r}: SQuAD's format asks for it")
        shown = name if name.isprintable() else ascii(name)
        place = f"{self.place}.{shown}" if self.place else shown
        return _Node(self.value[name], place, self._path)

    def items(self) -> list["_Node"]:
        return [
            _Node(value, f"{self.place}[{index}]", self._path)
            for index, value in enumerate(self.of(list))
        ]

    def text(self) -> str:
        text = self.of(str)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.error(
                f"has half a character, {text[error.start]!a}, which is no "
                "Unicode text: correct it"
            ) from error
        return text


_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a string",
    int: "a whole number",
    bool: "true or false",
}


def _named(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "a decimal number")


def _read_json(path: str | os.PathLike[str]) -> _Node:
    lines = enumerate(read_raw_lines(path, longest=LONGEST_LINE), start=1)
    text = "\n".join(
        decode_line(raw, path, number, LONGEST_LINE) for number, (_, raw) in lines
    )
    repeated: list[tuple[dict, str]] = []

    def json_object(pairs: list[tuple[str, Any]]) -> dict:
        value = dict(pairs)
        if len(value) < len(pairs):
            counts = collections.Counter(key for key, _ in pairs)
            repeated.append((value, counts.most_common(1)[0][0]))
        return value

    try:
        root = _Node(json.loads(text, object_pairs_hook=json_object), "", path)
    except json.JSONDecodeError as error:
        raise UserError(
            f"is not JSON ({error.msg} at character {error.colno} of the line): give a "
            "file in SQuAD's format",
            path,
            error.lineno,
        ) from error
    except (RecursionError, ValueError) as error:
        raise UserError(
            f"cannot be read as JSON ({error}): give a file in SQuAD's format", path
        ) from error
    if repeated:
        # No object around the last one has a key twice, so its value was not lost.
        value, key = repeated[-1]
        raise _find(root, value).error(f"has the key {key!r} twice: remove one of them")
    return root


def _find(root: _Node, value: dict) -> _Node:
    nodes = [root]
    # Not recursive: JSON may be nested more deeply than Python calls.
    while nodes:
        node = nodes.pop()
        if node.value is value:
            return node
        if isinstance(node.value, list):
            nodes += node.items()
        elif isinstance(node.value, dict):
            nodes += [node[name] for name in node.value]
    raise AssertionError("The object is not in the file that it was read from.")


def _question(node: _Node, context: str) -> Question:
    id = node["id"].text()
    is_impossible = node.has("is_impossible") and node["is_impossible"].of(bool)
    answers = ()
    if node.has("answers") or not is_impossible:
        answers = tuple(
            _answer(answer, context, id) for answer in node["answers"].items()
        )
    if answers and is_impossible:
        raise node.error(
            f"the question {id!r} is_impossible but has answers: set is_impossible to "
            "false, or remove them"
        )
    if not answers and node.has("is_impossible") and not is_impossible:
        raise node.error(
            f"the question {id!r} has no answers: add them, or set is_impossible to "
            "true"
        )
    return Question(id, node["question"].text(), context, answers)


def _answer(node: _Node, context: str, id: str) -> Answer:
    text, start = node["text"].text(), node["answer_start"].of(int)
    if not text.strip():
        raise node.error(f"the answer to the question {id!r} is empty: fill it in")
    if start < 0 or not context.startswith(text, start):
        places = [
            str(place)
            for place in range(len(context))
            if context.startswith(text, place)
        ]
        where = ", ".join(places[:_MOST_PLACES_TOLD])
        remedy = (
            f"it stands at {where}: correct answer_start"
            if places
            else "it is not in the context at all: correct the text"
        )
        raise node.error(
            f"the answer {text!r} to the question {id!r} does not stand at "
            f"answer_start {start}; {remedy}"
        )
    return Answer(text, start)
