"""Names of a package that are imported when they are first asked for (PEP 562)."""

import ast
import importlib
import pathlib
import sys
from collections.abc import Callable
from typing import Any


def lazy_names(
    package: str,
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Makes what a package needs to give names without importing what they are of.

    The names are those that the package's stub, `__init__.pyi` beside its
    `__init__.py`, imports, which is also where type checkers and editors look; so
    there is one list of them, as https://scientific-python.org/specs/spec-0001 has it.

    Args:
        package: the package's `__name__`.

    Returns:
        The package's `__getattr__`, `__dir__` and `__all__`.

    Example:
        >>> get, names, public = lazy_names("charbert_tf.text")
        >>> public
        ['SubwordTokenizer', 'make_subword_tokenizer']
        >>> get("SubwordTokenizer")
        <class 'charbert_tf.text.subword_tokenizer.SubwordTokenizer'>
    """
    module_of = _module_of_names(package)

    def get(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if module_of[name] == package:
            return importlib.import_module(f"{package}.{name}")
        found = getattr(importlib.import_module(module_of[name]), name)
        # The next time Python finds it without asking here.
        setattr(sys.modules[package], name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *module_of})

    return get, names, sorted(module_of)


def _module_of_names(package: str) -> dict[str, str]:
    """The module that each name of a stub is imported from; a package of its parts."""
    stub = pathlib.Path(sys.modules[package].__file__).with_suffix(".pyi")
    return {
        alias.name: node.module
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
