"""make_subword_tokenizer: the subword tokenizer for a keras-nlp tokenizer."""

from collections.abc import Mapping
from typing import Any

import keras_nlp

from charbert_tf.registry import Registry
from charbert_tf.text.subword_tokenizer import SubwordTokenizer

SUBWORD_TOKENIZERS = Registry(
    "tokenizer",
    "collections.abc:Callable",
    {
        "BertTokenizer": "charbert_tf.text.bert_tokenizer:bert_subword_tokenizer",
        "RobertaTokenizer": (
            "charbert_tf.text.byte_pair_subword_tokenizer:byte_pair_subword_tokenizer"
        ),
        "XLMRobertaTokenizer": (
            "charbert_tf.text.sentence_piece_subword_tokenizer:"
            "SentencePieceSubwordTokenizer"
        ),
    },
    instances=True,
)
"""What makes subword tokenizers, by the names that keras-nlp has for the classes."""


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
    make = of_keras_nlp_class(SUBWORD_TOKENIZERS, tokenizer)
    if make is not None:
        return make(tokenizer)
    names = [f"`keras_nlp.models.{name}`" for name in SUBWORD_TOKENIZERS]
    raise TypeError(
        f"Expected a {', '.join(names[:-1])} or {names[-1]}, got "
        f"{type(tokenizer).__name__}."
    )


def of_keras_nlp_class(
    registry: Mapping[str, Any], tokenizer: keras_nlp.models.Tokenizer
) -> Any:
    """Finds what a registry has for the class of a tokenizer.

    Args:
        registry: Things by the names of classes of `keras_nlp.models`.
        tokenizer: The tokenizer.

    Returns:
        The thing; `None` if the tokenizer is of none of these classes.

    Example:

    ```python
    of_keras_nlp_class(SUBWORD_TOKENIZERS, tokenizer)
    ```
    """
    for name in registry:
        if isinstance(tokenizer, getattr(keras_nlp.models, name)):
            return registry[name]
    return None
