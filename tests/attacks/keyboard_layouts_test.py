"""Keyboards: neighbours of neighbours, and those of the cited attack by hand."""

import string

import pytest

from charbert_tf.attacks import get_attack
from charbert_tf.attacks.keyboard import (
    KEYBOARD_LAYOUTS,
)


@pytest.mark.parametrize("layout", KEYBOARD_LAYOUTS)
def test_keys_are_neighbours_of_each_other(layout):
    neighbours_of = KEYBOARD_LAYOUTS[layout]
    assert neighbours_of.keys() >= set(string.ascii_lowercase)
    for key, neighbours in neighbours_of.items():
        assert neighbours
        assert len(set(neighbours)) == len(neighbours)
        assert all(key in neighbours_of[neighbour] for neighbour in neighbours)


def test_the_neighbours_of_a_qwerty_are_those_of_the_cited_attack():
    """138 pairs; "d" and the corners by hand, and what staggered rows do not have."""
    neighbours_of = KEYBOARD_LAYOUTS["qwerty"]
    assert sum(map(len, neighbours_of.values())) == 138
    assert set(neighbours_of["d"]) == set("wersfxcv")
    assert set(neighbours_of["q"]) == set("was")
    assert set(neighbours_of["p"]) == set("ol")
    assert set(neighbours_of["m"]) == set("njhk")
    assert all(b in neighbours_of[a] for a, b in ("ax", "ef", "rg", "il"))


def test_a_capital_becomes_a_small_letter():
    """As in the authors' file: AL-AIN, for one, is Ap-AIN."""
    assert set(get_attack("keyboard").possible_edits("AFTER")) == {
        *(f"A{c}TER" for c in "ertdgcvb"),
        *(f"AF{c}ER" for c in "ryfgh"),
        *(f"AFT{c}R" for c in "wrsdf"),
    }


@pytest.mark.parametrize(
    ("name", "word", "possible"),
    [
        ("keyboard", "aza", {"aaa", "asa", "axa"}),
        ("keyboard_qwertz", "AZA", {"AtA", "AuA", "AgA", "AhA", "AjA"}),
        ("keyboard_qwertz", "aöa", {"aoa", "apa", "aüa", "ala", "aäa"}),
        ("keyboard_azerty", "aqa", {"aaa", "aza", "asa", "awa", "axa"}),
        ("keyboard_dvorak", "aha", {f"a{c}a" for c in "fgcdtbmw"}),
    ],
)
def test_a_layout_is_an_attack(name, word, possible):
    attack = get_attack(name)
    assert set(attack.possible_edits(word)) == possible
    (edit,) = attack.edits([word * 2], seed=0, example=0)
    assert edit.kind == name
