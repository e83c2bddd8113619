"""QuietTensorFlow: imports TensorFlow without its start-up messages."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from types import ModuleType

from absl import logging as absl_logging

from charbert_tf.import_hook import around_import

_STANDARD_ERROR = 2


class QuietTensorFlow:
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
            around_import("tensorflow", _quietly)


@contextlib.contextmanager
def _quietly(module: ModuleType) -> Iterator[None]:
    with _closed_standard_error():
        yield
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
