"""What each kind of attack does to words, by example."""

import pathlib
import re

import pytest

from charbert_tf.attacks import ATTACKS, get_attack

ONE_EDIT = {
    "ocr": [
        ("modern", "rnodern"),
        ("modern", "modem"),
        ("clear", "dear"),
        ("Illinois", "I1linois"),
        ("Illinois", "1llinois"),
        ("GO", "G0"),
        ("B2B", "82B"),
    ],
    "misspelling": [
        ("accommodate", "accomodate"),
        ("accommodate", "acommodate"),
        ("ACCOMMODATE", "ACCOMODATE"),
        ("harass", "harrass"),
        ("beautiful", "beautifull"),
        ("believe", "beleive"),
        ("Receive", "Recieve"),
        ("RECEIVE", "RECIEVE"),
        ("acceptable", "acceptible"),
        ("responsible", "responsable"),
        ("relevant", "relevent"),
        ("existence", "existance"),
        ("independent", "independant"),
        ("stationary", "stationery"),
        ("cemetery", "cemetary"),
        ("calendar", "calender"),
        ("adviser", "advisor"),
        ("definitely", "definately"),
        ("separate", "seperate"),
        ("government", "goverment"),
        ("rhythm", "rythm"),
        ("acquire", "aquire"),
        ("guarantee", "garantee"),
        ("noticeable", "noticable"),
        ("sincerely", "sincerly"),
        ("argument", "arguement"),
        ("truly", "truely"),
        ("publicly", "publically"),
        ("accidentally", "accidently"),
        ("absence", "absense"),
        ("supersede", "supercede"),
        ("pixel", "pixle"),
        ("ARGUMENT", "ARGUEMENT"),
    ],
    "case": [("Rome", "rome"), ("Rome", "RomE"), ("école", "École")],
    "small_letters": [("Rome", "rome"), ("EU", "eu"), ("McDonald's", "mcdonald's")],
    "capitals": [("Rome", "ROME"), ("straße", "STRASSE"), ("i", "I")],
    "title_case": [("don't", "Don't"), ("AL-AIN", "Al-ain")],
    "inverted_case": [("Rome", "rOME")],
    "random_case": [("Rome", "rome"), ("Rome", "ROME"), ("Rome", "rOME")],
    "diacritics": [
        ("resume", "résume"),
        ("Zürich", "Zurich"),
        ("cafe\u0301", "cafe"),
        ("façade", "facade"),
        ("Lodz", "Lódz"),
    ],
    "homoglyph": [("paypal", "p\u0430ypal"), ("Paypal", "\u03a1aypal")],
    "zero_width": [("viagra", "v\u200biagra"), ("viagra", "viagr\u2060a")],
    "split": [("tonight", "to night"), ("tonight", "t onight")],
}
NO_EDIT = {
    "ocr": ["xyxyxy"],
    "misspelling": ["Germany", "1990s"],
    "case": ["日本語文", "ßßßß"],
    "small_letters": ["rome", "日本語文", "1996"],
    "title_case": ["Rome", "A"],
    "random_case": ["日本語文"],
    "diacritics": ["日本語文", "xqvx", "ΩΩΩΩ"],
    "homoglyph": ["日本語文", "ttff"],
    "split": ["two words"],
    "join": ["word"],
}


@pytest.mark.parametrize(
    ("name", "word", "typo"),
    [(name, word, typo) for name, pairs in ONE_EDIT.items() for word, typo in pairs],
)
def test_a_typo_that_it_makes(name, word, typo):
    possible = get_attack(name).possible_edits(word)
    assert typo in possible
    assert word not in possible


@pytest.mark.parametrize(
    ("name", "word"),
    [(name, word) for name, words in NO_EDIT.items() for word in words],
)
def test_a_word_that_it_cannot_change(name, word):
    attack = get_attack(name)
    assert attack.possible_edits(word) == []
    assert attack.attack_words([word], seed=0, example=0) == [word]


def test_a_mark_is_not_parted_from_its_letter():
    assert get_attack("split").possible_edits("cafe\u0301") == [
        "c afe\u0301",
        "ca fe\u0301",
        "caf e\u0301",
    ]


@pytest.mark.parametrize(
    ("name", "word", "typos"),
    [
        ("drop", "cafe\u0301s", ["cfe\u0301s", "cae\u0301s", "cafs"]),
        ("swap", "cafe\u0301s", ["cfae\u0301s", "cae\u0301fs"]),
        ("drop", "किताब", ["किब"]),
        ("swap", "नमस्ते", ["नस्मते"]),
        ("keyboard", "xe\u0301x", []),
    ],
)
def test_a_letter_and_its_mark_are_one_character(name, word, typos):
    assert get_attack(name).possible_edits(word) == typos


def test_homoglyphs_look_the_same_and_are_not():
    attack = get_attack("homoglyph")
    for word in ("abcdehijopqrsuvwxy", "ABCEGHJKMNOPSTWXYZ"):
        for typo in attack.possible_edits(word):
            (old, new) = next(
                pair for pair in zip(word, typo, strict=True) if pair[0] != pair[1]
            )
            assert old.isascii()
            assert "\u0370" <= new < "\u0530"
            assert new.isupper() == old.isupper()


def test_joins():
    words = ["They", "saw", "films", ",", "films", "1996", "Rome", "This", "evening"]
    joined = {
        edit.new[0]
        for seed in range(9)
        for edit in get_attack("join").edits(words, seed, example=0)
    }
    # "saw" is too short to be joined with what follows.
    assert joined == {"Theysaw", "RomeThis", "Thisevening"}
    text = "They  saw, films\nfilms"
    assert get_attack("join").attack_text(text, 0, 0) == text


def test_a_composition_has_each_kind_equally_often():
    attack = get_attack("ocr+keyboard+split")
    kinds = [
        edit.kind for edit in attack.edits(["modern", "clear"] * 1_500, 0, example=0)
    ]
    assert len(kinds) == 3_000
    for kind in ("ocr", "keyboard", "split"):
        three_standard_errors = 3 * (2 / 9 / 3_000) ** 0.5
        share = kinds.count(kind) / 3_000
        assert share == pytest.approx(1 / 3, abs=three_standard_errors)
    nested = get_attack("mix+ocr")
    assert {edit.kind for edit in nested.edits(["modern"] * 99, 0, 0)} == {
        *("drop", "add", "swap", "keyboard", "ocr")
    }


def test_all_kinds_have_examples():
    keyboards = {name for name in ATTACKS if name.startswith("keyboard")}
    basic = {"drop", "add", "swap", "mix", "join"} | keyboards
    assert ONE_EDIT.keys() | basic == ATTACKS.keys()


def test_the_documentation_shows_what_they_do():
    page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "attacks.md"
    told = []
    for row in re.findall(r"^\| (`.*)$", page.read_text("utf-8"), re.MULTILINE):
        names, typos, *_ = row.split(" | ")
        names = re.findall(r"`(\w+)`", names)
        if names and names[0] in ATTACKS:
            told += names
            text = "The modern government supports travellers"
            attacked = get_attack(names[0]).attack_text(text, seed=1, example=4)
            assert typos in (attacked, "(looks the same)")
    assert told == list(ATTACKS)
