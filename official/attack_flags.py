"""The flags that say in which words typos are made."""

from typing import TYPE_CHECKING

from absl import flags

from charbert_tf import attacks
from charbert_tf.files.text_files import read_lines

if TYPE_CHECKING:
    from charbert_tf.attacks.attack import Attack

_MINIMUM_LENGTH = flags.DEFINE_integer(
    "minimum_length", 4, "Shorter words stay, in characters.", lower_bound=3
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
    return attacks.get_attack(
        name,
        rate=rate,
        minimum_length=_MINIMUM_LENGTH.value,
        protected_words=_protected_words(),
    )


def read_files() -> list[str]:
    """Returns the files that the flags name, which no output may replace."""
    return [] if _PROTECTED_WORDS.value is None else [_PROTECTED_WORDS.value]


def _protected_words() -> tuple[str, ...]:
    lines = (line.strip() for file in read_files() for _, line in read_lines(file))
    return tuple(line for line in lines if line)
