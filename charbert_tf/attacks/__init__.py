"""Attacks: typos that test how robust a model is. A new one is a file and a line here.

Example:
    >>> get_attack("mix", rate=0.0).attack_text("nothing changes", seed=0, example=0)
    'nothing changes'
"""

from collections.abc import Callable
from typing import Any

from charbert_tf.attacks.add import Add
from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.case import Case
from charbert_tf.attacks.diacritics import Diacritics
from charbert_tf.attacks.drop import Drop
from charbert_tf.attacks.edit import Edit
from charbert_tf.attacks.edited_text import EditedText
from charbert_tf.attacks.homoglyph import Homoglyph
from charbert_tf.attacks.join import Join
from charbert_tf.attacks.keyboard import Keyboard
from charbert_tf.attacks.misspelling import Misspelling
from charbert_tf.attacks.mix import Mix
from charbert_tf.attacks.ocr import Ocr
from charbert_tf.attacks.split import Split
from charbert_tf.attacks.swap import Swap
from charbert_tf.attacks.zero_width import ZeroWidth
from charbert_tf.files.errors import UserError
from charbert_tf.registry import Registry

__all__ = [
    "ATTACKS",
    "Add",
    "Attack",
    "Case",
    "Diacritics",
    "Drop",
    "Edit",
    "EditedText",
    "Homoglyph",
    "Join",
    "Keyboard",
    "Misspelling",
    "Mix",
    "Ocr",
    "Split",
    "Swap",
    "ZeroWidth",
    "get_attack",
]

ATTACKS = Registry(
    "attack",
    "charbert_tf.attacks.attack:Attack",
    {
        "drop": "charbert_tf.attacks.drop:Drop",
        "add": "charbert_tf.attacks.add:Add",
        "swap": "charbert_tf.attacks.swap:Swap",
        "keyboard": "charbert_tf.attacks.keyboard:Keyboard",
        "mix": "charbert_tf.attacks.mix:Mix",
        "keyboard_qwertz": "charbert_tf.attacks.keyboard:KEYBOARD_QWERTZ",
        "keyboard_azerty": "charbert_tf.attacks.keyboard:KEYBOARD_AZERTY",
        "keyboard_dvorak": "charbert_tf.attacks.keyboard:KEYBOARD_DVORAK",
        "ocr": "charbert_tf.attacks.ocr:Ocr",
        "misspelling": "charbert_tf.attacks.misspelling:Misspelling",
        "case": "charbert_tf.attacks.case:Case",
        "diacritics": "charbert_tf.attacks.diacritics:Diacritics",
        "homoglyph": "charbert_tf.attacks.homoglyph:Homoglyph",
        "zero_width": "charbert_tf.attacks.zero_width:ZeroWidth",
        "split": "charbert_tf.attacks.split:Split",
        "join": "charbert_tf.attacks.join:Join",
    },
)
"""What makes an attack, by the attack's name."""


def get_attack(name: str, **fields: Any) -> Attack:
    """Makes an attack by its name.

    Args:
        name: one of `ATTACKS`, the place of one's own, such as
            `"my_package.my_module:MyAttack"`, or several with "+" between them for a
            `Mix` of these.
        **fields: `rate`, `minimum_length` and `protected_words`, as for `Attack`.

    Returns:
        The attack.

    Raises:
        UserError: if there is no attack of this name, one's own does not say its
            `kind`, or a field is out of range.

    Example:
        >>> get_attack("drop", rate=0.5).attack_text("two words", seed=0, example=0)
        'two wrds'
        >>> get_attack("ocr+keyboard").kinds == (Ocr(), Keyboard())
        True
    """
    makers = [_maker(part) for part in name.split("+")]
    if len(makers) == 1:
        return makers[0](**fields)
    return ATTACKS["mix"](kinds=tuple(maker() for maker in makers), **fields)


def _maker(name: str) -> Callable[..., Attack]:
    maker = ATTACKS.find(name)
    if name not in ATTACKS and not hasattr(maker, "kind"):
        raise UserError(f"attack {name} has no `kind`: say what its edits are called")
    return maker
