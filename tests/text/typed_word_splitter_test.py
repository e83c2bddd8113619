"""The words of running text, in the graph and as the attacks see them."""

import random
import re

import tensorflow as tf

from charbert_tf.attacks.running_text import WORD
from charbert_tf.text.word_splitter import TypedWordSplitter


def test_its_words_are_those_of_the_attacks():
    rng = random.Random(0)
    pieces = ["don't", "O’Neil", "_", "'", "’", "e\u0301", "é", "日本", "½", "1,000"]
    pieces += [" ", "\t", "\u00a0", "...", "😀", "Ångström", "'s", "-", "(", "²"]
    pieces += ["किताब", "นี้", "\u0301", "\u20dd", "שָׁלוֹם", "\u093f"]
    texts = ["".join(rng.choices(pieces, k=rng.randint(0, 30))) for _ in range(300)]
    expected = [re.findall(rf"{WORD.pattern}|\S", text) for text in texts]
    words = TypedWordSplitter()(tf.constant(texts)).to_list()
    assert [[word.decode() for word in row] for row in words] == expected


def test_text_that_is_none():
    words = TypedWordSplitter()(tf.constant([b"", b" \n", b"a\0b \xff!"]))
    assert words.to_list() == [[], [], [b"a", b"b", "\ufffd".encode(), b"!"]]
