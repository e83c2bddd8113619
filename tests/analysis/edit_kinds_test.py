"""What an attack says that it did, read off its result alone."""

import collections
import itertools
import random
import string

import pytest

from charbert_tf.analysis.edit_kinds import count_edit_kinds, edit_kind
from charbert_tf.attacks import get_attack

# The first words of the authors' attacked CoNLL-2003 file, and the clean file's.
AUTHORS = [
    *[("SOCCER", "SOCCdR"), ("JAPAN", "JAAN"), ("LUCKY", "LUKCY"), ("CHINA", "CHMINA")],
    *[("SURPRISE", "SURPgRISE"), ("DEFEAT", "DEFEzT"), ("Nadim", "Naidm")],
    *[("Ladki", "Lakdi"), ("AL-AIN", "Ap-AIN"), ("United", "Unted"), ("GET", "GET")],
]


@pytest.mark.parametrize("kind", ["drop", "add", "swap", "keyboard", "mix"])
def test_the_kind_is_the_attacks(kind):
    """Of words of different letters, where no two edits have the same result."""
    rng = random.Random(0)
    words = ["".join(rng.sample(string.ascii_letters, 7)) for _ in range(500)]
    edits = get_attack(kind).edits(words, seed=0, example=0)
    assert len(edits) > 450
    for edit in edits:
        assert edit_kind(*edit.old, *edit.new) == edit.kind


def test_other_changes_have_a_kind_too():
    assert edit_kind("word", "word") is None
    assert edit_kind("word", "wprd") == "keyboard"
    assert edit_kind("word", "wqrd") == edit_kind("word", "wOrd") == "replace"
    assert edit_kind("word", "owdr") == edit_kind("word", "w") == "several"
    assert edit_kind("been", "ben") == "drop" and edit_kind("ben", "been") == "add"


def test_the_authors_file():
    counts = count_edit_kinds(AUTHORS)
    assert (counts.words, counts.edited_by_length[3]) == (11, 0)
    expected = {"keyboard": 3, "drop": 2, "swap": 3, "add": 2}
    assert counts.kinds == expected
    assert sum(counts.shares.values()) == pytest.approx(1)
    lengths = collections.Counter(len(old) for old, _ in AUTHORS)
    assert counts.words_by_length == lengths
    pairs = itertools.chain.from_iterable(itertools.repeat(AUTHORS, 3))
    assert count_edit_kinds(pairs).shares == counts.shares
