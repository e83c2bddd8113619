"""Registry: the kinds of a thing by name, each loaded when it is first asked for."""

import functools
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from charbert_tf.files.errors import UserError

_PLACE = re.compile(r"(?P<module>\w+(\.\w+)*):(?P<attribute>\w+)")


def thing_at(place: str) -> Any:
    """Imports what stands at a place.

    Args:
        place: `"module:Attribute"`.

    Returns:
        The thing.

    Example:
        >>> thing_at("charbert_tf.attacks.single_characters:Drop")
        <class 'charbert_tf.attacks.single_characters.Drop'>
    """
    module, attribute = place.split(":")
    return getattr(importlib.import_module(module), attribute)


def made_at(place: str, *arguments: Any) -> Any:
    """Makes what a place has the class of; `functools.partial` puts it off.

    Args:
        place: the class's, `"module:Class"`.
        *arguments: the class's arguments.

    Returns:
        The instance.

    Example:
        >>> made_at("collections:Counter", "abba")
        Counter({'a': 2, 'b': 2})
    """
    return thing_at(place)(*arguments)


def import_users_module(module: str, what: str) -> ModuleType:
    """Imports a module that a user has named.

    Args:
        module: its name, `"my_package.my_module"`.
        what: what cannot be done without it, for the error.

    Returns:
        The module.

    Raises:
        UserError: if it cannot be imported.

    Example:
        >>> import_users_module("math", "--import=math").sqrt(9.0)
        3.0
    """
    try:
        return importlib.import_module(module)
    # A module that is not for import may do anything, such as leave the process.
    except (Exception, SystemExit) as error:
        raise UserError(
            f"{what}: {module} cannot be imported ({type(error).__name__}: {error}): "
            "mend it, install it, or add its folder to PYTHONPATH"
        ) from error


def class_behind(thing: Any) -> Any:
    """Gives what `functools.partial` sets arguments of.

    Args:
        thing: a class, maybe with arguments that are set; or anything else.

    Returns:
        The class; anything else as it is.

    Example:
        >>> class_behind(functools.partial(dict, one=1))
        <class 'dict'>
    """
    while isinstance(thing, functools.partial):
        thing = thing.func
    return thing


class Registry(Mapping[str, Any]):
    """Names of things, and where they are: to know the names costs no import.

    A kind of thing, such as an attack, has one registry, which its base reads; a new
    one is a file and a line there. Things from outside the project need no line: they
    are found by their place, as `"my_package.my_module:MyAttack"`.

    Args:
        what: what one of them is called in errors: "attack".
        base: the place of the class that they have in common. They are classes that
            derive from it, maybe with arguments that `functools.partial` sets.
        entries: the place of each by its name, `"module:Attribute"`.
        instances: whether they are instances of the base instead of classes. The base
            may then be a protocol, or `"collections.abc:Callable"` for functions.

    Raises:
        KeyError: for `registry[name]`, as of any mapping, if the name is not there.

    Example:
        >>> registry = Registry(
        ...     "attack",
        ...     "charbert_tf.attacks.attack:Attack",
        ...     {"drop": "charbert_tf.attacks.single_characters:Drop"},
        ... )
        >>> list(registry)
        ['drop']
        >>> registry["drop"]
        <class 'charbert_tf.attacks.single_characters.Drop'>
    """

    def __init__(
        self,
        what: str,
        base: str,
        entries: Mapping[str, str],
        instances: bool = False,
    ):
        self._what = what
        self._base = base
        self._entries = dict(entries)
        self._instances = instances

    def __getitem__(self, name: str) -> Any:
        return thing_at(self._entries[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def add(self, name: str, place: str) -> None:
        """Adds one from outside the project, which its own module does.

        Args:
            name: the name to find it by.
            place: where it is, `"my_package.my_module:MyThing"`.

        Raises:
            ValueError: if the name is that of another one.

        Example:
            >>> registry = Registry("head", "builtins:object", {})
            >>> registry.add("MyHead", "my_package.my_head:MyHead")
            >>> list(registry)
            ['MyHead']
        """
        if self._entries.setdefault(name, place) != place:
            raise ValueError(
                f"The {self._what} {name!r} is {self._entries[name]}: give "
                f"{place} another name."
            )

    def find(self, name: str) -> Any:
        """Gives what a user has named.

        Args:
            name: one of the registry's names, or the place of a user's own thing,
                `"my_package.my_module:MyThing"`, where Python can import it.

        Returns:
            The thing: a class, or an instance in a registry of these.

        Raises:
            UserError: if there is none of this name, its module cannot be imported,
                or it is not what the registry holds.

        Example:
            >>> registry = Registry(
            ...     "metric", "collections.abc:Callable", {}, instances=True
            ... )
            >>> registry.find("math:sqrt")(9.0)
            3.0
        """
        if name in self:
            return self[name]
        place = _PLACE.fullmatch(name)
        if place is None:
            raise UserError(
                f"no {self._what} {name!r}: choose one of {', '.join(self)}, or name "
                "your own as my_package.my_module:MyName"
            )
        module = import_users_module(place["module"], f"no {self._what} {name!r}")
        choices = [key for key, thing in vars(module).items() if self._is_one(thing)]
        if not self._is_one(vars(module).get(place["attribute"])):
            raise UserError(self._refusal(module, place["attribute"], choices))
        return getattr(module, place["attribute"])

    def _is_one(self, thing: object) -> bool:
        """Tells whether something is what the registry holds."""
        base = self._base_class()
        if self._instances:
            return isinstance(thing, base) and not isinstance(thing, type)
        thing = class_behind(thing)
        is_subclass = isinstance(thing, type) and issubclass(thing, base)
        return is_subclass and not inspect.isabstract(thing)

    def _base_class(self) -> type:
        return thing_at(self._base)

    def _refusal(self, module: ModuleType, attribute: str, choices: list[str]) -> str:
        thing = vars(module).get(attribute)
        place = f"{module.__name__}:{attribute}"
        lacking = ", ".join(sorted(getattr(thing, "__abstractmethods__", ())))
        base = self._base_class()
        if thing is None:
            reason = f"{module.__name__} has no {attribute!r}"
        elif lacking and isinstance(thing, type) and issubclass(thing, base):
            reason = f"{place} lacks {lacking}"
        else:
            kind = "an instance" if self._instances else "a subclass"
            reason = f"{place} is not {kind} of {self._base.replace(':', '.')}"
        own = ", ".join(f"{module.__name__}:{choice}" for choice in choices)
        return f"no {self._what}: {reason}: choose {own or 'another'}, or one of " + (
            ", ".join(self)
        )
