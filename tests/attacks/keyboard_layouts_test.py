"""Keyboards: neighbours of neighbours, and the rule against the table by hand."""

import string

import pytest

from charbert_tf.attacks import get_attack
from charbert_tf.attacks.keyboard_layouts import (
    KEYBOARD_LAYOUTS,
    QWERTY_NEIGHBOURS,
    touching_keys,
)


@pytest.mark.parametrize("layout", KEYBOARD_LAYOUTS)
def test_keys_are_neighbours_of_each_other(layout):
    neighbours_of = KEYBOARD_LAYOUTS[layout]
    assert neighbours_of.keys() >= set(string.ascii_lowercase)
    for key, neighbours in neighbours_of.items():
        assert neighbours
        assert len(set(neighbours)) == len(neighbours)
        assert all(key in neighbours_of[neighbour] for neighbour in neighbours)


def test_the_rule_gives_the_table_by_hand():
    by_rule = touching_keys(["qwertyuiop", "asdfghjkl", "zxcvbnm"])
    assert {k: sorted(v) for k, v in by_rule.items()} == {
        key: sorted(neighbours) for key, neighbours in QWERTY_NEIGHBOURS.items()
    }


@pytest.mark.parametrize(
    ("name", "word", "possible"),
    [
        ("keyboard", "aza", {"aaa", "asa", "axa"}),
        ("keyboard_qwertz", "AZA", {"ATA", "AUA", "AGA", "AHA"}),
        ("keyboard_qwertz", "aöa", {"apa", "aüa", "ala", "aäa"}),
        ("keyboard_azerty", "aqa", {"aaa", "aza", "asa", "awa"}),
        ("keyboard_dvorak", "aha", {"aga", "aca", "ada", "ata", "aba", "ama"}),
    ],
)
def test_a_layout_is_an_attack(name, word, possible):
    attack = get_attack(name)
    assert set(attack.possible_edits(word)) == possible
    (edit,) = attack.edits([word * 2], seed=0, example=0)
    assert edit.kind == name
