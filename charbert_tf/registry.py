"""Registry: the kinds of a thing by name, each loaded when it is first asked for."""

import dataclasses
import functools
import importlib
import inspect
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
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


@dataclasses.dataclass(frozen=True)
class Base:
    """What some things have in common.

    Args:
        place: the place of a class, `"module:Class"`. It may be a protocol, or
            `"collections.abc:Callable"` for functions, where these are instances.
        instances: whether the things are instances of it instead of classes that
            derive from it, maybe with arguments that `functools.partial` sets.

    Example:
        >>> Base("builtins:Exception").has(KeyError), Base("builtins:int", True).has(3)
        (True, True)
        >>> print(Base("builtins:Exception"))
        a subclass of builtins.Exception
    """

    place: str
    instances: bool = False

    def has(self, thing: object) -> bool:
        """Tells whether something is one of the things, and can be made.

        Args:
            thing: anything.

        Returns:
            Whether it is.
        """
        base = thing_at(self.place)
        if self.instances:
            return isinstance(thing, base) and not isinstance(thing, type)
        thing = class_behind(thing)
        is_subclass = isinstance(thing, type) and issubclass(thing, base)
        return is_subclass and not inspect.isabstract(thing)

    def lacking(self, thing: object) -> list[str]:
        """Tells what a subclass does not have yet.

        Args:
            thing: anything.

        Returns:
            The names of methods, of a subclass that is abstract.
        """
        is_subclass = isinstance(thing, type) and issubclass(
            thing, thing_at(self.place)
        )
        return sorted(getattr(thing, "__abstractmethods__", ())) if is_subclass else []

    def __str__(self) -> str:
        kind = "an instance" if self.instances else "a subclass"
        return f"{kind} of {self.place.replace(':', '.')}"


def find_own(
    name: str, what: str, bases: Sequence[Base], names: Collection[str]
) -> Any:
    """Gives a thing of a user's own by its place.

    Args:
        name: the place, `"my_package.my_module:MyThing"`, where Python can import it.
        what: what one is called in errors: "attack".
        bases: what it may be.
        names: those of the project, which errors list.

    Returns:
        The thing.

    Raises:
        UserError: if that is no place, its module cannot be imported, or it is not
            what it may be.

    Example:
        >>> functions = Base("collections.abc:Callable", instances=True)
        >>> find_own("math:sqrt", "metric", [functions], names=[])
        <built-in function sqrt>
    """
    place = _PLACE.fullmatch(name)
    if place is None:
        raise UserError(
            f"no {what} {name!r}: choose one of {', '.join(names)}, or name your own "
            "as my_package.my_module:MyName"
        )
    module = import_users_module(place["module"], f"no {what} {name!r}")
    thing = getattr(module, place["attribute"], None)
    if any(base.has(thing) for base in bases):
        return thing
    lacking = [method for base in bases for method in base.lacking(thing)]
    if thing is None:
        reason = f"{place['module']} has no {place['attribute']!r}"
    elif lacking:
        reason = f"{name} lacks {', '.join(lacking)}"
    else:
        reason = f"{name} is not {' or '.join(map(str, bases))}"
    own = ", ".join(
        f"{place['module']}:{key}"
        for key, other in vars(module).items()
        if any(base.has(other) for base in bases)
    )
    others = f", or one of {', '.join(names)}" if names else ""
    raise UserError(f"no {what}: {reason}: choose {own or 'another'}{others}")


class Registry(Mapping[str, Any]):
    """Names of things, and where they are: to know the names costs no import.

    A kind of thing, such as an attack, has one registry, which its base reads; a new
    one is a file and a line there. Things from outside the project need no line: they
    are found by their place, as `"my_package.my_module:MyAttack"`.

    Args:
        what: what one of them is called in errors: "attack".
        base: the place of the class that they have in common; see `Base`.
        entries: the place of each by its name, `"module:Attribute"`.
        instances: whether they are instances of it instead of classes.

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
        self._base = Base(base, instances)
        self._entries = dict(entries)

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
        return find_own(name, self._what, [self._base], self)
