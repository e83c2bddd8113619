"""The words of running text in scripts with marks, and phrases that stand whole."""

import sys
import unicodedata

import pytest

from charbert_tf.attacks import Drop, get_attack
from charbert_tf.attacks.running_text import WORD


def test_marks_are_of_the_words_that_they_stand_in():
    text = "किताब cafe\u0301, நண்பன் 'שָׁלוֹם' don't\u0301t's \u0301a _é_"
    assert WORD.findall(text) == [
        *("किताब", "cafe\u0301", "நண்பன்", "שָׁלוֹם", "don't\u0301t's", "a", "é")
    ]
    marks = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character)[0] == "M"
    ]
    assert len(marks) > 2_000
    assert all(WORD.fullmatch(f"a{mark}") for mark in marks)
    assert WORD.findall("".join(marks)) == []


def test_letters_stay_with_their_marks():
    # Without the mark at its end the "e" would get a second one.
    diacritics, text = get_attack("diacritics"), "cafe\u0301"
    typos = {diacritics.attack_text(text, seed, example=0) for seed in range(99)}
    assert {"cafe", "\u010dafe\u0301"} <= typos
    assert all(typo[3:] in ("e", "e\u0301") for typo in typos)
    halves = [typo.split() for typo in get_attack("split").possible_edits("किताब")]
    assert [second for _, second in halves] == ["ताब", "ब"]


@pytest.mark.parametrize(
    ("name", "word", "possible"),
    [
        ("drop", "a'b'cd", {"ab'cd", "a'bcd", "a'b'd"}),
        ("swap", "a'b'cd", {"a'bc'd"}),
        ("drop", "l'e\u0301t", {"le\u0301t", "l't"}),
    ],
)
def test_an_edit_leaves_one_word(name, word, possible):
    attack = get_attack(name)
    typos = {attack.attack_text(word, seed, example=0) for seed in range(200)}
    assert typos == possible == set(attack.possible_edits(word))


@pytest.mark.parametrize(
    ("entry", "text", "changed"),
    [
        ("Asia-Pacific", "asia-PACIFIC trade in Asia", ["trade", "Asia"]),
        ("New York", "In Long New York, York City", ["Long", "York", "City"]),
        (
            "Long York",
            "Long Yorkers, Belong York",
            ["Long", "Yorkers", "Belong", "York"],
        ),
        ("Long York", "Long York's", ["Long", "York's"]),
        ("U.S. Army", "the U.S. ARMY, U.S. army's", ["army's"]),
        ("Yahoo!", "Yahoo! news, Yahoo", ["news", "Yahoo"]),
        ("(Rome)", "from (Rome)", ["from"]),
        ("Rock'n'Roll", "good rock’n’roll", ["good"]),
        ("New York", "in New\u00a0York, New  York, Long York", ["Long", "York"]),
        ("Saint-Rémy", "Saint-Re\u0301my, Saint-Remy", ["Saint", "Remy"]),
    ],
)
def test_protected_words_that_are_more_than_a_word(entry, text, changed):
    edits = Drop(protected_words=[entry]).edited_text(text, seed=0, example=0).edits
    assert [word for edit in edits for word in edit.old] == changed


@pytest.mark.parametrize(
    ("entry", "words", "changed"),
    [
        ("new YORK", ["In", "Long", "New", "York", "York"], ["Long", "York"]),
        ("Long Long York", ["Long", "Long", "Long", "York"], ["Long"]),
        ("New York", ["New", "-", "Yorkers", "New"], ["Yorkers"]),
        ("U.S. Army", ["that", "U.S.", "army", "U.S."], ["that", "U.S."]),
        ("New York", ["New York", "Times"], ["Times"]),
        ("don't", ["don’t", "DON'T", "dont"], ["dont"]),
        ("Café Noir", ["Cafe\u0301", "noir", "Noir"], ["Noir"]),
    ],
)
def test_protected_phrases_of_a_sentence(entry, words, changed):
    edits = Drop(protected_words=[entry]).edits(words, seed=0, example=0)
    assert [word for edit in edits for word in edit.old] == changed


def test_protected_phrases_are_not_joined():
    join = get_attack("join", protected_words=["New York"])
    assert join.edits(["From", "New", "York", "City"], seed=0, example=0) == []
