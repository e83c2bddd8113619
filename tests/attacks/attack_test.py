"""Attacks: every possible edit and no other, in the right words, in any order."""

import itertools
import string

import numpy as np
import pytest

from charbert_tf.attacks import ATTACKS, Keyboard, get_attack
from charbert_tf.attacks.keyboard import QWERTY_NEIGHBOURS
from charbert_tf.files.errors import UserError

# Some that every attack can change.
WORDS = ["In", "1996", "Zürich", "didn't", "see", "ACCOMMODATE", "(", "1990s", "Rome"]
# Splits and joins change the number of words.
WITHIN_WORDS = sorted(ATTACKS.keys() - {"split", "join"})


def _drops(word):
    return {word[:i] + word[i + 1 :] for i in range(1, len(word) - 1)}


def _adds(word):
    return {
        word[:i] + (letter.upper() if word[i].isupper() else letter) + word[i:]
        for i in range(1, len(word))
        for letter in string.ascii_lowercase
    }


def _swaps(word):
    orders = itertools.permutations(range(len(word)))
    moved = ("".join(word[i] for i in order) for order in orders if _is_swap(order))
    return {new for new in moved if new != word} or {word}


def _is_swap(order):
    moves = [place for place, index in enumerate(order) if place != index]
    return (
        len(moves) == 2 and moves[0] + 1 == moves[1] and 0 < moves[0] < len(order) - 2
    )


def _keyboard_hits(word):
    hits = set()
    for i in range(1, len(word) - 1):
        for letter in QWERTY_NEIGHBOURS.get(word[i].lower(), ""):
            hits.add(word[:i] + letter + word[i + 1 :])
    return hits or {word}


def _mixed(word):
    return _drops(word) | _adds(word) | _swaps(word) | _keyboard_hits(word)


@pytest.mark.parametrize("word", ["Rome", "BEEN", "1a990s", "aéèz", "x12y", "Ab'cd"])
@pytest.mark.parametrize(
    ("name", "possible"),
    [
        ("drop", _drops),
        ("add", _adds),
        ("swap", _swaps),
        ("keyboard", _keyboard_hits),
        ("mix", _mixed),
    ],
)
def test_every_possible_edit_and_no_other(name, possible, word):
    attack = get_attack(name)
    random = np.random.default_rng(0)
    edits = {attack.edit(word, random) for _ in range(5_000)}
    assert edits == possible(word)
    listed = attack.possible_edits(word)
    assert len(set(listed)) == len(listed)
    assert set(listed) == edits - {word}


@pytest.mark.parametrize("name", [*ATTACKS, "mix+split+ocr"])
def test_edits_of_a_word_are_its_possible_typos(name):
    attack = get_attack(name)
    for word in (word for word in WORDS if len(word) > 2):
        edits = attack.edits_of_word(word, index=2)
        assert [" ".join(edit.new) for edit in edits] == attack.possible_edits(word)
        assert all((edit.first, edit.old) == (2, (word,)) for edit in edits)
        for edit in {edit.kind: edit for edit in edits}.values():
            assert " ".join(edit.new) in get_attack(edit.kind).possible_edits(word)
            assert len(edit.new) == (2 if edit.kind == "split" else 1)


@pytest.mark.parametrize("name", WITHIN_WORDS)
def test_only_seed_example_and_place_count(name):
    # Of all words there are no two ways to write them in capitals.
    attack = get_attack(name, rate=0.5)
    forward = [attack.attack_words(WORDS, 3, example) for example in range(20)]
    backward = [attack.attack_words(WORDS, 3, e) for e in reversed(range(20))]
    assert forward == backward[::-1]
    assert forward != [attack.attack_words(WORDS, 4, example) for example in range(20)]
    assert len(set(map(tuple, forward))) > 1
    others = ["entirely", "different", *WORDS[2:5]]
    assert attack.attack_words(others, 3, 0)[2:] == forward[0][2:5]


def test_the_rate():
    words = ["words"] * 4_000
    attacked = {
        rate: get_attack("drop", rate=rate).attack_words(words, 0, 0)
        for rate in (0.0, 0.3, 0.6, 1.0)
    }
    assert attacked[0.0] == words
    assert "words" not in attacked[1.0]
    for low, high in itertools.pairwise(attacked):
        edited = [i for i in range(4_000) if attacked[low][i] != "words"]
        three_standard_errors = 3 * (low * (1 - low) / 4_000) ** 0.5
        assert len(edited) / 4_000 == pytest.approx(low, abs=three_standard_errors)
        assert all(attacked[low][i] == attacked[high][i] for i in edited)


@pytest.mark.parametrize("name", WITHIN_WORDS)
def test_text_between_words_stays(name):
    attack = get_attack(name)
    words = [
        "It",
        "isn't",
        "O’Neil",
        "snake",
        "case",
        "1996",
        "Cafe\u0301s",
        "support",
        "語語語語語",
    ]
    between = ["\t«", "  ", " (", ") ", "_", "\r\n", "…\u2028", " ", "''", "'\u00a0\n"]
    text = between[0] + "".join(map(str.__add__, words, between[1:]))
    attacked = attack.attack_words(words, 5, 8)
    expected = between[0] + "".join(map(str.__add__, attacked, between[1:]))
    assert attack.attack_text(text, 5, 8) == expected != text
    assert get_attack(name, rate=0.0).attack_text(text, 5, 8) == text


def test_shorter_words_on_demand():
    drop = get_attack("drop", minimum_length=3)
    assert drop.attack_words(["see", "it"], 0, 0) == ["se", "it"]


def test_wrong_settings_name_the_remedy():
    with pytest.raises(UserError, match="no attack 'dorp': choose one of drop, add, "):
        get_attack("dorp")
    with pytest.raises(UserError, match="attack rate 30: give a number from 0 to 1"):
        get_attack("drop", rate=30)
    with pytest.raises(UserError, match="no attack '': choose one of drop, add, "):
        get_attack("ocr+")
    with pytest.raises(UserError, match=r"minimum length 2: .* at least 3 "):
        get_attack("drop", minimum_length=2)
    with pytest.raises(UserError, match=r"no keyboard layout 'abc': choose .*azerty"):
        Keyboard(layout="abc")
