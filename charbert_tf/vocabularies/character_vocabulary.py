"""The character vocabulary: what the character encoder embeds."""

import os
from collections import Counter
from collections.abc import Mapping

from charbert_tf.vocabularies.vocabulary_file import UNKNOWN, read_vocabulary

# Id 0: it stands between two tokens, in the padding, and for a masked token.
SEPARATOR = " "


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
