"""Which arguments a class takes, and the refusal of those that it does not take."""

import functools
import inspect
from collections.abc import Iterable

_MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@functools.cache
def constructor_arguments(cls: type, base: type) -> tuple[str, ...]:
    """Lists the arguments that the constructors of a class name.

    Args:
        cls: The class.
        base: The last of its bases whose constructor counts.

    Returns:
        The names, those of the class itself first.

    Example:

    ```python
    constructor_arguments(charbert_tf.RobertaEncoder, charbert_tf.BertEncoder)
    ```
    """
    names: dict[str, None] = {}
    for each in cls.__mro__[: cls.__mro__.index(base) + 1]:
        if "__init__" in vars(each):
            parameters = list(inspect.signature(each.__init__).parameters.values())
            names |= {p.name: None for p in parameters[1:] if p.kind not in _MANY}
    return tuple(names)


def refuse_unknown(cls: type, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuses arguments that a class does not take, where Keras ignores them.

    Args:
        cls: The class.
        given: The names of the arguments that it was given.
        known: The names of those that it takes.

    Raises:
        TypeError: If one is not among them.

    Example:

    ```python
    refuse_unknown(charbert_tf.TextClassifier, ["num_clases"], ["num_classes"])
    ```
    """
    known = list(dict.fromkeys(known))
    unknown = [name for name in given if name not in known]
    if unknown:
        raise TypeError(
            f"{cls.__name__} takes no argument {', '.join(map(repr, unknown))}; "
            f"it takes {', '.join(known)}."
        )
