"""read_added_tokens: the tokens that were added to a trained tokenizer."""

import os
from collections.abc import Collection, Mapping
from typing import Any

from charbert_tf.files.errors import UserError
from charbert_tf.text.added_token import AddedToken
from charbert_tf.vocabularies.tokenizer_settings import (
    REMEDY,
    TOKENIZER_CONFIG,
    TOKENIZER_JSON,
    read_settings,
)

_ADDED_TOKENS = "added_tokens.json"
_OF_CONFIG = "added_tokens_decoder"


def read_added_tokens(
    folder: str, entries: Mapping[str, int], special_tokens: Collection[str]
) -> list[AddedToken]:
    """Reads the tokens that `tokenizer.json`, or the older files, list.

    Args:
        folder: a Hugging Face folder.
        entries: the vocabulary that words are cut with, with the ids.
        special_tokens: the model's own, which no text has and which are left out.

    Returns:
        The tokens in the order of their ids.

    Raises:
        UserError: if one is no token, takes the id of something else, or takes white
            space beside it, which is not supported.

    Example:
        ```python
        read_added_tokens("bert_with_markers", {"[PAD]": 0, "the": 1}, ["[PAD]"])
        ```
    """
    path, listed = _listed(folder)
    tokens = []
    text_of = {id: entry for entry, id in entries.items()}
    for fields in listed:
        token = _token(fields, entries, path)
        if token.content in special_tokens:
            continue
        for side in ("lstrip", "rstrip"):
            if fields.get(side):
                raise UserError(
                    f"the added token {token.content!r} has {side}, which is not "
                    "supported: it would take the white space beside it",
                    path,
                )
        other = text_of.setdefault(token.id, token.content)
        if other != token.content or entries.get(token.content, token.id) != token.id:
            raise UserError(
                f"the added token {token.content!r} has id {token.id}, but that is "
                f"not its place in the vocabulary, where {other!r} is: {REMEDY}",
                path,
            )
        tokens.append(token)
    return sorted(tokens, key=lambda token: token.id)


def _listed(folder: str) -> tuple[str, list[dict[str, Any]]]:
    """The file that says it, and each token's fields."""
    path = os.path.join(folder, TOKENIZER_JSON)
    if os.path.exists(path):
        return path, list(read_settings(folder, TOKENIZER_JSON).get("added_tokens", []))
    of_config = read_settings(folder).get(_OF_CONFIG)
    if of_config:
        path = os.path.join(folder, TOKENIZER_CONFIG)
        if not isinstance(of_config, dict) or not all(
            str(id).isdecimal() and isinstance(fields, dict)
            for id, fields in of_config.items()
        ):
            raise UserError(f"{_OF_CONFIG} must give tokens by id: {REMEDY}", path)
        return path, [{**fields, "id": int(id)} for id, fields in of_config.items()]
    added = read_settings(folder, _ADDED_TOKENS)
    return (
        os.path.join(folder, _ADDED_TOKENS),
        [{"content": content, "id": id} for content, id in added.items()],
    )


def _token(fields: Any, entries: Mapping[str, int], path: str) -> AddedToken:
    content = fields.get("content") if isinstance(fields, dict) else None
    id = fields.get("id") if isinstance(fields, dict) else None
    if not isinstance(content, str) or not content or type(id) is not int or id < 0:
        raise UserError(f"{fields!r} is no added token: {REMEDY}", path)
    return AddedToken(
        content,
        id,
        normalized=bool(fields.get("normalized", not fields.get("special", False))),
        single_word=bool(fields.get("single_word", False)),
        is_word_piece=content in entries,
    )
