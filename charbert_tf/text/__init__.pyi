from charbert_tf.text.subword_tokenizer import SubwordTokenizer as SubwordTokenizer
from charbert_tf.text.subword_tokenizers import (
    make_subword_tokenizer as make_subword_tokenizer,
)
