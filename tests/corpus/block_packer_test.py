"""Blocks: the text itself, as full as whole sentences make them."""

import bisect
import random

import pytest

from charbert_tf.corpus.blocks import BlockPacker, sentence_starts


def random_text(rng):
    """Documents of lines of sentences, of words of 1 to 8 tokens, some too long."""
    lines = []
    for _ in range(300):
        if rng.random() < 0.1:
            lines.append("")
        lengths = rng.choices([3, 8, 60], weights=[50, 49, 1], k=rng.randint(1, 5))
        lines.append(
            " ".join(
                " ".join("x" * rng.randint(1, 8) for _ in range(length)).capitalize()
                + rng.choice([".", "!", "'s?"])
                for length in lengths
            )
        )
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("most_tokens", [9, 40, 10_000_000])
def test_blocks_are_the_text(tokenizer, most_tokens):
    text = random_text(random.Random(0))
    blocks = BlockPacker(tokenizer, most_tokens)(text)
    assert "".join(block.text for block in blocks) == text
    tokens = list(map(len, tokenizer([block.text for block in blocks])))
    assert tokens == [block.tokens for block in blocks]
    # The words together have the tokens of the text, so none was cut.
    assert sum(block.tokens for block in blocks) == len(tokenizer(text))
    assert all(block.tokens <= most_tokens for block in blocks)

    # A block ends where the next sentence has no room, and begins inside a sentence
    # only if that has room nowhere.
    starts = sentence_starts(text)
    ends = [*starts[1:], len(text)]
    sizes = list(
        map(len, tokenizer([text[i:j] for i, j in zip(starts, ends, strict=True)]))
    )
    place = 0
    for block in blocks:
        index = bisect.bisect(starts, place) - 1
        if place != starts[index]:
            assert sizes[index] > most_tokens
        place += len(block.text)
        if place in starts:
            size = sizes[starts.index(place)]
            assert block.tokens + size > most_tokens


def test_a_word_that_fits_nowhere_is_a_block_of_its_own(tokenizer):
    text = f"a {'x' * 20} b.\n"
    blocks = BlockPacker(tokenizer, 5)(text)
    assert [block.text for block in blocks] == ["a ", f"{'x' * 20} ", "b.\n"]
    assert [block.tokens for block in blocks] == [1, 20, 2]


def test_no_text_has_no_blocks(tokenizer):
    assert BlockPacker(tokenizer, 5)("") == []
