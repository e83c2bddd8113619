"""Flags for the arguments that the rooms of the families declare."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from absl import flags

from charbert_tf.families.named_tasks import TaskOption


def define(options: Iterable[TaskOption]) -> dict[str, flags.FlagHolder]:
    """Defines a flag for each option.

    Args:
        options: The options.

    Returns:
        The flags by the options' names.
    """
    return {option.name: _define(option) for option in options}


def given(holders: Mapping[str, flags.FlagHolder]) -> dict[str, Any]:
    """Returns the values of the flags that have one, by the library's arguments.

    Args:
        holders: As `define` returns them.
    """
    values = {name: holder.value for name, holder in holders.items()}
    return {name: value for name, value in values.items() if value is not None}


def _define(option: TaskOption) -> flags.FlagHolder:
    name, default, text = option.name, option.default, option.help
    if option.choices is not None:
        return flags.DEFINE_enum(name, default, list(option.choices), text)
    if option.kind is int:
        bounds = {"lower_bound": option.least, "upper_bound": option.most}
        return flags.DEFINE_integer(name, default, text, **bounds)
    if option.kind is bool:
        return flags.DEFINE_bool(name, default, text)
    if option.kind is str:
        return flags.DEFINE_string(name, default, text)
    holder = flags.DEFINE_float(name, default, text)
    flags.register_validator(
        holder, lambda value: value is None or not math.isnan(value), "must be a number"
    )
    return holder
