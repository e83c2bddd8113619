"""Tags under splits and joins: every span keeps its type and its characters."""

import itertools

import hypothesis
import pytest
from hypothesis import strategies as st

from charbert_tf.attacks import get_attack
from charbert_tf.attacks.edit import edited_words
from charbert_tf.families.tagging.tag_scheme import (
    aligned_tags,
    joinable_words,
    to_iob2,
)

KINDS = ["split", "join", "split+join", "mix+split+join"]
TAGS = {
    "spans": ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"],
    "parts of speech": ["NN", "NNP", "B", "O", ","],
}


def characters_of_spans(words, tags):
    """Each span, or run of words of one part of speech, with its characters."""
    spans = []
    for word, tag in zip(words, to_iob2(tags), strict=True):
        if spans and (tag[0] == "I" or tag == spans[-1][0]) and tag[:2] != "B-":
            spans[-1][1] += word
        else:
            spans.append([tag, word])
    return spans


@pytest.mark.parametrize("scheme", TAGS)
@pytest.mark.parametrize("name", KINDS[:-1])
def test_spans_keep_their_characters(name, scheme):
    tagged = st.lists(
        st.tuples(
            st.sampled_from(["Rome", "in", "1996", "visited", "Zürich", ","]),
            st.sampled_from(TAGS[scheme]),
        ),
        min_size=1,
        max_size=9,
    )

    @hypothesis.settings(deadline=None, derandomize=True, database=None)
    @hypothesis.given(tagged, st.integers(0, 1000))
    def check(tagged, seed):
        words, tags = zip(*tagged, strict=True)
        edits = get_attack(name).edits(words, seed, 0, joinable=joinable_words(tags))
        new_words, new_tags = edited_words(words, edits), aligned_tags(tags, edits)
        assert len(new_words) == len(new_tags)
        assert characters_of_spans(new_words, new_tags) == characters_of_spans(
            words, tags
        )

    check()


@pytest.mark.parametrize(
    ("tags", "joinable"),
    [
        (["B-LOC", "I-LOC", "I-LOC"], {0, 1}),
        (["B-LOC", "B-LOC", "O", "O"], {2}),
        # IOB1: a span goes on, and one of another type follows.
        (["I-LOC", "I-LOC", "I-PER", "O"], {0}),
        (["I-LOC", "B-LOC", "I-LOC"], {1}),
        (["O", "I-LOC"], set()),
        (["NN", "NN", "VB"], {0}),
        ([], set()),
    ],
)
def test_which_words_may_be_joined(tags, joinable):
    assert joinable_words(tags) == joinable


def test_every_join_that_may_be_is_made():
    words, tags = ["Rome", "Rome", "Rome"], ["B-LOC", "B-LOC", "I-LOC"]
    (edit,) = itertools.chain(
        get_attack("join").edits(words, 0, 0, joinable=joinable_words(tags))
    )
    assert edit.first == 1
    assert aligned_tags(tags, [edit]) == ["B-LOC", "B-LOC"]
