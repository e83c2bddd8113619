"""QuietTensorFlow: imports TensorFlow without its start-up messages."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

from absl import logging as absl_logging

_STANDARD_ERROR = 2


class QuietTensorFlow(MetaPathFinder):
    """Takes over the import of `tensorflow`, at whatever place it comes first.

    The import itself writes to the process's standard error from C++, before
    TF_CPP_MIN_LOG_LEVEL is in force. So standard error is closed to it until the
    import is done; exceptions are raised as ever. From then on TensorFlow, and the
    libraries that log as it does, report errors only.

    Example:
        ```python
        QuietTensorFlow.install()
        import tensorflow
        ```
    """

    @classmethod
    def install(cls) -> None:
        """Has the process's first import of TensorFlow done without its messages.

        Unless TF_CPP_MIN_LOG_LEVEL is set to less than its highest, 3: who lowers it
        wants to see them.

        Example:
            ```python
            QuietTensorFlow.install()
            ```
        """
        if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
            sys.meta_path.insert(0, cls())

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Returns where `tensorflow` is, and of all else `None`."""
        if fullname != "tensorflow":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            spec.loader = _QuietLoader(fullname, spec.origin)
        return spec


class _QuietLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        with _closed_standard_error():
            super().exec_module(module)
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        absl_logging.set_verbosity(absl_logging.ERROR)


@contextlib.contextmanager
def _closed_standard_error() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(_STANDARD_ERROR)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), _STANDARD_ERROR)
    try:
        yield
    finally:
        os.dup2(kept, _STANDARD_ERROR)
        os.close(kept)
