"""SQuAD's JSON: articles of paragraphs, a context and questions about it each."""

import dataclasses
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from charbert_tf.attacks.edit import Edit, EditedText
from charbert_tf.families.example import Edited, TextName
from charbert_tf.families.family_format import (
    FamilyFormat,
    LabelledFile,
    Replacement,
    SourceLines,
)
from charbert_tf.families.question_answering.answer_files import (
    write_answers,
    write_n_best,
    write_n_best_or_none,
    write_null_odds,
)
from charbert_tf.families.question_answering.questions import Answer, Question
from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import half_character
from charbert_tf.files.placed_json import PlacedValue, parse_placed_json

# What no line reaches: SQuAD's files have everything in one.
_LONGEST_LINE = 1 << 40
_MOST_PLACES_TOLD = 5
# One character of a string, which may be written as a pair of surrogates.
_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)
_BYTE_ORDER_MARK = "\ufeff"


@dataclasses.dataclass(frozen=True)
class SquadFormat(FamilyFormat):
    r"""Files in the format of SQuAD 1.1 or 2.0.

    Args:
        has_unanswerable: whether predictions are of SQuAD 2.0, which tells of each how
            likely no answer is. Files of both are read alike.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "train.json")
        >>> answer = {"text": "Rome", "answer_start": 3}
        >>> question = {"id": "1", "question": "Where?", "answers": [answer]}
        >>> paragraph = {"context": "In Rome.", "qas": [question]}
        >>> data = {"data": [{"paragraphs": [paragraph]}]}
        >>> _ = path.write_text(json.dumps(data))
        >>> SquadFormat().read(path)[0].answers
        (Answer(text='Rome', start=3),)
    """

    has_unanswerable: bool = True

    def parse(self, path: str | os.PathLike[str]) -> "SquadFile":
        """Reads a file; see the base class.

        Raises:
            UserError: if the file cannot be read or has no question, is not JSON, lacks
                a key or has one twice in an object, if an answer does not stand where
                it is said to, if a question has neither answers nor none, or its id
                twice.
        """
        lines = SourceLines(path, longest=_LONGEST_LINE)
        for _ in lines:
            pass
        source = lines.text()
        ids: set[str] = set()
        questions = []
        paragraphs = list(_paragraphs(_parse_json(source, path)))
        for paragraph in paragraphs:
            context = paragraph["context"].text()
            for node in paragraph["qas"].items():
                question = _question(node, context)
                if question.id in ids:
                    raise _repeated_id(paragraphs, node, question.id)
                ids.add(question.id)
                questions.append(question)
        if not questions:
            raise UserError("no question in the file: give one in SQuAD's format", path)
        return SquadFile(source, questions, path)

    def prediction_writers(self) -> dict[str, Callable[..., None]]:
        """Returns those of answers, of candidates and, for 2.0, of null odds."""
        if not self.has_unanswerable:
            return {".json": write_answers, ".nbest.json": write_n_best}
        return {
            ".json": write_answers,
            ".nbest.json": write_n_best_or_none,
            ".null_odds.json": write_null_odds,
        }


class _Node:
    """A value of a JSON file, and the objects and lists that it is in."""

    __slots__ = ("_key", "_parent", "_path", "value")

    def __init__(
        self,
        value: Any,
        path: str | os.PathLike[str],
        parent: "_Node | None" = None,
        key: str | int = "",
    ):
        self.value = value
        self._path = path
        self._parent = parent
        self._key = key

    @property
    def place(self) -> str:
        """The keys and indices that lead to it."""
        if self._parent is None:
            return ""
        before = self._parent.place
        if isinstance(self._key, int):
            return f"{before}[{self._key}]"
        shown = self._key if self._key.isprintable() else ascii(self._key)
        return f"{before}.{shown}" if before else shown

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
        return type(self)(self.value[name], self._path, self, name)

    def items(self) -> list["_Node"]:
        return [
            type(self)(value, self._path, self, index)
            for index, value in enumerate(self.of(list))
        ]

    def text(self) -> str:
        text = self.of(str)
        half = half_character(text)
        if half is not None:
            raise self.error(
                f"has half a character, {half!a}, which is no Unicode text: correct it"
            )
        return text


class _PlacedNode(_Node):
    """One that knows also at which characters of the file it stands."""

    __slots__ = ("end", "start")

    def __init__(self, placed: PlacedValue, *where: Any):
        super().__init__(placed.value, *where)
        self.start, self.end = placed.start, placed.end


_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a string",
    int: "a whole number",
    bool: "true or false",
}


def _named(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "a decimal number")


def _paragraphs(root: _Node) -> Iterator[_Node]:
    for article in root["data"].items():
        yield from article["paragraphs"].items()


def _repeated_id(paragraphs: Sequence[_Node], node: _Node, id: str) -> UserError:
    nodes = (node for paragraph in paragraphs for node in paragraph["qas"].items())
    first = next(node for node in nodes if node["id"].value == id)
    return node.error(
        f"the question id {id!r} is that of {first.place} too: give each question its "
        "own"
    )


def _parse_json(source: str, path: str | os.PathLike[str]) -> _Node:
    repeated: list[tuple[dict, str]] = []

    def make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            keys = [key for key, _ in pairs]
            repeated.append((value, max(value, key=keys.count)))
        return value

    decode = json.JSONDecoder(object_pairs_hook=make_object).decode
    root = _Node(_decoded(source.removeprefix(_BYTE_ORDER_MARK), decode, path), path)
    if repeated:
        # No object around the last one has a key twice, so its value was not lost.
        value, key = repeated[-1]
        raise _find(root, value).error(f"has the key {key!r} twice: remove one of them")
    return root


def _decoded(
    text: str, decode: Callable[[str], Any], path: str | os.PathLike[str]
) -> Any:
    try:
        return decode(text)
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


class SquadFile(LabelledFile):
    """A file of SQuAD under attack: the texts change, answers move, all else stays.

    Of the JSON only the characters that an edit replaces change, and the numbers that
    tell where an answer starts. A plausible answer, which SQuAD 2.0 has where there is
    none, may have edits in it: its text becomes what stands at its place.

    Args:
        source: the characters of the file.
        examples: its questions.
        path: the file.
    """

    recorded_texts = ("context", "question")

    def __init__(
        self,
        source: str,
        examples: Sequence[Question],
        path: str | os.PathLike[str],
    ):
        super().__init__(source, examples)
        self._path = path
        self._shift = len(source) - len(source.removeprefix(_BYTE_ORDER_MARK))
        # Whether the file escapes all other characters.
        self._is_ascii = source[self._shift :].isascii()

    def place(self, index: int, text: TextName, edit: Edit) -> dict[str, str | int]:
        """Returns the question's id; of a context that of its first question."""
        return {"id": self.examples[index].id, "text": text}

    def replacements(
        self, edited: Sequence[Mapping[TextName, Edited]]
    ) -> Iterator[Replacement]:
        """Gives words, and the numbers and texts of answers; see the base class."""
        for start, end, new in self._in_json(iter(edited)):
            yield start + self._shift, end + self._shift, new

    def _in_json(
        self, edited: Iterator[Mapping[TextName, Edited]]
    ) -> Iterator[Replacement]:
        # Only now, for places take time: most files are read, and no more.
        text = self.source[self._shift :]
        placed = _decoded(text, parse_placed_json, self._path)
        for paragraph in _paragraphs(_PlacedNode(placed, self._path)):
            nodes = paragraph["qas"].items()
            texts = [next(edited) for _ in nodes]
            context = texts[0].get("context") if texts else None
            if context is not None:
                yield from self._in_string(paragraph["context"], context)
            for node, of_question in zip(nodes, texts, strict=True):
                if "question" in of_question:
                    yield from self._in_string(
                        node["question"], of_question["question"]
                    )
                if context is not None:
                    yield from self._in_answers(node, context)

    def _in_answers(
        self, question: _Node, context: EditedText
    ) -> Iterator[Replacement]:
        for name in ("answers", "plausible_answers"):
            for answer in question[name].items() if question.has(name) else ():
                text, start = answer["text"].text(), answer["answer_start"].of(int)
                # Of plausible answers nobody has checked that they stand there.
                if context.original.startswith(text, start):
                    yield from self._in_answer(answer, text, start, context)

    def _in_answer(
        self, answer: _Node, text: str, start: int, context: EditedText
    ) -> Iterator[Replacement]:
        new_start, new_end = context.moved(start, start + len(text))
        if new_start != start:
            number = answer["answer_start"]
            yield number.start, number.end, str(new_start)
        new_text = context.text[new_start:new_end]
        if new_text != text:
            node = answer["text"]
            yield node.start, node.end, self._literal(new_text)

    def _in_string(self, node: _Node, edited: EditedText) -> Iterator[Replacement]:
        """Gives what to replace in a string, without its other characters."""
        if not edited.edits:
            return
        start, end = node.start + 1 + self._shift, node.end - 1 + self._shift
        matches = _CHARACTER.finditer(self.source, start, end)
        offsets = [match.start() - self._shift for match in matches]
        offsets.append(node.end - 1)
        for first, last, new in edited.replacements():
            yield offsets[first], offsets[last], self._literal(new)[1:-1]

    def _literal(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=self._is_ascii)
