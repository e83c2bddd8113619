"""tokens_before_noise: how many tokens a block may have, so that noise fits in too."""

import math
from collections.abc import Mapping, Sequence

import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor

# The frequent words are most of the text, and a second's work.
_MOST_WORDS = 50_000
_SEED = (0, 0)


def tokens_before_noise(
    word_counts: Mapping[str, int],
    tokenizer: keras_nlp.models.BertTokenizer,
    characters: Sequence[str],
    sequence_length: int,
    noise_rate: float,
) -> int:
    """Gives the tokens of a block that will just fill a sequence once it is noised.

    A typo splits a word into more subwords. How many is measured on the text's frequent
    words, the same number of typos of each, with the noise that pretraining uses; the
    words of a block are taken to be noised independently. The block's noised length
    then has a mean and a standard deviation, and their sum is to be the room of the
    sequence. What is longer is cut when it is read, in that epoch.

    Args:
        word_counts: How often each word of the text occurs.
        tokenizer: The tokenizer.
        characters: The character vocabulary, whose first ones noise inserts.
        sequence_length: int. The tokens of a sequence, `[CLS]` and `[SEP]` among them.
        noise_rate: float. Share of the words that pretraining will noise.

    Returns:
        int, at least 1.

    Example:

    ```python
    tokens_before_noise(counts, tokenizer, characters, 384, noise_rate=0.15)
    ```
    """
    room = sequence_length - 2
    words = sorted(word_counts, key=lambda word: (-word_counts[word], word))
    words = words[:_MOST_WORDS]
    weights = np.array([word_counts[word] for word in words], np.float64)
    clean, noised = _subwords(words, tokenizer, characters)
    mean_clean = np.average(clean, weights=weights)
    more = noised - clean
    added = noise_rate * np.average(more.mean(axis=0), weights=weights)
    square = noise_rate * np.average(np.square(more).mean(axis=0), weights=weights)
    growth = 1 + added / mean_clean
    variance = (square - added**2) / mean_clean
    # room = growth * tokens + sqrt(variance * tokens), solved for sqrt(tokens).
    root = math.sqrt(variance + 4 * growth * room) - math.sqrt(variance)
    return max(1, min(room, math.floor((root / (2 * growth)) ** 2)))


def _subwords(words, tokenizer, characters) -> tuple[np.ndarray, np.ndarray]:
    """How many subwords each word has: as it is `(words,)`, and `(typos, words)`."""
    preprocessor = PretrainerPreprocessor(tokenizer, characters, ["<unk>"])
    preprocessor.noise.rate = 1.0
    typos = max(1, _MOST_WORDS // len(words))
    rows = tf.RaggedTensor.from_row_lengths(
        tf.tile(tf.constant(words), [typos]), [len(words)] * typos
    )
    noised, _ = preprocessor.noise(rows, tf.range(typos), _SEED)
    clean, noised = (
        preprocessor.subword_tokenizer(values).token_ids.row_lengths().numpy()
        for values in (rows[0], noised.values)
    )
    return clean, noised.reshape([typos, len(words)])
