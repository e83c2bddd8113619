"""word_subwords: the subwords of each of many words."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.text.subword_tokenizer import SubwordTokenizer
from charbert_tf.text.word_splitter import valid_utf8


def word_subwords(words: Sequence[str], tokenizer: SubwordTokenizer) -> list[list[int]]:
    """Tokenizes words as they stand inside a sentence.

    Args:
        words: The words.
        tokenizer: What `make_subword_tokenizer` gives.

    Returns:
        The token ids of each word, at least one.

    Example:

    ```python
    tokenizer = make_subword_tokenizer(load_model_tokenizer("bert-base-uncased"))
    word_subwords(["Rome", "Leicestershire"], tokenizer)
    ```
    """
    texts = tf.constant(words, tf.string, shape=[len(words)])
    return tokenizer.at_least_one(valid_utf8(texts)).token_ids.to_list()
