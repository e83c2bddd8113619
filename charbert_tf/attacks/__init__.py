"""Attacks: typos that test how robust a model is. A new one is a file and a line here.

Example:
    >>> get_attack("mix", rate=0.0).attack_text("nothing changes", seed=0, example=0)
    'nothing changes'
"""

from typing import Any

from charbert_tf.attacks.add import Add
from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.drop import Drop
from charbert_tf.attacks.keyboard import Keyboard
from charbert_tf.attacks.mix import Mix
from charbert_tf.attacks.swap import Swap
from charbert_tf.errors import UserError

__all__ = [
    "ATTACKS",
    "Add",
    "Attack",
    "Drop",
    "Keyboard",
    "Mix",
    "Swap",
    "get_attack",
]

ATTACKS: dict[str, type[Attack]] = {
    "drop": Drop,
    "add": Add,
    "swap": Swap,
    "keyboard": Keyboard,
    "mix": Mix,
}
"""Every attack by its name."""


def get_attack(name: str, **fields: Any) -> Attack:
    """Makes an attack by its name.

    Args:
        name: one of `ATTACKS`.
        **fields: `rate` and `minimum_length`, as for `Attack`.

    Returns:
        The attack.

    Raises:
        UserError: if there is no attack of this name, or a field is out of range.

    Example:
        >>> get_attack("drop", rate=0.5)
        Drop(rate=0.5, minimum_length=4)
    """
    if name not in ATTACKS:
        raise UserError(f"no attack {name!r}: choose one of {', '.join(ATTACKS)}")
    return ATTACKS[name](**fields)
