"""around_import: what is done around the first import of a module."""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

Context = Callable[[ModuleType], AbstractContextManager[None]]
"""Makes the context in which the code of a module runs."""


def around_import(name: str, context: Context) -> None:
    """Has a module imported inside a context, at whatever place it comes first.

    Args:
        name: the module's; it was not imported yet.
        context: makes the context, given the module, which is still empty.

    Example:
        >>> import contextlib
        >>> @contextlib.contextmanager
        ... def telling(module):
        ...     yield
        ...     print(f"{module.__name__} is there")
        >>> around_import("tabnanny", telling)
        >>> import tabnanny
        tabnanny is there
    """
    sys.meta_path.insert(0, _Finder(name, context))


class _Finder(MetaPathFinder):
    def __init__(self, name: str, context: Context):
        self._name = name
        self._context = context

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            spec.loader = _Loader(fullname, spec.origin, self._context)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, context: Context):
        super().__init__(fullname, path)
        self._context = context

    def exec_module(self, module: ModuleType) -> None:
        with self._context(module):
            super().exec_module(module)
