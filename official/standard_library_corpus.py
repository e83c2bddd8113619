r"""Writes English text that every Python has: its standard library's documentation.

  python -m official.standard_library_corpus --output=corpus

The output folder then holds text.txt, a paragraph of docstrings and of the language
reference a line, to pretrain on; and train.tsv, dev.tsv and test.tsv: sentences of
docstrings, each labelled with the module that it comes from, one of ten. All the
sentences of a function or class are in the same file, a sentence that names its module
in none, and those of dev.tsv and test.tsv are not in text.txt either. train.tsv has at
most 200 sentences of a module, for two cores learn from them in minutes.
"""

import ast
import collections
import hashlib
import os
import pathlib
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pydoc_data.topics import topics
from typing import NamedTuple

from absl import flags

from charbert_tf.files.atomic_output import atomic_folder
from official import command

_OUTPUT = flags.DEFINE_string(
    "output", None, "Folder to make; it must not exist yet.", required=True
)

_MODULES = 10
_MOST_TRAINING_SENTENCES = 200
_SPLITS = ("train", "dev", "test")
_TEST_FOLDERS = {"test", "tests", "idle_test"}
_FEWEST_WORDS = 5
# Prose is at least this share letters; code, tables and diagrams are less.
_LETTERS = 0.65
_PARAGRAPH_END = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(])")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Docstring(NamedTuple):
    """What documents one object of the standard library.

    Attributes:
        module: the top-level module or package, such as "email".
        owner: the object, as "file: qualified name".
        paragraphs: the paragraphs of prose, a line each.
    """

    module: str
    owner: str
    paragraphs: list[str]


class Sentence(NamedTuple):
    """A sentence of a docstring.

    Attributes:
        text: the sentence, a line.
        module: the top-level module or package that it comes from: its label.
        owner: the object that it documents.
    """

    text: str
    module: str
    owner: str


def main() -> None:
    """Runs the command."""
    with atomic_folder(_OUTPUT.value) as folder:
        docstrings = list(read_docstrings())
        splits = split_by_owner(labelled_sentences(docstrings))
        splits["train"] = some_of_each_module(splits["train"], _MOST_TRAINING_SENTENCES)
        text = pretraining_text(docstrings, [*splits["dev"], *splits["test"]])
        _write_lines(os.path.join(folder, "text.txt"), text)
        for name, sentences in splits.items():
            rows = [f"{sentence.text}\t{sentence.module}" for sentence in sentences]
            path = os.path.join(folder, f"{name}.tsv")
            _write_lines(path, ["sentence\tlabel", *rows])
    print(
        f"Saved {_OUTPUT.value}: {sum(map(len, text)) / 1e6:.1f} million characters of "
        f"text; {', '.join(f'{len(splits[name]):,} {name}' for name in splits)} "
        f"sentences of {', '.join(sorted({s.module for s in splits['train']}))}"
    )


def read_docstrings() -> Iterator[Docstring]:
    """Reads the docstrings of the standard library from its sources.

    The sources are parsed, not imported: some modules do something when imported.

    Yields:
        What documents each module, class and function that has a docstring, in the
        order of the files and within a file.

    Example:
        ```python
        next(read_docstrings()).owner  # "__future__.py"
        ```
    """
    library = pathlib.Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(library.rglob("*.py")):
        file = path.relative_to(library)
        module = file.parts[0].removesuffix(".py")
        # What was installed beside the library is not part of every Python.
        if module not in sys.stdlib_module_names or _TEST_FOLDERS & set(file.parts):
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError:  # Templates, and samples of bad code.
            continue
        for owner, docstring in _docstrings_within(tree, file.as_posix()):
            yield Docstring(module, owner, _prose_paragraphs(docstring))


def labelled_sentences(docstrings: Iterable[Docstring]) -> list[Sentence]:
    """Makes a task of docstrings: which module is a sentence from?

    Left out are sentences that name their module, which would be too easy, and those
    that several modules have. What one module says several times is taken once.

    Args:
        docstrings: of any number of modules.

    Returns:
        The sentences of the ten modules that have the most.

    Example:
        ```python
        {sentence.module for sentence in labelled_sentences(read_docstrings())}
        ```
    """
    first = {}
    modules = collections.defaultdict(set)
    for module, owner, paragraphs in docstrings:
        for text in _sentences(paragraphs):
            first.setdefault(_key(text), Sentence(text, module, owner))
            modules[_key(text)].add(module)
    sentences = [
        sentence
        for key, sentence in first.items()
        if len(modules[key]) == 1 and not _names_its_module(sentence)
    ]
    counts = collections.Counter(sentence.module for sentence in sentences)
    chosen = sorted(counts, key=lambda module: (-counts[module], module))[:_MODULES]
    return [sentence for sentence in sentences if sentence.module in chosen]


def split_by_owner(sentences: Iterable[Sentence]) -> dict[str, list[Sentence]]:
    """Splits sentences, 80 : 10 : 10, so that each object is in one part only.

    Args:
        sentences: each with the object that it documents.

    Returns:
        The sentences of "train", "dev" and "test". Where an object goes depends on
        its name alone.

    Example:
        >>> splits = split_by_owner([Sentence("Decode a header.", "email", "feed.py")])
        >>> {name: len(sentences) for name, sentences in splits.items()}
        {'train': 1, 'dev': 0, 'test': 0}
    """
    splits = {name: [] for name in _SPLITS}
    for sentence in sentences:
        tenth = _digest(sentence.owner) % 10
        splits[{8: "dev", 9: "test"}.get(tenth, "train")].append(sentence)
    return splits


def some_of_each_module(sentences: list[Sentence], most: int) -> list[Sentence]:
    """Takes so many sentences of each module.

    Args:
        sentences: of several modules.
        most: how many of a module at most.

    Returns:
        The sentences that were taken, in their order. Which ones depends on their text
        alone, so it looks random and never changes.

    Example:
        >>> email = [Sentence(text, "email", "a.py") for text in ("Decode.", "Encode.")]
        >>> len(some_of_each_module(email, 1))
        1
    """
    taken = collections.Counter()
    chosen = set()
    for sentence in sorted(sentences, key=lambda sentence: _digest(sentence.text)):
        if taken[sentence.module] < most:
            taken[sentence.module] += 1
            chosen.add(sentence)
    return [sentence for sentence in sentences if sentence in chosen]


def pretraining_text(
    docstrings: Iterable[Docstring], held_out: Iterable[Sentence]
) -> list[str]:
    """Collects the text to pretrain on: docstrings and the language reference.

    Args:
        docstrings: the standard library's.
        held_out: sentences that must not be in the text, for they are tested on.

    Returns:
        Paragraphs, each once and without a line break.

    Example:
        ```python
        pretraining_text(read_docstrings(), held_out=[])
        ```
    """
    held_out = {_key(sentence.text) for sentence in held_out}
    paragraphs = [text for docstring in docstrings for text in docstring.paragraphs]
    for _, topic in sorted(topics.items()):
        paragraphs += _prose_paragraphs(topic)

    def is_held_out(paragraph: str) -> bool:
        key = _key(paragraph)
        return any(sentence in key for sentence in held_out)

    return [text for text in dict.fromkeys(paragraphs) if not is_held_out(text)]


def _docstrings_within(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, _DOCUMENTED) and (docstring := ast.get_docstring(node)):
        yield name, docstring
    for child in ast.iter_child_nodes(node):
        is_named = isinstance(child, _DOCUMENTED)
        yield from _docstrings_within(
            child, f"{name}:{child.name}" if is_named else name
        )


def _prose_paragraphs(text: str) -> list[str]:
    paragraphs = [" ".join(part.split()) for part in _PARAGRAPH_END.split(text)]
    return [part for part in paragraphs if ">>>" not in part and _is_prose(part)]


def _sentences(paragraphs: Iterable[str]) -> list[str]:
    sentences = [text for part in paragraphs for text in _SENTENCE_END.split(part)]
    return [text for text in sentences if _is_prose(text)]


def _is_prose(text: str) -> bool:
    words = re.findall(r"[A-Za-z]{2,}", text)
    letters = sum(map(len, words))
    return len(words) >= _FEWEST_WORDS and letters >= _LETTERS * len(
        text.replace(" ", "")
    )


def _key(text: str) -> str:
    """Makes sentences equal that differ in case and punctuation only."""
    return re.sub(r"\W+", " ", text.lower()).strip()


def _digest(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def _names_its_module(sentence: Sentence) -> bool:
    # _pydecimal is the decimal module, written in Python.
    name = sentence.module.removeprefix("_").removeprefix("py")
    return name.lower() in sentence.text.lower()


def _write_lines(path: str, lines: Iterable[str]) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    command.run(main)
