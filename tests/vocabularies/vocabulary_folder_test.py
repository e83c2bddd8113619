"""A model's vocabularies, under our names and under the authors'."""

import pytest

from charbert_tf.files.errors import UserError
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder


def test_what_is_written_is_read(tmp_path, word_pieces, characters, words):
    VocabularyFolder.write(tmp_path, word_pieces, characters, words, lowercase=True)
    folder = VocabularyFolder(tmp_path)
    assert folder.tokenizer().get_vocabulary() == word_pieces
    assert folder.tokenizer().lowercase
    assert folder.characters() == characters
    assert folder.words() == words
    assert folder.has_characters()
    assert folder.has_words()


@pytest.mark.parametrize(
    "name", ["char_vocab", "bert_char_vocab", "roberta_char_vocab"]
)
def test_characters_under_the_authors_names(tmp_path, characters, name):
    folder = VocabularyFolder(tmp_path)
    assert not folder.has_characters()
    write_vocabulary(tmp_path / name, characters)
    assert folder.has_characters()
    assert folder.characters() == characters


@pytest.mark.parametrize("name", ["word_vocab", "term_vocab"])
def test_words_under_the_authors_names(tmp_path, words, name):
    folder = VocabularyFolder(tmp_path)
    assert not folder.has_words()
    write_vocabulary(tmp_path / name, words)
    assert folder.has_words()
    assert folder.words() == words


def test_one_that_is_missing_and_one_too_many(tmp_path, characters):
    folder = VocabularyFolder(tmp_path)
    with pytest.raises(UserError, match=f"^{tmp_path}/char_vocab.txt: no such file: "):
        folder.characters()
    for name in ("bert_char_vocab", "roberta_char_vocab"):
        write_vocabulary(tmp_path / name, characters)
    with pytest.raises(UserError, match="bert_char_vocab and roberta_char_vocab: "):
        folder.characters()


def test_the_authors_folders(shared):
    for encoder, count in (("bert", 1001), ("roberta", 1050)):
        folder = VocabularyFolder(shared / "parity" / encoder)
        assert folder.tokenizer().vocabulary_size() == 900
        assert len(folder.characters()) == count
        assert len(folder.words()) == 500
    assert len(VocabularyFolder(shared / "data" / "released_vocab").words()) == 30_001
