import pytest

from charbert_tf.files.errors import UserError
from charbert_tf.vocabularies.counted_vocabularies import (
    learn_character_vocabulary,
    learn_word_vocabulary,
    read_character_vocabulary,
    read_word_vocabulary,
)
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary
from charbert_tf.vocabularies.word_piece_vocabulary import read_word_piece_vocabulary


def test_the_authors_released_vocabularies_are_read(shared):
    released = shared / "data" / "released_vocab"
    assert len(read_character_vocabulary(released / "bert_char_vocab")) == 1001
    assert len(read_character_vocabulary(released / "roberta_char_vocab")) == 1050
    words = read_word_vocabulary(released / "term_vocab")
    assert (len(words), words[0]) == (30_001, "the")


def test_characters_are_read_back_as_they_were_learnt(tmp_path):
    counts = {"Été": 3, "tea": 2, "#": 2, "\u2019": 1}
    characters = learn_character_vocabulary(counts, size=6)
    assert characters == [" ", "t", "É", "é", "#", "a", "<unk>"]
    write_vocabulary(tmp_path / "char_vocab.txt", characters)
    assert (tmp_path / "char_vocab.txt").read_text("utf-8").startswith(" \nt\n")
    assert read_character_vocabulary(tmp_path / "char_vocab.txt") == characters


def test_words_are_read_back_as_they_were_learnt(tmp_path):
    counts = {"The": 2, "the": 2, "Été": 3, "a": 3, "rare": 1}
    words = learn_word_vocabulary(counts, size=3)
    assert words == ["the", "a", "été", "<unk>"]
    write_vocabulary(tmp_path / "word_vocab.txt", words)
    assert read_word_vocabulary(tmp_path / "word_vocab.txt") == words


@pytest.mark.parametrize(
    ("read", "content", "line", "named"),
    [
        (read_word_vocabulary, "a\nb\na\n<unk>\n", 3, ["'a'", "line 1"]),
        (read_word_vocabulary, "a\n\n<unk>\n", 2, ["empty line"]),
        (read_word_vocabulary, "", None, ["empty"]),
        (read_word_vocabulary, "a\nb\n", 2, ["end", "'<unk>'", "'b'"]),
        (read_character_vocabulary, "a\nb\n<unk>\n", 1, ["begin", "' '", "'a'"]),
        (read_word_piece_vocabulary, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n", None, ["[MASK]"]),
    ],
)
def test_what_is_no_vocabulary_is_told_in_a_line(tmp_path, read, content, line, named):
    path = tmp_path / "vocabulary.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError) as raised:
        read(path)
    assert raised.value.line == line
    assert str(path) in str(raised.value)
    for words in named:
        assert words in str(raised.value)
