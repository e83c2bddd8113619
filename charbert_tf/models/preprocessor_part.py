"""preprocessor_part: what a preprocessor makes of its arguments when it is needed."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


class preprocessor_part:  # noqa: N801  It is used as a decorator, like `property`.
    """A property that is computed once, and anew when an argument was set.

    When a preprocessor is made from its configuration its tokenizer has no vocabulary
    yet, which a preset or a `.keras` file brings later; so nothing that needs it is
    made before it is asked for.

    Args:
        make: The method that computes it.

    Example:

    ```python
    class MyPreprocessor(CharBertPreprocessor):
        @preprocessor_part
        def table(self):
            return tf.constant(self.tokenizer.get_vocabulary())
    ```
    """

    def __init__(self, make: Callable[[Any], Any]):
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self._name not in instance.made_parts:
            # Not in the graph that happens to ask first.
            with tf.init_scope():
                instance.made_parts[self._name] = self._make(instance)
        return instance.made_parts[self._name]
