"""Flags for the arguments that the rooms of the families declare."""

import dataclasses
import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from absl import flags

from charbert_tf.families.named_tasks import FAMILIES, OptionUse, TaskOption
from charbert_tf.files.errors import UserError


def define(uses: Collection[OptionUse]) -> dict[str, flags.FlagHolder]:
    """Defines a flag for each option of the families that a command has a use for.

    Those of the same name, which families share, have one.

    Args:
        uses: What the command does.

    Returns:
        The flags by the options' names.
    """
    by_name: dict[str, list[TaskOption]] = {}
    for family in FAMILIES.values():
        for option in family.options_for(uses):
            by_name.setdefault(option.name, []).append(option)
    return {name: _define(_shared(of_name)) for name, of_name in by_name.items()}


def given(holders: Mapping[str, flags.FlagHolder]) -> dict[str, Any]:
    """Returns the values of the flags that have one, by the library's arguments.

    Args:
        holders: As `define` returns them.
    """
    values = {name: holder.value for name, holder in holders.items()}
    return {name: value for name, value in values.items() if value is not None}


def _shared(options: list[TaskOption]) -> TaskOption:
    """The last of some options of one name, with what the help of each says."""
    helps = dict.fromkeys(option.help for option in options)
    return dataclasses.replace(options[-1], help=" ".join(helps))


def parse(text: str, options: Iterable[TaskOption]) -> tuple[str, Any]:
    """Reads an option as --task_option gives it.

    Args:
        text: NAME=VALUE.
        options: Those that the task takes.

    Returns:
        The name and the value.

    Raises:
        UserError: If the task has no such option, or it does not take the value.
    """
    name, sign, value = text.partition("=")
    known = {option.name: option for option in options}
    if name not in known or not sign:
        takes = ", ".join(f"{option}=..." for option in known)
        raise UserError(
            f"--task_option={text}: the task has no such option: "
            + (f"give {takes}" if takes else "it declares none")
        )
    # absl's own flags read and check it, as if it had one.
    values = flags.FlagValues()
    _define(known[name], values)
    try:
        values(["", f"--{name}={value}"])
    except (flags.Error, ValueError) as error:
        raise UserError(f"--task_option={text}: {error}") from error
    return name, values[name].value


def _define(
    option: TaskOption, values: flags.FlagValues = flags.FLAGS
) -> flags.FlagHolder:
    name, default, text = option.name, option.default, option.help
    where = {"flag_values": values}
    if option.choices is not None:
        return flags.DEFINE_enum(name, default, list(option.choices), text, **where)
    if option.kind is int:
        bounds = {"lower_bound": option.least, "upper_bound": option.most}
        return flags.DEFINE_integer(name, default, text, **bounds, **where)
    if option.kind is bool:
        return flags.DEFINE_bool(name, default, text, **where)
    if option.kind is str:
        return flags.DEFINE_string(name, default, text, **where)
    holder = flags.DEFINE_float(name, default, text, **where)
    flags.register_validator(
        holder, lambda value: value is None or not math.isnan(value), "must be a number"
    )
    return holder
