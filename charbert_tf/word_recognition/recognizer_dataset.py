"""The text that a word recogniser is trained on, and its batches."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.attacks.mix import Mix
from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import expand_patterns
from charbert_tf.noise.training_noise import HAS_LETTER, WordNoise
from charbert_tf.text.lookup_tables import word_table
from charbert_tf.text.text_lines import numbered_lines
from charbert_tf.text.word_splitter import TypedWordSplitter
from charbert_tf.word_recognition.word_recognizer import WordRecognizer

_LINES_OF_A_CHUNK = 256
_SHUFFLED_SENTENCES = 4096


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
        noise_rate: float. Share of the words of 4 letters or more that get a typo, as
            of the attack `Mix`.
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
    lines = numbered_lines(paths).repeat().enumerate().batch(_LINES_OF_A_CHUNK)
    split = TypedWordSplitter()
    typos = WordNoise([Mix()], noise_rate, noise_rate, clean_share=0.0)

    @tf.autograph.experimental.do_not_convert
    def sentences(numbers, numbered):
        _, texts = numbered
        words = split(tf.strings.lower(texts, "utf-8"))
        noised = typos(words, numbers, seed, text=0)
        return _cut(noised, sequence_length), _cut(words, sequence_length)

    ids = word_table(recognizer.words)

    @tf.autograph.experimental.do_not_convert
    def examples(noised, words):
        has_letter = tf.strings.regex_full_match(words.values, HAS_LETTER)
        weights = words.with_values(tf.cast(has_letter, tf.float32))
        labels = words.with_values(ids.lookup(words.values))
        features = recognizer.semi_characters(noised)
        return features, labels.to_tensor(), weights.to_tensor()

    return (
        lines.map(sentences, num_parallel_calls=tf.data.AUTOTUNE)
        .unbatch()
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
