"""What a word recogniser is trained on: its vocabulary, texts and typos."""

import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from charbert_tf.attacks.keyboard import QWERTY_NEIGHBOURS
from charbert_tf.files.atomic_output import atomic_file
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import expand_patterns, read_lines
from charbert_tf.text.character_noise import (
    characters_at,
    replace_characters,
)
from charbert_tf.text.lookup_tables import word_table
from charbert_tf.text.random_stream import index_below, uniform
from charbert_tf.text.text_lines import numbered_lines
from charbert_tf.text.word_splitter import TypedWordSplitter
from charbert_tf.vocabularies.counted_vocabularies import (
    count_words,
    learn_character_vocabulary,
    learn_word_vocabulary,
)
from charbert_tf.word_recognition.word_recognizer import WordRecognizer

# What is rarer in a text is no letter of its language.
_MOST_CHARACTERS = 128

HAS_LETTER = r"(?s).*\p{L}.*"
"""A word that is not a number or a punctuation mark."""

_SHORTEST = 4
_ALPHABET = np.arange(ord("a"), ord("z") + 1, dtype=np.int32)
_DROP, _ADD, _SWAP, _KEYBOARD = range(4)
# By kind: how many characters an edit takes away, and how many it puts there.
_REMOVED = (1, 0, 2, 1)
_INSERTED = (0, 1, 2, 1)
_NEIGHBOUR_COUNT = [len(QWERTY_NEIGHBOURS[chr(letter)]) for letter in _ALPHABET]
_NEIGHBOURS = [
    [ord(neighbour) for neighbour in QWERTY_NEIGHBOURS[chr(letter)].ljust(8)]
    for letter in _ALPHABET
]
_LINES_OF_A_CHUNK = 256
_SHUFFLED_SENTENCES = 4096


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
        try:
            with open(path, encoding="utf-8") as file:
                return cls(**json.load(file))
        except (OSError, ValueError, TypeError) as error:
            raise UserError(
                f"cannot be read ({error}): choose another --output", path
            ) from error

    def write(self, path: str) -> None:
        """Writes a JSON file.

        Args:
            path: The file.

        Raises:
            UserError: If it cannot be written.
        """
        with atomic_file(path) as file:
            json.dump(self._asdict(), file, ensure_ascii=False)


class InnerTypos:
    """Puts one typo between the first and the last character of words.

    The typos are those of the attack `Mix` (Pruthi et al., 2019, section 2,
    https://arxiv.org/abs/1905.11268): a word of at least 4 characters that is not a
    number loses a character, gets a letter, has two different neighbours swapped or a
    letter replaced by a neighbour on the keyboard, each kind equally often. Where a
    kind cannot change a word, such as a swap in "been", the word stays.

    Args:
        rate: float. Share of these words that get one. Defaults to 1.

    Example:

    ```python
    words = tf.ragged.constant([["the", "robust", "word", "recognition"]])
    InnerTypos()(words, example_ids=tf.constant([0]), seed=(1, 2))
    ```
    """

    def __init__(self, rate: float = 1.0):
        self.rate = rate

    def __call__(
        self,
        words: tf.RaggedTensor,
        example_ids: tf.Tensor,
        seed: Sequence[int] | tf.Tensor,
    ) -> tf.RaggedTensor:
        """Puts typos into words; the same seed and example give the same ones.

        Args:
            words: string ragged tensor `(B, words)`, lower-cased.
            example_ids: int tensor `(B,)`; a row's typos depend on its own alone.
            seed: Two ints.

        Returns:
            string ragged tensor `(B, words)`.
        """
        # Draws: whether to edit, which kind, where, which letter.
        draws = uniform(words, example_ids, seed, draws=4)
        is_edited = (
            (draws[:, 0] < self.rate)
            & (tf.strings.length(words.values, "UTF8_CHAR") >= _SHORTEST)
            & tf.strings.regex_full_match(words.values, HAS_LETTER)
        )
        chosen = tf.where(is_edited)[:, 0]
        edited = _edit(tf.gather(words.values, chosen), tf.gather(draws, chosen))
        return words.with_values(
            tf.tensor_scatter_nd_update(words.values, chosen[:, None], edited)
        )


def _edit(words: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
    code_points = tf.strings.unicode_decode(words, "UTF-8")
    kind = index_below(draws[:, 1], 4)
    index, has_place = _choose_place(_places(code_points, kind), draws[:, 2])
    this = characters_at(code_points, index[:, None])[:, 0]
    following = characters_at(code_points, index[:, None] + 1)[:, 0]
    first = tf.where(
        kind == _SWAP, following, _letter(this, kind == _KEYBOARD, draws[:, 3])
    )
    replacement = tf.RaggedTensor.from_tensor(
        tf.stack([first, this], axis=1),
        lengths=tf.where(has_place, tf.gather(_INSERTED, kind), 0),
    )
    removed = tf.where(has_place, tf.gather(_REMOVED, kind), 0)
    edited = replace_characters(code_points, index, removed, replacement)
    return tf.strings.unicode_encode(edited, "UTF-8")


def _places(code_points: tf.RaggedTensor, kind: tf.Tensor) -> tf.RaggedTensor:
    """Where an edit of each word's kind may begin: bool `(N, characters)`."""
    length = tf.cast(code_points.row_lengths(), tf.int32)
    position = tf.ragged.range(length)
    rows = position.value_rowids()
    kind = tf.gather(kind, rows)
    characters = code_points.values
    following = tf.concat([characters[1:], [0]], axis=0)
    # What an addition comes before may be the last character; a swap needs two.
    last = tf.gather(length, rows) - tf.gather([2, 1, 3, 2], kind)
    can_change = tf.where(
        kind == _SWAP,
        characters != following,
        (kind != _KEYBOARD) | _is_letter(characters),
    )
    is_inside = (position.values >= 1) & (position.values <= last)
    return code_points.with_values(is_inside & can_change)


def _choose_place(
    places: tf.RaggedTensor, draws: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """A place of each word, all equally likely, and whether there is one."""
    of_word = tf.ragged.boolean_mask(
        tf.ragged.range(tf.cast(places.row_lengths(), tf.int32)), places
    )
    count = tf.cast(of_word.row_lengths(), tf.int32)
    place = characters_at(of_word, index_below(draws, count)[:, None])[:, 0]
    return tf.where(count > 0, place, 0), count > 0


def _letter(character: tf.Tensor, is_hit: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
    """A neighbour of the key that is hit, or any letter."""
    key = tf.where(_is_letter(character), character - _ALPHABET[0], 0)
    neighbour = index_below(draws, tf.gather(_NEIGHBOUR_COUNT, key))
    neighbour = tf.gather_nd(_NEIGHBOURS, tf.stack([key, neighbour], axis=1))
    any_letter = tf.gather(_ALPHABET, index_below(draws, len(_ALPHABET)))
    return tf.where(is_hit, neighbour, any_letter)


def _is_letter(characters: tf.Tensor) -> tf.Tensor:
    return (characters >= _ALPHABET[0]) & (characters <= _ALPHABET[-1])


def word_recognition_files(patterns: Sequence[str]) -> list[str]:
    """Finds the text files that a user names.

    Args:
        patterns: Names of text files, or globs.

    Returns:
        The files.

    Raises:
        UserError: If a file is missing or empty, or is bzip2, which TensorFlow does not
            read.

    Example:

    ```python
    paths = word_recognition_files(["text/*.txt.gz"])
    ```
    """
    paths = expand_patterns(patterns)
    for path in paths:
        if path.endswith(".bz2"):
            raise UserError(
                "training does not read bzip2: compress the text with gzip", path
            )
    return paths


def word_recognition_dataset(
    paths: Sequence[str],
    recognizer: WordRecognizer,
    batch_size: int,
    sequence_length: int,
    noise_rate: float,
    seed: int,
) -> tf.data.Dataset:
    """Reads text for ever, with fresh typos in each epoch.

    Args:
        paths: Text files, a paragraph a line; those that end in .gz are gzipped.
        recognizer: Whose words the labels are.
        batch_size: int. Sentences of a batch: lines, or parts of long ones.
        sequence_length: int. The most words of a sentence.
        noise_rate: float. Share of the words of 4 letters or more that get a typo.
        seed: int. The same seed and files give the same batches.

    Returns:
        A dataset of `(features, labels, weights)`: the features of `SemiCharacters`,
        the words' ids, int32 `(B, T)`, and 1 at each word with a letter, float32
        `(B, T)`.

    Example:

    ```python
    dataset = word_recognition_dataset(["text.txt"], recognizer, 50, 32, 0.9, seed=0)
    ```
    """
    epochs = tf.data.Dataset.range(tf.int64.max)
    chunks = numbered_lines(paths).batch(_LINES_OF_A_CHUNK)
    split, typos = TypedWordSplitter(), InnerTypos(noise_rate)

    def sentences(epoch):
        @tf.autograph.experimental.do_not_convert
        def read(numbers, texts):
            words = split(tf.strings.lower(texts, "utf-8"))
            noised = typos(words, numbers, (tf.constant(seed, tf.int64), epoch))
            return _cut(noised, sequence_length), _cut(words, sequence_length)

        return chunks.map(read, num_parallel_calls=tf.data.AUTOTUNE).unbatch()

    ids = word_table(recognizer.words)

    @tf.autograph.experimental.do_not_convert
    def examples(noised, words):
        has_letter = tf.strings.regex_full_match(words.values, HAS_LETTER)
        weights = words.with_values(tf.cast(has_letter, tf.float32))
        labels = words.with_values(ids.lookup(words.values))
        features = recognizer.semi_characters(noised)
        return features, labels.to_tensor(), weights.to_tensor()

    return (
        epochs.flat_map(sentences)
        .shuffle(_SHUFFLED_SENTENCES, seed=seed)
        .ragged_batch(batch_size, drop_remainder=True)
        .map(examples, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )


def _cut(words: tf.RaggedTensor, length: int) -> tf.RaggedTensor:
    """Cuts each row into rows of at most so many words; empty rows vanish."""
    starts = tf.ragged.range(words.row_starts(), words.row_limits(), length).values
    limits = tf.concat([starts, [tf.size(words.values, tf.int64)]], axis=0)
    return tf.RaggedTensor.from_row_splits(words.values, limits)
