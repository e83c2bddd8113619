"""make_subword_tokenizer: the subword tokenizer for a keras-nlp tokenizer."""

import keras_nlp

from charbert_tf.text.bert_tokenizer import BertTokenizer
from charbert_tf.text.byte_pair_subword_tokenizer import BytePairSubwordTokenizer
from charbert_tf.text.sentence_piece_subword_tokenizer import (
    SentencePieceSubwordTokenizer,
)
from charbert_tf.text.subword_tokenizer import SubwordTokenizer


def _word_pieces(tokenizer: keras_nlp.models.BertTokenizer) -> SubwordTokenizer:
    return BertTokenizer.of(tokenizer).subword_tokenizer()


_KINDS = {
    keras_nlp.models.BertTokenizer: _word_pieces,
    keras_nlp.models.RobertaTokenizer: BytePairSubwordTokenizer,
    keras_nlp.models.XLMRobertaTokenizer: SentencePieceSubwordTokenizer,
}


def make_subword_tokenizer(tokenizer: keras_nlp.models.Tokenizer) -> SubwordTokenizer:
    """Makes the subword tokenizer that has a keras-nlp tokenizer's vocabulary and ids.

    Args:
        tokenizer: A BERT, RoBERTa or XLM-RoBERTa tokenizer with its vocabulary.

    Returns:
        The subword tokenizer.

    Raises:
        TypeError: If the tokenizer is of another kind.

    Example:

    ```python
    subword_tokenizer = make_subword_tokenizer(tokenizer)
    subword_tokenizer(tf.constant(["Playing"])).surfaces
    ```
    """
    for tokenizer_cls, make in _KINDS.items():
        if isinstance(tokenizer, tokenizer_cls):
            return make(tokenizer)
    names = [f"`keras_nlp.models.{cls.__name__}`" for cls in _KINDS]
    raise TypeError(
        f"Expected a {', '.join(names[:-1])} or {names[-1]}, got "
        f"{type(tokenizer).__name__}."
    )
