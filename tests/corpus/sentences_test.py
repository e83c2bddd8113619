"""Sentences: where they begin, and that nothing is lost between them."""

import pytest

from charbert_tf.corpus.blocks import sentence_starts


def split(text):
    starts = sentence_starts(text)
    ends = [*starts[1:], len(text)] if text else []
    return [text[i:j] for i, j in zip(starts, ends, strict=True)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["He paid $3.5 million. ", "Dr. J. R. Hill (b. 1950) left! ", "Why?"],
        ['"Is it so?" ', 'He asked: "Yes." ', "(No.) ", "It is, e.g. this one."],
        ["The U.S. Senate met vs. Mr. Smith. ", "Then it rose … ", "Étienne slept."],
        ["One line\n", "another line.\n\n", "No. 7 is here."],
        ["The answer is no.\n", "It ended."],
        ["彼は来た。", "なぜ？」", "はい。"],
        ["one... two . three"],
        [],
    ],
)
def test_where_sentences_begin(sentences):
    assert split("".join(sentences)) == sentences
