"""The word vocabulary: what the noisy language model restores."""

import os
from collections import Counter
from collections.abc import Mapping

from charbert_tf.vocabularies.vocabulary_file import UNKNOWN, read_vocabulary


def learn_word_vocabulary(word_counts: Mapping[str, int], size: int) -> list[str]:
    """Lists the most frequent words of a text, lower-cased.

    They are the classes of the noisy language model (CharBERT, section 3.3,
    https://arxiv.org/abs/2011.01513).

    Args:
        word_counts: how often each word occurs, as `count_words` gives.
        size: words at most, `<unk>` not counted.

    Returns:
        The words from the most to the least frequent, then `<unk>`.

    Example:
        >>> learn_word_vocabulary({"The": 1, "the": 1, "cat": 1, "sat": 1}, size=2)
        ['the', 'cat', '<unk>']
    """
    counts = Counter()
    for word, count in word_counts.items():
        counts[word.lower()] += count
    return [*sorted(counts, key=lambda word: (-counts[word], word))[:size], UNKNOWN]


def read_word_vocabulary(path: str | os.PathLike[str]) -> list[str]:
    """Reads a word vocabulary.

    Args:
        path: text file, one lower-cased word a line.

    Returns:
        The words; the index of a word is its id. The last is `<unk>`.

    Raises:
        UserError: if the file cannot be read, or is no word vocabulary.

    Example:
        ```python
        words = read_word_vocabulary("vocabularies/word_vocab.txt")
        ```
    """
    return read_vocabulary(path, last=UNKNOWN)
