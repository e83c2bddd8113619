"""Limits: what a setting may be, in a recipe and in the flags of its command alike."""

import dataclasses
import math
import numbers
import types
import typing
from collections.abc import Sequence
from typing import Annotated, Any

_KINDS = {
    bool: (bool, "not True or False"),
    int: (numbers.Integral, "not a whole number"),
    float: (numbers.Real, "not a number"),
    str: (str, "not a text"),
}


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a setting may be, beside its type: `Annotated[int, Limits(least=1)]`.

    Args:
        least: the least number, if there is one.
        most: the highest number, if there is one.
        choices: all that it may be, if it is not any value.

    Example:
        >>> Limits(least=1).fault(0)
        'must be at least 1'
    """

    least: float | None = None
    most: float | None = None
    choices: Sequence[str] | None = None

    def fault(self, value: Any) -> str | None:
        """Says what is wrong with a value of the right type.

        Args:
            value: the value.

        Returns:
            The fault, or None if there is none.
        """
        if self.choices is not None and value not in self.choices:
            return f"must be one of {', '.join(self.choices)}"
        least, most = self.least, self.most
        is_below = least is not None and value < least
        if not is_below and (most is None or value <= most):
            return None
        if None not in (least, most):
            return f"must be from {least} to {most}"
        return f"must be at least {least}" if is_below else f"must be at most {most}"


def kind_fault(value: Any, *kinds: type) -> str | None:
    """Says what is wrong with the type of a value.

    Args:
        value: the value.
        *kinds: `bool`, `int`, `float` or `str`: it must be one of them. A whole number
            is a `float`, too, and NaN is none.

    Returns:
        The fault, or None if there is none.

    Example:
        >>> kind_fault("3", int), kind_fault(3, float), kind_fault(float("nan"), float)
        ('not a whole number', None, 'not a number')
    """
    is_bool = isinstance(value, bool)
    for kind in kinds:
        # For Python, True is a number.
        if isinstance(value, _KINDS[kind][0]) and is_bool == (kind is bool):
            return "not a number" if kind is float and math.isnan(value) else None
    return _KINDS[kinds[0]][1]


def setting_fault(value: Any, annotation: Any) -> str | None:
    """Says what is wrong with a setting.

    Args:
        value: its value.
        annotation: its type as a dataclass has it, `Annotated` with `Limits` or not.
            Lists and mappings are not looked into.

    Returns:
        The fault, or None if there is none.

    Example:
        >>> setting_fault(2.0, Annotated[float | None, Limits(0, 1)])
        'must be from 0 to 1'
    """
    kinds = _kinds(annotation)
    if not _KINDS.keys() >= set(kinds) - {types.NoneType}:
        return None
    if value is None:
        return None if types.NoneType in kinds else "must be given"
    fault = kind_fault(value, *(kind for kind in kinds if kind is not types.NoneType))
    # Such as of a shell's variable that is not set.
    fault = fault or ("the value is empty: give one" if value == "" else None)
    limits = limits_of(annotation)
    return fault or (limits and limits.fault(value))


def output_fault(output: str | None) -> str | None:
    """Says that a place to write to is an address, which nobody can write to.

    Args:
        output: the file or folder, if there is one.

    Returns:
        The fault, with the setting and its value, or None if there is none.

    Example:
        >>> output_fault("my_run")
    """
    # Else a folder "gs:" would appear here, on each machine of a cluster one.
    if output is None or "://" not in output:
        return None
    return (
        f"--output={output}: addresses cannot be written to: mount that storage as a "
        "folder, or write to a folder and copy it there"
    )


def limits_of(annotation: Any) -> Limits | None:
    """Finds the limits in a type.

    Args:
        annotation: as `setting_fault` takes it.

    Returns:
        The limits, or None if there are none.

    Example:
        >>> limits_of(Annotated[int, Limits(least=1)])
        Limits(least=1, most=None, choices=None)
    """
    if typing.get_origin(annotation) is not Annotated:
        return None
    return next(of for of in annotation.__metadata__ if isinstance(of, Limits))


def flag_bounds(settings: type, name: str) -> dict[str, float | None]:
    """Gives the bounds of a setting as absl's flags take them.

    Args:
        settings: the dataclass of the settings.
        name: the setting's name.

    Returns:
        `lower_bound` and `upper_bound`.

    Example:
        >>> @dataclasses.dataclass
        ... class Settings:
        ...     rate: Annotated[float, Limits(0, 1)] = 1.0
        >>> flag_bounds(Settings, "rate")
        {'lower_bound': 0, 'upper_bound': 1}
    """
    types_of = {field.name: field.type for field in dataclasses.fields(settings)}
    limits = limits_of(types_of[name])
    return {"lower_bound": limits.least, "upper_bound": limits.most}


def _kinds(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    is_union = isinstance(annotation, types.UnionType)
    return typing.get_args(annotation) if is_union else (annotation,)
