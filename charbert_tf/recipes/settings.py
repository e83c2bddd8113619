"""The settings of a recipe: what is given, and the rules that it must keep."""

import dataclasses
import numbers
import os
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from charbert_tf.files.errors import UserError
from charbert_tf.recipes.limits import output_fault, setting_fault

_Settings = TypeVar("_Settings")

HIGHEST_SEED = 999_999_999
"""What a seed is at most."""


class Rule(NamedTuple):
    """What must hold of settings; a command has it as a validator of its flags.

    Attributes:
        names: The settings that it is about.
        holds: Takes their values by these names, and tells whether all is well.
        message: What is said when it is not.
    """

    names: Sequence[str]
    holds: Callable[[Mapping[str, Any]], bool]
    message: str


def make_settings(
    kind: type[_Settings], rules: Sequence[Rule], given: Mapping[str, Any]
) -> tuple[_Settings, dict[str, Any]]:
    """Makes the settings of a recipe out of its arguments.

    Args:
        kind: the dataclass of the settings.
        rules: what must hold of them.
        given: the arguments by their names; paths may be `pathlib`'s, and what takes
            several may be given one.

    Returns:
        The settings; and the arguments that are none, which may be options of a task.

    Raises:
        TypeError: if a setting is missing.
        UserError: if a value is none of its setting's, or with the message of the
            first rule that does not hold.

    Example:
        >>> @dataclasses.dataclass
        ... class Settings:
        ...     steps: int = 100
        >>> rule = Rule(["steps"], lambda v: v["steps"] > 0, "must be above 0")
        >>> make_settings(Settings, [rule], {"steps": 10, "text_column": "review"})
        (Settings(steps=10), {'text_column': 'review'})
    """
    types = {field.name: field.type for field in dataclasses.fields(kind)}
    plain = plain_settings(given)
    own = {
        name: _several(value) if _takes_several(types[name]) else value
        for name, value in plain.items()
        if name in types
    }
    for name, value in own.items():
        if fault := setting_fault(value, types[name]):
            raise UserError(f"--{name}={value!r}: {fault}")
    if fault := output_fault(own.get("output")):
        raise UserError(fault)
    settings = kind(**own)
    options = {name: value for name, value in plain.items() if name not in types}
    values = vars(settings) | options
    for rule in rules:
        if not rule.holds({name: values.get(name) for name in rule.names}):
            names = ", ".join(f"--{name}" for name in rule.names)
            about = "" if rule.message.startswith("--") else f"{names}: "
            raise UserError(f"{about}{rule.message}")
    return settings, options


def make_own_settings(
    kind: type[_Settings], rules: Sequence[Rule], given: Mapping[str, Any]
) -> _Settings:
    """Makes the settings of a recipe that takes no options of a task.

    Args:
        kind: as `make_settings` takes it.
        rules: likewise.
        given: likewise.

    Returns:
        The settings.

    Raises:
        TypeError: if there is no such setting, or one is missing.
        UserError: as `make_settings` raises it.

    Example:
        >>> @dataclasses.dataclass
        ... class Settings:
        ...     steps: int = 100
        >>> make_own_settings(Settings, [], {"steps": 10})
        Settings(steps=10)
    """
    settings, others = make_settings(kind, rules, given)
    for name in others:
        raise TypeError(f"There is no argument {name!r}.")
    return settings


def plain_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Writes settings as JSON takes them.

    Args:
        given: settings by their names; paths of `pathlib`, numbers of NumPy, ranges and
            arrays among them.

    Returns:
        The settings, of texts, numbers, lists and mappings.

    Example:
        >>> import pathlib
        >>> plain_settings({"input": [pathlib.Path("text.txt")], "steps": 10})
        {'input': ['text.txt'], 'steps': 10}
    """
    return {name: _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return plain_settings(value)
    if isinstance(value, numbers.Number) and hasattr(value, "item"):
        return value.item()  # Of NumPy.
    is_several = isinstance(value, Iterable) and not isinstance(value, str)
    return [_plain(of) for of in value] if is_several else value


def _takes_several(kind: Any) -> bool:
    return Sequence in map(typing.get_origin, (kind, *typing.get_args(kind)))


def _several(value: Any) -> Any:
    is_one = isinstance(value, str | int | float)
    return [value] if is_one else value


def _are_seeds(seeds: Sequence[int | str]) -> bool:
    different = {int(seed) for seed in map(str, seeds) if seed.isdecimal()}
    return 0 < len(seeds) == len(different) and max(different) <= HIGHEST_SEED


SEEDS_RULE = Rule(
    ["seeds"],
    lambda values: _are_seeds(values["seeds"]),
    "must be different whole numbers of up to nine digits",
)
"""For a recipe that does its work once for each of its seeds."""
