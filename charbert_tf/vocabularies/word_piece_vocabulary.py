"""The WordPiece vocabulary: the subwords of BERT's token channel."""

import os
from collections import Counter
from collections.abc import Mapping

import tensorflow as tf
from tensorflow_text.tools.wordpiece_vocab import (
    wordpiece_tokenizer_learner_lib as learner,
)

from charbert_tf.text.bert_pretokenizer import BertPretokenizer
from charbert_tf.text.normalized_text import Normalization
from charbert_tf.vocabularies.vocabulary_file import read_vocabulary

# Padding is id 0, which is what BERT's masks and embeddings take it to be.
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

# The learner's time grows with the number of different words; the rare ones hardly
# change what it learns. 150,000 are learnt from in about a minute.
_MOST_WORDS = 150_000
# Every character takes two entries, as a word's beginning and inside it: this leaves at
# least half of a small vocabulary to longer subwords.
_MOST_CHARACTERS = 1000
_ENTRIES_PER_CHARACTER = 4
_LONGEST_WORD = 50
_INSIDE = "##"


def learn_word_piece_vocabulary(
    word_counts: Mapping[str, int], size: int, lowercase: bool = True
) -> list[str]:
    """Learns the subwords that a text is best cut into.

    It takes seconds for a million words of text, about a minute for any more.

    Args:
        word_counts: how often each word occurs, as `count_words` gives.
        size: entries at most. A short text gives fewer.
        lowercase: whether the tokenizer will lower-case text and strip its accents.

    Returns:
        `SPECIAL_TOKENS`, the characters, then the other subwords from the most to the
        least frequent. Those that go on inside a word begin with "##".

    Example:
        >>> learn_word_piece_vocabulary({"go": 9, "going": 3}, size=50)[:6]
        ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'g']
    """
    counts = _normalize(word_counts, lowercase)
    if not counts:
        return list(SPECIAL_TOKENS)
    lowest = _lowest_threshold(counts, size)
    entries = learner.learn(
        counts,
        size,
        list(SPECIAL_TOKENS),
        lower_thresh=lowest,
        # Measured for sizes from 1,000 to 30,522: the threshold lies between 1.2 and
        # 2 times the lowest. The learner's own bounds cost ten more rounds.
        upper_thresh=3 * lowest,
        max_input_tokens=_MOST_WORDS,
        max_token_length=_LONGEST_WORD,
        max_unique_chars=min(_MOST_CHARACTERS, size // _ENTRIES_PER_CHARACTER),
        joiner=_INSIDE,
    )
    # The threshold is a whole number, so that the learner may overshoot.
    return _without_rarest(entries, len(entries) - size)


def read_word_piece_vocabulary(path: str | os.PathLike[str]) -> list[str]:
    """Reads a WordPiece vocabulary.

    Args:
        path: text file, one subword a line.

    Returns:
        The subwords; the index of a subword is its id. Empty lines and all but the
        last of doubled ones keep their ids, as entries that no text has.

    Raises:
        UserError: if the file cannot be read, or lacks one of `SPECIAL_TOKENS`.

    Example:
        ```python
        subwords = read_word_piece_vocabulary("vocabularies/vocab.txt")
        ```
    """
    return read_vocabulary(
        path, required=SPECIAL_TOKENS, empty_lines=True, doubled=True
    )


def _normalize(word_counts: Mapping[str, int], lowercase: bool) -> Counter[str]:
    """Counts the words as BERT's normalizer, which the tokenizer uses, leaves them."""
    counts = Counter()
    if not word_counts:
        return counts
    pretokenize = BertPretokenizer(Normalization(lowercase, strip_accents=lowercase))
    words = pretokenize(tf.constant(list(word_counts))).words
    for parts, count in zip(words.to_list(), word_counts.values(), strict=True):
        for part in parts:
            counts[part.decode()] += count
    return counts


def _lowest_threshold(counts: Counter[str], size: int) -> int:
    """The lowest frequency of an entry that is worth trying.

    Each word that is at least as frequent as the threshold becomes an entry, so that
    a threshold below the frequency of the `size`-th word gives too many entries.
    """
    frequencies = sorted(counts.values(), reverse=True)
    return max(2, frequencies[size - 1] if len(frequencies) >= size else 0)


def _without_rarest(entries: list[str], surplus: int) -> list[str]:
    """Drops the last subwords, but no character: without it its words are unknown."""
    removable = [
        entry
        for entry in reversed(entries)
        if entry not in SPECIAL_TOKENS and len(entry.removeprefix(_INSIDE)) > 1
    ]
    dropped = set(removable[: max(surplus, 0)])
    return [entry for entry in entries if entry not in dropped]
