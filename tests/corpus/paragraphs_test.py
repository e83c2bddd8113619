"""Cleaning: what goes, what stays, and what counts as a copy."""

import pytest

from charbert_tf.corpus.text_part import clean_paragraph, fingerprint, strip_markup


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  A \t line\u00a0with\u2003space. \r", "A line with space."),
        ("cafe\u0301, co\u00adoper\u200bate\x07 now", "café, cooperate now"),
        ("*** --- ***", ""),
        ("語", "語"),
        ("3", "3"),
    ],
)
def test_cleaning(text, cleaned):
    assert clean_paragraph(text) == cleaned
    assert clean_paragraph(cleaned) == cleaned


def test_copies():
    one = fingerprint("The ＡＢＣ, straße.")
    assert one == fingerprint(" the abc,  STRASSE.") != fingerprint("The ABC strasse.")


def test_markup():
    assert strip_markup("1 < 2 &amp; 3 > 2, x<sub>1</sub>") == "1 < 2 & 3 > 2, x1"
