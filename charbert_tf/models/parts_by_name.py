"""parts_by_name: the parts of examples in their order, also where they have names."""

from collections.abc import Mapping, Sequence
from typing import Any


def parts_by_name(x: Any, ways: Sequence[Sequence[str]]) -> tuple:
    """Gives the parts of examples, such as both texts of pairs.

    Args:
        x: A tuple of the parts, a dict of them, or the only one.
        ways: The names that the parts of a dict may have, in their order:
            a `tf.data.Dataset` sorts them.

    Returns:
        The parts.

    Raises:
        ValueError: If the parts have other names.

    Example:
        >>> parts_by_name({"b": 2, "a": 1}, [("a", "b")])
        (1, 2)
    """
    if not isinstance(x, Mapping):
        return x if isinstance(x, tuple) else (x,)
    names = next((way for way in ways if set(way) == set(x)), None)
    if names is None:
        raise ValueError(
            f"The texts are called {', '.join(map(repr, x))}: name them "
            f"{'; or '.join(map(', '.join, ways))}; or give a tuple."
        )
    return tuple(x[name] for name in names)
