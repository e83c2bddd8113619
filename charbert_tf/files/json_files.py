"""JSON files of a user's: one line for all that can be wrong with them."""

import json
import os
import re
from typing import Any

from charbert_tf.files.errors import UserError

_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(path: str | os.PathLike[str], remedy: str) -> Any:
    """Reads a file that has to be there.

    Args:
        path: the file.
        remedy: what the error tells to do about it.

    Returns:
        What it holds.

    Raises:
        UserError: if it cannot be read, or `parse_json` does not take it.

    Example:
        ```python
        vocabulary = read_json("roberta-base/vocab.json", "fetch the files again")
        ```
    """
    try:
        with open(path, encoding="utf-8") as file:
            return parse_json(file.read())
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be read as JSON ({error}): {remedy}", path) from error


def read_json_object(path: str | os.PathLike[str], remedy: str) -> dict[str, Any]:
    """Reads a file of values by name.

    Args:
        path: the file.
        remedy: what the error tells to do about it.

    Returns:
        The values by name.

    Raises:
        UserError: if it cannot be read, or holds something else.

    Example:
        ```python
        read_json_object("my_run/settings.json", "choose another --output")["seed"]
        ```
    """
    content = read_json(path, remedy)
    if not isinstance(content, dict):
        raise UserError(f"must hold values by name, a JSON object: {remedy}", path)
    return content


def half_character(text: str) -> str | None:
    r"""Finds half of a surrogate pair, which JSON can write and no Unicode text has.

    Args:
        text: a string, as JSON's escapes may have made it.

    Returns:
        The half; `None` if all characters are whole.

    Example:
        >>> half_character(json.loads(r'"A fine \ud83d film."')), half_character("\xe9")
        ('\ud83d', None)
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return text[error.start]
    return None


def parse_json(source: str) -> Any:
    r"""Parses JSON whose strings have to be Unicode text.

    Args:
        source: JSON.

    Returns:
        The value.

    Raises:
        ValueError: if it is no JSON, is nested too deeply, or a string has half of a
            surrogate pair.

    Example:
        >>> parse_json(r'{"vocab": ["\ud83d\ude00"]}') == {"vocab": ["\U0001f600"]}
        True
    """
    try:
        value = json.loads(source)
        # Escapes alone make halves: most files have none.
        if not _ESCAPED_HALF.search(source):
            return value
        half = half_character(json.dumps(value, ensure_ascii=False))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if half is not None:
        raise ValueError(f"half a character, {half!a}, which is no Unicode text")
    return value
