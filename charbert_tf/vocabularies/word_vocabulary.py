"""Words and how often they occur; the noisy language model's vocabulary of them."""

import itertools
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

import tensorflow as tf

from charbert_tf.text.word_splitter import WordSplitter
from charbert_tf.vocabularies.vocabulary_file import UNKNOWN, read_vocabulary

# Enough for the splitter to run at full speed, few enough for long lines to fit.
_TEXTS_AT_ONCE = 1000


def count_words(
    texts: Iterable[str],
    split: Callable[[tf.Tensor], tf.RaggedTensor] | None = None,
) -> Counter[str]:
    """Counts the words of texts.

    Args:
        texts: any number of texts, such as the lines of a file. They are read once,
            as a stream.
        split: splits a string tensor `(B,)` into words; by default a `WordSplitter`,
            which the pretraining data is split by.

    Returns:
        How often each word occurs, with its case and accents as written.

    Example:
        >>> count_words(["The cat saw", "the cat."])["cat"]
        2
    """
    counts = Counter()
    split = split or WordSplitter()
    texts = iter(texts)
    while batch := list(itertools.islice(texts, _TEXTS_AT_ONCE)):
        counts.update(split(tf.constant(batch)).flat_values.numpy().tolist())
    return Counter({word.decode(): count for word, count in counts.items()})


_TREEBANK_ENTRIES = frozenset(["``", "n't", "'s"])


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


def is_treebank_vocabulary(words: Collection[str]) -> bool:
    """Tells whether the words were split as those of the Penn Treebank.

    So NLTK's `word_tokenize` splits them, and so the authors' released vocabulary was
    made. One that is learnt here has no entry of letters and an apostrophe, for
    punctuation is a word of its own.

    Args:
        words: the vocabulary.

    Returns:
        Whether it has an English clitic, or the grave accents that open a quotation.

    Example:
        >>> is_treebank_vocabulary(["the", "do", "n't", "<unk>"])
        True
    """
    return not _TREEBANK_ENTRIES.isdisjoint(words)
