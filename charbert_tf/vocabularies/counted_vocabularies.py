"""Vocabularies of what a text has most often: words, and characters."""

import itertools
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

import tensorflow as tf

from charbert_tf.text.word_splitter import WordSplitter
from charbert_tf.vocabularies.vocabulary_file import UNKNOWN, read_vocabulary

# Enough for the splitter to run at full speed, few enough for long lines to fit.
_TEXTS_AT_ONCE = 1000
_TREEBANK_ENTRIES = frozenset(["``", "n't", "'s"])
# Id 0: it stands between two tokens, in the padding, and for a masked token.
SEPARATOR = " "


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


def count_characters(word_counts: Mapping[str, int]) -> Counter[str]:
    """Counts the characters of counted words.

    Args:
        word_counts: how often each word occurs, as `count_words` gives.

    Returns:
        How often each character occurs; there is no white space in words.

    Example:
        >>> count_characters({"see": 2, "sea": 1})["e"]
        5
    """
    counts = Counter()
    for word, count in word_counts.items():
        for character in word:
            counts[character] += count
    return counts


def learn_character_vocabulary(word_counts: Mapping[str, int], size: int) -> list[str]:
    """Lists the most frequent characters of a text.

    The form is that of the authors' released models (CharBERT, section 3.1,
    https://arxiv.org/abs/2011.01513): a space first, the unknown character last.

    Args:
        word_counts: how often each word occurs, with its case, as `count_words` gives.
        size: characters at most, the space among them, `<unk>` not.

    Returns:
        A space (id 0), the characters from the most to the least frequent, `<unk>`.

    Example:
        >>> learn_character_vocabulary({"see": 2, "sea": 1}, size=3)
        [' ', 'e', 's', '<unk>']
    """
    counts = count_characters(word_counts)
    by_frequency = sorted(counts, key=lambda character: (-counts[character], character))
    return [SEPARATOR, *by_frequency[: size - 1], UNKNOWN]


def read_character_vocabulary(path: str | os.PathLike[str]) -> list[str]:
    """Reads a character vocabulary.

    Args:
        path: text file, one character a line.

    Returns:
        The characters; the index of a character is its id. The first is a space, the
        last `<unk>`.

    Raises:
        UserError: if the file cannot be read, or is no character vocabulary.

    Example:
        ```python
        characters = read_character_vocabulary("vocabularies/char_vocab.txt")
        ```
    """
    # The released BERT file has two lines whose character was lost.
    return read_vocabulary(path, first=SEPARATOR, last=UNKNOWN, empty_lines=True)
