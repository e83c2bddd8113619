from charbert_tf.vocabularies.counted_vocabularies import (
    count_characters as count_characters,
)
from charbert_tf.vocabularies.counted_vocabularies import count_words as count_words
from charbert_tf.vocabularies.counted_vocabularies import (
    learn_character_vocabulary as learn_character_vocabulary,
)
from charbert_tf.vocabularies.counted_vocabularies import (
    learn_word_vocabulary as learn_word_vocabulary,
)
from charbert_tf.vocabularies.counted_vocabularies import (
    read_character_vocabulary as read_character_vocabulary,
)
from charbert_tf.vocabularies.counted_vocabularies import (
    read_word_vocabulary as read_word_vocabulary,
)
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer as load_tokenizer
from charbert_tf.vocabularies.vocabulary_folder import (
    VocabularyFolder as VocabularyFolder,
)
from charbert_tf.vocabularies.word_piece_vocabulary import (
    learn_word_piece_vocabulary as learn_word_piece_vocabulary,
)
from charbert_tf.vocabularies.word_piece_vocabulary import (
    read_word_piece_vocabulary as read_word_piece_vocabulary,
)
