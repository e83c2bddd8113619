"""The JSON files of a Hugging Face folder that say how its tokenizer reads text."""

import json
import os
from collections.abc import Collection, Mapping
from typing import Any

from charbert_tf.files.errors import UserError

TOKENIZER_CONFIG = "tokenizer_config.json"
TOKENIZER_JSON = "tokenizer.json"
REMEDY = "fetch the model's files again"


def read_json(path: str) -> Any:
    """Reads a file that has to be there.

    Args:
        path: the file.

    Returns:
        What it holds.

    Raises:
        UserError: if it cannot be read, or is no JSON.

    Example:
        ```python
        vocabulary = read_json("roberta-base/vocab.json")
        ```
    """
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be read as JSON ({error}): {REMEDY}", path) from error


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
        return _dictionary(read_json(path), path)
    try:
        return _dictionary(read_json(path), path)
    except UserError as error:
        raise UserError(
            'cannot be read: write {"do_lower_case": true} or false into it, or '
            "remove it",
            path,
        ) from error


def _dictionary(content: Any, path: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise UserError(f"must hold settings by name: {REMEDY}", path)
    return content


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
