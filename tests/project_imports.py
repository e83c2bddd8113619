"""Which of the project's own files a module imports, by whatever door."""

import ast
import pathlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = "charbert_tf"


def imported_files(source: str) -> set[str]:
    """The files of `charbert_tf` that a module names, in imports and behind them.

    A package stands for its `__init__.py`, and a name of its lazy face for the module
    that the face's stub takes it from. Not told is `charbert_tf/__init__.py`, which
    Python runs before any of them.
    """
    files = set()
    for name in _named(ast.parse(source)):
        files |= {_file_of(name.split("."))} if _is_ours(name) else set()
    return files - {f"{PACKAGE}/__init__.py"}


def _is_ours(name: str) -> bool:
    return name == PACKAGE or name.startswith(f"{PACKAGE}.")


def _named(tree: ast.Module) -> Iterator[str]:
    """What is imported, and what is asked of that, in full."""
    meaning = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"a relative import of {node.module}"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                meaning[alias.asname or alias.name] = name
                yield name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                meaning |= (
                    {alias.asname: alias.name} if alias.asname else {first: first}
                )
                yield alias.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            if first in meaning:
                yield f"{meaning[first]}.{rest}"


def _file_of(parts: list[str]) -> str:
    place = ROOT
    for number, part in enumerate(parts):
        module = place / f"{part}.py"
        if (place / part).is_dir():
            place /= part
        elif module.is_file():
            return module.relative_to(ROOT).as_posix()
        elif origin := _public_names(place).get(part):
            return _file_of([*origin.split("."), *parts[number:]])
        else:
            break
    return (place / "__init__.py").relative_to(ROOT).as_posix()


def _public_names(package: pathlib.Path) -> dict[str, str]:
    """The module that each name of a package's stub is taken from."""
    stub = package / "__init__.pyi"
    if not stub.is_file():
        return {}
    return {
        alias.name: node.module
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
