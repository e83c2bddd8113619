"""VocabularyFolder: the three vocabularies of a CharBERT, in one folder."""

import json
import os

import keras_nlp

from charbert_tf.errors import UserError
from charbert_tf.vocabularies.character_vocabulary import read_character_vocabulary
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary
from charbert_tf.vocabularies.word_piece_vocabulary import read_word_piece_vocabulary
from charbert_tf.vocabularies.word_vocabulary import read_word_vocabulary

_WORD_PIECES = "vocab.txt"
_CHARACTERS = "char_vocab.txt"
_WORDS = "word_vocab.txt"
# The name and the key under which Hugging Face folders say it.
_TOKENIZER_CONFIG = "tokenizer_config.json"
_LOWERCASE = "do_lower_case"


class VocabularyFolder:
    """Reads and writes a folder of vocabularies.

    `vocab.txt` (word pieces) and `tokenizer_config.json` are as in a Hugging Face
    folder; `char_vocab.txt` and `word_vocab.txt` as in the authors' released models.

    Args:
        path: The folder.

    Raises:
        UserError: If there is no such folder.

    Example:

    ```python
    vocabularies = VocabularyFolder("vocabulary")
    tokenizer = vocabularies.tokenizer()
    preprocessor = charbert_tf.PretrainerPreprocessor(
        tokenizer, vocabularies.characters(), vocabularies.words()
    )
    ```
    """

    def __init__(self, path: str):
        if not os.path.isdir(path):
            raise UserError(
                "no such folder: make one with official.build_vocabulary", path
            )
        self.path = path

    @staticmethod
    def write(
        path: str,
        word_pieces: list[str],
        characters: list[str],
        words: list[str],
        lowercase: bool,
    ) -> None:
        """Writes the files into a folder that exists.

        Args:
            path: The folder.
            word_pieces: The WordPiece vocabulary.
            characters: The character vocabulary.
            words: The word vocabulary.
            lowercase: Whether the tokenizer lower-cases.
        """
        for name, entries in (
            (_WORD_PIECES, word_pieces),
            (_CHARACTERS, characters),
            (_WORDS, words),
        ):
            write_vocabulary(os.path.join(path, name), entries)
        with open(os.path.join(path, _TOKENIZER_CONFIG), "w") as file:
            json.dump({_LOWERCASE: lowercase}, file)

    def tokenizer(self) -> keras_nlp.models.BertTokenizer:
        """Returns the tokenizer.

        Raises:
            UserError: If a file is missing or damaged.
        """
        word_pieces = read_word_piece_vocabulary(os.path.join(self.path, _WORD_PIECES))
        path = os.path.join(self.path, _TOKENIZER_CONFIG)
        try:
            with open(path, encoding="utf-8") as file:
                lowercase = json.load(file)[_LOWERCASE]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f'cannot be read: write {{"{_LOWERCASE}": true}} or false into it', path
            ) from error
        return keras_nlp.models.BertTokenizer(word_pieces, lowercase=lowercase)

    def characters(self) -> list[str]:
        """Returns the character vocabulary.

        Raises:
            UserError: If the file is missing or is none.
        """
        return read_character_vocabulary(os.path.join(self.path, _CHARACTERS))

    def words(self) -> list[str]:
        """Returns the word vocabulary.

        Raises:
            UserError: If the file is missing or is none.
        """
        return read_word_vocabulary(os.path.join(self.path, _WORDS))
