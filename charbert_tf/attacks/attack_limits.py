"""check_limits: which words an attack can be asked to edit."""

from collections.abc import Collection

from charbert_tf.files.errors import UserError

_SHORTEST_EDITABLE = 3


def check_limits(
    rate: float, minimum_length: int, protected_words: Collection[str]
) -> None:
    """Refuses what an attack cannot do.

    Args:
        rate: the share of the words that are to get an edit.
        minimum_length: the least characters of a word that gets one.
        protected_words: words that are to stay.

    Raises:
        UserError: if the rate or the length is out of range, or the words are a string.

    Example:
        >>> check_limits(0.5, 4, ["Rome"])
    """
    if not 0 <= rate <= 1:
        raise UserError(f"attack rate {rate}: give a number from 0 to 1")
    if minimum_length < _SHORTEST_EDITABLE:
        raise UserError(
            f"minimum length {minimum_length}: a word needs at least "
            f"{_SHORTEST_EDITABLE} characters to have one between its ends"
        )
    if isinstance(protected_words, str):
        raise UserError(f"protected words {protected_words!r}: give a list")
