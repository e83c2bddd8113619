"""The flags that say in which words typos are made."""

from typing import TYPE_CHECKING

from absl import flags

from charbert_tf.recipes.limits import flag_bounds
from charbert_tf.recipes.scoring_setup import ScoringSetup
from charbert_tf.recipes.typos import MINIMUM_LENGTH, make_attacks

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack

_MINIMUM_LENGTH = flags.DEFINE_integer(
    "minimum_length",
    MINIMUM_LENGTH,
    "Shorter words stay, in characters.",
    **flag_bounds(ScoringSetup, "minimum_length"),
)
_PROTECTED_WORDS = flags.DEFINE_string(
    "protected_words",
    None,
    "File of words that stay, in capitals or not, one a line; also of several words or "
    "with marks in them, such as New York or U.S.",
)


def attack(name: str, rate: float = 1.0) -> "Attack":
    """Makes an attack with what the flags say.

    Args:
        name: As `get_attack` takes it.
        rate: Share of the words to attack.

    Returns:
        The attack.

    Raises:
        UserError: If there is none of this name, or the file of protected words cannot
            be read.
    """
    values = (_MINIMUM_LENGTH.value, _PROTECTED_WORDS.value)
    return make_attacks([name], rate, *values)[name]


def read_files() -> list[str]:
    """Returns the files that the flags name, which no output may replace."""
    return [] if _PROTECTED_WORDS.value is None else [_PROTECTED_WORDS.value]
