"""Word recognition: text files to a new recogniser, and to what it is trained on."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.errors import UserError
from charbert_tf.models.word_recognizer import WordRecognizer
from charbert_tf.preprocessing.inner_typos import HAS_LETTER, InnerTypos
from charbert_tf.preprocessing.text_files import (
    check_lines,
    expand_patterns,
    read_lines,
)
from charbert_tf.preprocessing.text_lines import numbered_lines
from charbert_tf.preprocessing.typed_word_splitter import TypedWordSplitter
from charbert_tf.vocabularies.character_vocabulary import learn_character_vocabulary
from charbert_tf.vocabularies.word_counts import count_words
from charbert_tf.vocabularies.word_vocabulary import learn_word_vocabulary

# What is rarer in a text is no letter of its language.
_MOST_CHARACTERS = 128
_LINES_OF_A_CHUNK = 256
_SHUFFLED_SENTENCES = 4096


def word_recognition_files(patterns: Sequence[str]) -> list[str]:
    """Finds the text files that a user names, and reads them to their ends.

    Args:
        patterns: Names of text files, or globs.

    Returns:
        The files.

    Raises:
        UserError: If a file cannot be read as text, or is bzip2, which TensorFlow does
            not read.

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
    check_lines(paths)
    return paths


def new_word_recognizer(
    paths: Sequence[str], num_words: int, hidden_dim: int
) -> WordRecognizer:
    """Makes a recogniser of the most frequent words of a text, with new weights.

    Args:
        paths: Text files, as `word_recognition_files` gives them.
        num_words: int. Words at most, `<unk>` not counted.
        hidden_dim: int. Units of the LSTM in each direction.

    Returns:
        The recogniser, not trained yet.

    Raises:
        UserError: If no word of the text has a letter.

    Example:

    ```python
    recognizer = new_word_recognizer(["text.txt"], num_words=10_000, hidden_dim=50)
    ```
    """
    lines = (line.lower() for path in paths for _, line in read_lines(path))
    counts = count_words(lines, TypedWordSplitter())
    with_letter = {w: count for w, count in counts.items() if any(map(str.isalpha, w))}
    if not with_letter:
        raise UserError("no word has a letter: name files with text", paths[0])
    return WordRecognizer(
        learn_word_vocabulary(with_letter, num_words),
        learn_character_vocabulary(counts, _MOST_CHARACTERS),
        hidden_dim,
    )


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
        def read(numbers, texts):
            words = split(tf.strings.lower(texts, "utf-8"))
            noised = typos(words, numbers, (tf.constant(seed, tf.int64), epoch))
            return _cut(noised, sequence_length), _cut(words, sequence_length)

        return chunks.map(read, num_parallel_calls=tf.data.AUTOTUNE).unbatch()

    ids = _word_table(recognizer.words)

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


def _word_table(words: Sequence[str]) -> tf.lookup.StaticHashTable:
    """Ids of words; those that are not listed are `<unk>`, the last."""
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            list(words), tf.range(len(words)), tf.string, tf.int32
        ),
        default_value=len(words) - 1,
    )
