"""VocabularyFolder: the three vocabularies of a CharBERT, in one folder."""

import json
import os

import keras_nlp

from charbert_tf.files.errors import UserError
from charbert_tf.vocabularies.counted_vocabularies import (
    read_character_vocabulary,
    read_word_vocabulary,
)
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary
from charbert_tf.vocabularies.word_piece_files import write_word_pieces

_WORD_PIECES = "vocab.txt"
_CHARACTERS = "char_vocab.txt"
_WORDS = "word_vocab.txt"
# The names in the authors' released folders and in their repository.
_CHARACTER_FILES = (_CHARACTERS, "char_vocab", "bert_char_vocab", "roberta_char_vocab")
_WORD_FILES = (_WORDS, "word_vocab", "term_vocab")
# The name and the key under which Hugging Face folders say it.
_TOKENIZER_CONFIG = "tokenizer_config.json"
_LOWERCASE = "do_lower_case"


class VocabularyFolder:
    """Reads and writes a folder of vocabularies.

    The tokenizer's files are those of a Hugging Face folder, see `load_tokenizer`.
    Characters are in `char_vocab.txt` and words in `word_vocab.txt`, or under the
    names that the authors' released models have: `char_vocab`, `bert_char_vocab`,
    `roberta_char_vocab`; `word_vocab`, `term_vocab`.

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

    def put_tokenizer(self, tokenizer: keras_nlp.models.BertTokenizer) -> None:
        """Puts a model's tokenizer in the place of the folder's.

        Args:
            tokenizer: The tokenizer; `tokenizer()` then gives one of the same text.
        """
        write_word_pieces(self.path, tokenizer)

    def tokenizer(self) -> keras_nlp.models.Tokenizer:
        """Returns the tokenizer, of the kind that the folder's files are of.

        Raises:
            UserError: If a file is missing or damaged.
        """
        return load_tokenizer(self.path)

    def has_characters(self) -> bool:
        """Whether there is a character vocabulary.

        Returns:
            Whether its file is there, if not whether it is sound.
        """
        return bool(self._present(_CHARACTER_FILES))

    def characters(self) -> list[str]:
        """Returns the character vocabulary.

        Raises:
            UserError: If there is none or more than one, or it is damaged.
        """
        return read_character_vocabulary(self._only(_CHARACTER_FILES))

    def has_words(self) -> bool:
        """Whether there is a word vocabulary.

        Returns:
            Whether its file is there, if not whether it is sound.
        """
        return bool(self._present(_WORD_FILES))

    def words(self) -> list[str]:
        """Returns the word vocabulary.

        Raises:
            UserError: If there is none or more than one, or it is damaged.
        """
        return read_word_vocabulary(self._only(_WORD_FILES))

    def _present(self, names: tuple[str, ...]) -> list[str]:
        return [n for n in names if os.path.isfile(os.path.join(self.path, n))]

    def _only(self, names: tuple[str, ...]) -> str:
        present = self._present(names)
        if len(present) > 1:
            raise UserError(
                f"holds {' and '.join(present)}: leave the one that the model was "
                "trained with",
                self.path,
            )
        # Reading the usual name, where there is none, tells what is missing.
        return os.path.join(self.path, *(present or names[:1]))
