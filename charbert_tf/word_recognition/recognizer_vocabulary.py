"""RecognizerVocabulary: the words and characters that a recogniser knows."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json_object
from charbert_tf.files.text_files import read_lines
from charbert_tf.text.word_splitter import TypedWordSplitter
from charbert_tf.vocabularies.counted_vocabularies import (
    count_words,
    learn_character_vocabulary,
    learn_word_vocabulary,
)

# What is rarer in a text is no letter of its language.
_MOST_CHARACTERS = 128


class RecognizerVocabulary(NamedTuple):
    """The first two arguments of a `WordRecognizer`.

    Attributes:
        words: The most frequent words of a text, lower-cased, the last entry `<unk>`.
        characters: Its most frequent characters, the last entry `<unk>`.

    Example:

    ```python
    vocabulary = RecognizerVocabulary.learn(["text.txt"], num_words=10_000)
    recognizer = charbert_tf.WordRecognizer(*vocabulary, hidden_dim=50)
    ```
    """

    words: list[str]
    characters: list[str]

    @classmethod
    def learn(cls, paths: Sequence[str], num_words: int) -> "RecognizerVocabulary":
        """Counts the words of a text.

        Args:
            paths: Text files, as `word_recognition_files` gives them.
            num_words: int. Words at most, `<unk>` not counted.

        Returns:
            The most frequent words, and the characters of all.

        Raises:
            UserError: If no word of the text has a letter.
        """
        lines = (line.lower() for path in paths for _, line in read_lines(path))
        counts = count_words(lines, TypedWordSplitter())
        with_letter = {w: n for w, n in counts.items() if any(map(str.isalpha, w))}
        if not with_letter:
            raise UserError("no word has a letter: name files with text", paths[0])
        return cls(
            learn_word_vocabulary(with_letter, num_words),
            learn_character_vocabulary(counts, _MOST_CHARACTERS),
        )

    @classmethod
    def read(cls, path: str) -> "RecognizerVocabulary":
        """Reads what `write` wrote.

        Args:
            path: The file.

        Returns:
            What was written.

        Raises:
            UserError: If it cannot be read.
        """
        remedy = "choose another --output"
        content = read_json_object(path, remedy)
        try:
            return cls(**content)
        except TypeError as error:
            raise UserError(f"cannot be read ({error}): {remedy}", path) from error

    def write(self, path: str) -> None:
        """Writes a JSON file.

        Args:
            path: The file.

        Raises:
            UserError: If it cannot be written.
        """
        with atomic_file(path) as file:
            json.dump(self._asdict(), file, ensure_ascii=False)
