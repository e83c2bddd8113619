"""count_words: the words of a text, and how often each occurs."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable

import tensorflow as tf

from charbert_tf.text.word_splitter import WordSplitter

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
