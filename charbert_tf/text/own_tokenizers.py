"""own_tokenizer: the tokenizers of this library that stand for keras-nlp's."""

import keras_nlp

from charbert_tf.registry import Registry
from charbert_tf.text.subword_tokenizers import of_keras_nlp_class
from charbert_tf.third_party_internals import preset_loader

OWN_TOKENIZERS = Registry(
    "tokenizer",
    "keras_nlp.models:Tokenizer",
    {"BertTokenizer": "charbert_tf.text.bert_tokenizer:BertTokenizer"},
)
"""Tokenizers of this library, by the names of those of keras-nlp's that they extend."""


def own_tokenizer(tokenizer: keras_nlp.models.Tokenizer) -> keras_nlp.models.Tokenizer:
    """Gives the tokenizer of this library that stands for one of keras-nlp's.

    Args:
        tokenizer: Any tokenizer.

    Returns:
        Of a BERT's a `BertTokenizer`; the same if there is none of its kind, or it is
        one.

    Example:

    ```python
    own_tokenizer(keras_nlp.models.BertTokenizer("vocab.txt")).normalization
    ```
    """
    own_cls = of_keras_nlp_class(OWN_TOKENIZERS, tokenizer)
    return tokenizer if own_cls is None else own_cls.of(tokenizer)


def as_saved(tokenizer: keras_nlp.models.Tokenizer) -> keras_nlp.models.Tokenizer:
    """Gives a tokenizer that comes from a preset the text that it then had.

    Args:
        tokenizer: A tokenizer as the preset's configuration makes it.

    Returns:
        The same; one of keras-nlp's class whose text was then another, in this
        library's class, which says so in a warning.
    """
    own_cls = of_keras_nlp_class(OWN_TOKENIZERS, tokenizer)
    return tokenizer if own_cls is None else own_cls.as_saved(tokenizer)


def load_preset_tokenizer(preset: str) -> keras_nlp.models.Tokenizer:
    """Loads a preset's tokenizer, with the text that the preset was made with.

    Args:
        preset: A folder that `save_to_preset` wrote.

    Returns:
        The tokenizer; a BERT's is a `BertTokenizer`.

    Example:

    ```python
    tokenizer = load_preset_tokenizer("my_run/preset")
    ```
    """
    # Not Tokenizer.from_preset, which knows keras-nlp's own encoders alone.
    loader = preset_loader(preset)
    return as_saved(loader.load_tokenizer(keras_nlp.models.Tokenizer))
