"""Vocabularies of word pieces, characters and words: learnt from text, and read.

Example:
    >>> counts = count_words(["the cat sat on the mat"])
    >>> learn_character_vocabulary(counts, size=4)
    [' ', 't', 'a', 'e', '<unk>']
"""

from charbert_tf.vocabularies.character_vocabulary import (
    learn_character_vocabulary,
    read_character_vocabulary,
)
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from charbert_tf.vocabularies.word_counts import count_words
from charbert_tf.vocabularies.word_piece_vocabulary import (
    learn_word_piece_vocabulary,
    read_word_piece_vocabulary,
)
from charbert_tf.vocabularies.word_vocabulary import (
    learn_word_vocabulary,
    read_word_vocabulary,
)

__all__ = [
    "VocabularyFolder",
    "count_words",
    "learn_character_vocabulary",
    "learn_word_piece_vocabulary",
    "learn_word_vocabulary",
    "read_character_vocabulary",
    "read_word_piece_vocabulary",
    "read_word_vocabulary",
]
