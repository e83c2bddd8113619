"""JSON with places: the values of Python's own parser, each where it stands."""

import json

import hypothesis
import pytest
from hypothesis import strategies as st

from charbert_tf.files.placed_json import parse_placed_json

SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def plain(placed):
    """The value without places."""
    if type(placed.value) is dict:
        return {key: plain(value) for key, value in placed.value.items()}
    if type(placed.value) is list:
        return [plain(value) for value in placed.value]
    return placed.value


def nodes(placed):
    yield placed
    children = placed.value.values() if type(placed.value) is dict else placed.value
    for child in children if type(placed.value) in (dict, list) else ():
        yield from nodes(child)


@hypothesis.settings(max_examples=200, deadline=None, derandomize=True, database=None)
@hypothesis.given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_random_values(value, indent, ensure_ascii):
    text = " " + json.dumps(value, indent=indent, ensure_ascii=ensure_ascii) + "\n"
    placed = parse_placed_json(text)
    # Compared as texts: what is not a number is not equal to itself.
    assert json.dumps(plain(placed)) == json.dumps(value)
    for node in nodes(placed):
        assert json.dumps(json.loads(text[node.start : node.end])) == (
            json.dumps(plain(node))
        )


@pytest.mark.parametrize(
    "text", ["", "{", '{"a":}', '{"a" 1}', "[1,]", "[1] 2", '"a', '"\\x"', "nul", "[}"]
)
def test_what_is_no_json_is_told_as_python_tells_it(text):
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text)
    with pytest.raises(json.JSONDecodeError) as error:
        parse_placed_json(text)
    assert str(error.value) == str(expected.value)
