"""JSON whose values know their places in the text."""

import json
import json.decoder
from typing import Any, NamedTuple


class PlacedValue(NamedTuple):
    """A value of a JSON text.

    Attributes:
        value: a string, a number, true, false or null as Python has it; a list of
            `PlacedValue`s, or a dict of them by their keys.
        start: its first character in the text.
        end: the character after its last.
    """

    value: Any
    start: int
    end: int


def parse_placed_json(text: str) -> PlacedValue:
    """Parses JSON with the parts of Python's own parser, and keeps the places.

    Args:
        text: JSON.

    Returns:
        The value; an object that has a key twice has the last of its values.

    Raises:
        json.JSONDecodeError: if it is no JSON.
        RecursionError: if it is nested too deeply.

    Example:
        >>> root = parse_placed_json('{"id": "7"}')
        >>> root.value["id"]
        PlacedValue(value='7', start=7, end=10)
    """
    decoder = json.JSONDecoder()
    scan_scalar = decoder.scan_once
    memo: dict[str, str] = {}

    def scan(text: str, start: int) -> tuple[PlacedValue, int]:
        first = text[start : start + 1]
        if first == '"':
            value, end = json.decoder.scanstring(text, start + 1, True)
        elif first == "{":
            value, end = json.decoder.JSONObject(
                (text, start + 1), True, scan, None, dict, memo
            )
        elif first == "[":
            value, end = json.decoder.JSONArray((text, start + 1), scan)
        else:
            value, end = scan_scalar(text, start)
        return PlacedValue(value, start, end), end

    decoder.scan_once = scan
    return decoder.decode(text)
