"""Attacks by name. A new one is a file, and a line here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from charbert_tf.files.errors import UserError
from charbert_tf.registry import Registry, class_behind

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack

CLEAN = "none"
"""The name of no attack: the text stays as it is."""

ATTACKS = Registry(
    "attack",
    "charbert_tf.attacks.attack:Attack",
    {
        "drop": "charbert_tf.attacks.single_characters:Drop",
        "add": "charbert_tf.attacks.single_characters:Add",
        "swap": "charbert_tf.attacks.single_characters:Swap",
        "keyboard": "charbert_tf.attacks.keyboard:Keyboard",
        "mix": "charbert_tf.attacks.mix:Mix",
        "keyboard_qwertz": "charbert_tf.attacks.keyboard:KEYBOARD_QWERTZ",
        "keyboard_azerty": "charbert_tf.attacks.keyboard:KEYBOARD_AZERTY",
        "keyboard_dvorak": "charbert_tf.attacks.keyboard:KEYBOARD_DVORAK",
        "ocr": "charbert_tf.attacks.look_alikes:Ocr",
        "misspelling": "charbert_tf.attacks.misspelling:Misspelling",
        "case": "charbert_tf.attacks.letter_forms:Case",
        "small_letters": "charbert_tf.attacks.letter_forms:SMALL_LETTERS",
        "capitals": "charbert_tf.attacks.letter_forms:CAPITALS",
        "title_case": "charbert_tf.attacks.letter_forms:TITLE_CASE",
        "inverted_case": "charbert_tf.attacks.letter_forms:INVERTED_CASE",
        "random_case": "charbert_tf.attacks.letter_forms:RANDOM_CASE",
        "diacritics": "charbert_tf.attacks.letter_forms:Diacritics",
        "homoglyph": "charbert_tf.attacks.look_alikes:Homoglyph",
        "zero_width": "charbert_tf.attacks.look_alikes:ZeroWidth",
        "split": "charbert_tf.attacks.word_boundaries:Split",
        "join": "charbert_tf.attacks.word_boundaries:Join",
    },
)
"""What makes an attack, by the attack's name."""


def get_attack(name: str, **fields: Any) -> "Attack":
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
        >>> [kind.kind for kind in get_attack("ocr+keyboard").kinds]
        ['ocr', 'keyboard']
    """
    makers = [_maker(part) for part in name.split("+")]
    if len(makers) == 1:
        return makers[0](**fields)
    return ATTACKS["mix"](kinds=tuple(maker() for maker in makers), **fields)


def _maker(name: str) -> "Callable[..., Attack]":
    maker = ATTACKS.find(name)
    if name not in ATTACKS and not hasattr(class_behind(maker), "kind"):
        raise UserError(f"attack {name} has no `kind`: say what its edits are called")
    return maker
