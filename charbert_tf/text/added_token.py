"""AddedToken: text that a user gave one id, whatever the vocabulary would cut it to."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class AddedToken(NamedTuple):
    """A token that was added to a trained tokenizer, as Hugging Face's files say it.

    Attributes:
        content: str. The text that it stands for.
        id: int. Its id.
        normalized: bool. Whether it is looked for in the normalised text, and so in
            any case where the tokenizer lower-cases.
        single_word: bool. Whether it is none inside a longer word.
        is_word_piece: bool. Whether the vocabulary that words are cut with has it too.
    """

    content: str
    id: int
    normalized: bool = True
    single_word: bool = False
    is_word_piece: bool = False


def added_tokens_from(saved: Sequence[AddedToken | dict[str, Any]]) -> list[AddedToken]:
    """Makes the tokens of a saved configuration.

    Args:
        saved: Tokens, or their fields by name.

    Returns:
        The tokens.

    Example:
        >>> added_tokens_from([{"content": "<e1>", "id": 30522}])[0].normalized
        True
    """
    return [
        token if isinstance(token, AddedToken) else AddedToken(**token)
        for token in saved
    ]
