import collections
from pydoc_data.topics import topics

import pytest
import tokenizers

from charbert_tf.vocabularies.counted_vocabularies import count_words
from charbert_tf.vocabularies.word_piece_vocabulary import (
    SPECIAL_TOKENS,
    learn_word_piece_vocabulary,
)


@pytest.fixture(scope="module")
def word_counts():
    """Words of the Python language reference: half a million characters."""
    return count_words(topics.values())


def tokenizer_of(vocabulary, lowercase=True):
    """A tokenizer that reads vocabularies of BERT's, and is not TensorFlow's."""
    ids = {entry: id for id, entry in enumerate(vocabulary)}
    return tokenizers.BertWordPieceTokenizer(ids, lowercase=lowercase)


@pytest.mark.parametrize("size", [500, 3000])
def test_a_bert_tokenizer_reads_all_words_with_it(word_counts, size):
    vocabulary = learn_word_piece_vocabulary(word_counts, size)
    assert vocabulary[:5] == list(SPECIAL_TOKENS)
    assert size * 0.9 <= len(vocabulary) <= size
    assert len(set(vocabulary)) == len(vocabulary)

    tokenizer = tokenizer_of(vocabulary)
    pieces = {
        word: tokenizer.encode(word, add_special_tokens=False).tokens
        for word in word_counts
        if word.isascii()
    }
    assert [word for word in pieces if "[UNK]" in pieces[word]] == []
    frequent = collections.Counter(word_counts).most_common(size // 10)
    assert all(len(pieces[word]) == 1 for word, _ in frequent if word.isascii())


def test_it_is_learnt_from_text_as_the_tokenizer_normalizes_it():
    word_counts = {"CAFÉ": 50, "Café": 50, "Cafe": 50, "naïve": 80}
    lowered = learn_word_piece_vocabulary(word_counts, 60)
    assert {"cafe", "naive"} <= set(lowered)
    assert all(entry in SPECIAL_TOKENS or entry.isascii() for entry in lowered)
    assert "CAFÉ" in learn_word_piece_vocabulary(word_counts, 60, lowercase=False)


def test_a_small_vocabulary_keeps_every_character(word_counts):
    size = 200
    vocabulary = learn_word_piece_vocabulary(word_counts, size)
    inside = {entry[2:] for entry in vocabulary if entry.startswith("##")}
    letters = {chr(code) for code in range(ord("a"), ord("z") + 1)}
    assert letters <= set(vocabulary)
    assert letters <= inside
    assert len(vocabulary) <= size


def test_no_words_give_the_special_tokens_alone():
    assert learn_word_piece_vocabulary({}, 100) == list(SPECIAL_TOKENS)
