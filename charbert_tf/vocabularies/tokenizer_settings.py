"""The JSON files of a Hugging Face folder that say how its tokenizer reads text."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json_object
from charbert_tf.text.added_token import AddedToken

TOKENIZER_CONFIG = "tokenizer_config.json"
TOKENIZER_JSON = "tokenizer.json"
_SPECIAL_TOKENS_MAP = "special_tokens_map.json"
REMEDY = "fetch the model's files again"


def read_settings(folder: str, name: str = TOKENIZER_CONFIG) -> dict[str, Any]:
    """Reads a file of settings by name.

    Args:
        folder: the folder.
        name: the file.

    Returns:
        The settings; none if there is no such file.

    Raises:
        UserError: if it is no JSON object.

    Example:
        ```python
        read_settings("bert-base-cased").get("do_lower_case")
        ```
    """
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return {}
    if name != TOKENIZER_CONFIG:
        return read_json_object(path, REMEDY)
    try:
        return read_json_object(path, REMEDY)
    except UserError as error:
        raise UserError(
            'cannot be read: write {"do_lower_case": true} or false into it, or '
            "remove it",
            path,
        ) from error


def check_settings(
    settings: Mapping[str, Any],
    supported: Mapping[str, Collection[Any]],
    path: str,
    section: str = "",
) -> None:
    """Refuses settings that would make another text than the one read here.

    Args:
        settings: the settings by name.
        supported: what each may be, if it is given.
        path: where they come from, for errors.
        section: the part of the file, for errors.

    Raises:
        UserError: if one is something else.

    Example:
        ```python
        check_settings({"do_basic_tokenize": True}, {"do_basic_tokenize": [True]}, "")
        ```
    """
    for name, values in supported.items():
        # 0 and False are not the same here.
        if name in settings and all(
            settings[name] != value or type(settings[name]) is not type(value)
            for value in values
        ):
            raise UserError(
                f"{section and f'{section}: '}{name} is {settings[name]!r}, which is "
                f"not supported: only {' or '.join(map(repr, values))} is",
                path,
            )


def read_tokenizer_config(
    folder: str, supported: Mapping[str, Collection[Any]]
) -> dict[str, Any]:
    """Reads and checks the settings that stand beside a vocabulary.

    Args:
        folder: the folder.
        supported: what each setting may be, also the names of special tokens, which
            `special_tokens_map.json` may give too.

    Returns:
        What `tokenizer_config.json` has, special tokens as strings.

    Raises:
        UserError: if a file cannot be read, or has a setting that is not supported.

    Example:
        ```python
        read_tokenizer_config("bert-base-cased", {"cls_token": ["[CLS]", None]})
        ```
    """
    of_files = {}
    for name in (TOKENIZER_CONFIG, _SPECIAL_TOKENS_MAP):
        # Older files give a special token with its flags.
        of_files[name] = {
            key: value.get("content", value) if isinstance(value, dict) else value
            for key, value in read_settings(folder, name).items()
        }
        check_settings(of_files[name], supported, os.path.join(folder, name))
    return of_files[TOKENIZER_CONFIG]


def boolean_setting(settings: Mapping[str, Any], name: str, path: str) -> bool | None:
    """Gives a setting that is true, false, or left open.

    Args:
        settings: the settings by name.
        name: the setting's.
        path: where they come from, for errors.

    Returns:
        Its value; `None` if it is null or not given.

    Raises:
        UserError: if it is anything else.

    Example:
        >>> boolean_setting({"do_lower_case": True}, "do_lower_case", "config.json")
        True
    """
    value = settings.get(name)
    if value is not None and not isinstance(value, bool):
        raise UserError(f"{name} is {value!r}, and must be true or false", path)
    return value


_ADDED_TOKENS = "added_tokens.json"
_OF_CONFIG = "added_tokens_decoder"
# The last is what transformers calls it from version 5 on.
_FURTHER_SPECIAL = (
    *("bos_token", "eos_token", "additional_special_tokens", "extra_special_tokens"),
)


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
    path, listed = _listed(folder, entries, special_tokens)
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


def describe_added_tokens(tokens: Sequence[AddedToken]) -> dict[str, Any]:
    """Makes what `tokenizer_config.json` says of added tokens.

    Args:
        tokens: the tokens.

    Returns:
        Its entry, which `read_added_tokens` reads; none without tokens.

    Example:
        >>> describe_added_tokens([])
        {}
    """
    if not tokens:
        return {}
    described = {
        str(token.id): {
            "content": token.content,
            "lstrip": False,
            "normalized": token.normalized,
            "rstrip": False,
            "single_word": token.single_word,
            "special": False,
        }
        for token in tokens
    }
    return {_OF_CONFIG: described}


def _listed(
    folder: str, entries: Mapping[str, int], special_tokens: Collection[str]
) -> tuple[str, list[dict[str, Any]]]:
    """The file that says it, and each token's fields."""
    path = os.path.join(folder, TOKENIZER_JSON)
    if os.path.exists(path):
        listed = read_settings(folder, TOKENIZER_JSON).get("added_tokens") or []
        return path, list(listed)
    path = os.path.join(folder, TOKENIZER_CONFIG)
    of_config = read_settings(folder).get(_OF_CONFIG)
    if of_config:
        if not isinstance(of_config, dict) or not all(
            str(id).isdecimal() and isinstance(fields, dict)
            for id, fields in of_config.items()
        ):
            raise UserError(f"{_OF_CONFIG} must give tokens by id: {REMEDY}", path)
        listed = [{**fields, "id": int(id)} for id, fields in of_config.items()]
    else:
        added = read_settings(folder, _ADDED_TOKENS)
        listed = [{"content": content, "id": id} for content, id in added.items()]
        if listed:
            path = os.path.join(folder, _ADDED_TOKENS)
    return path, [*listed, *_further_special(folder, entries, special_tokens, listed)]


def _further_special(
    folder: str,
    entries: Mapping[str, int],
    special_tokens: Collection[str],
    listed: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Tokens that are only named, in the order that gives them their ids."""
    ids = {**entries, **{fields.get("content"): fields.get("id") for fields in listed}}
    known = {*special_tokens, *(fields.get("content") for fields in listed)}
    next_id = 1 + max(id for id in ids.values() if isinstance(id, int))
    tokens = []
    for fields in _named_tokens(folder):
        content = fields.get("content")
        if content in known:
            continue
        known.add(content)
        tokens.append({"special": True, **fields, "id": ids.get(content, next_id)})
        next_id += content not in ids
    return tokens


def _named_tokens(folder: str) -> Iterator[dict[str, Any]]:
    for name in (TOKENIZER_CONFIG, _SPECIAL_TOKENS_MAP):
        settings = read_settings(folder, name)
        for key in _FURTHER_SPECIAL:
            for token in _tokens_of(settings.get(key)):
                fields = {"content": token} if isinstance(token, str) else token
                if not isinstance(fields, dict) or not isinstance(
                    fields.get("content"), str
                ):
                    raise UserError(
                        f"{key} must name tokens: {REMEDY}", os.path.join(folder, name)
                    )
                yield fields


def _tokens_of(setting: Any) -> list[Any]:
    """One token, a list of them, or a dictionary."""
    if isinstance(setting, dict) and "content" not in setting:
        return list(setting.values())
    if setting is None or isinstance(setting, list):
        return setting or []
    return [setting]


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
