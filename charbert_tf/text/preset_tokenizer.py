"""load_preset_tokenizer: the tokenizer of a preset, with the text it was made with."""

import keras_nlp

from charbert_tf.files.errors import warn_once
from charbert_tf.text.bert_tokenizer import CASE_FOLDING, BertTokenizer
from charbert_tf.third_party_internals import preset_loader


def load_preset_tokenizer(preset: str) -> keras_nlp.models.Tokenizer:
    """Loads a preset's tokenizer.

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


def as_saved(tokenizer: keras_nlp.models.Tokenizer) -> keras_nlp.models.Tokenizer:
    """Gives a tokenizer that comes from a preset the text that it then had.

    Args:
        tokenizer: A tokenizer as the preset's configuration makes it.

    Returns:
        The same, or for a BERT's of keras-nlp's class, which names no version of the
        normaliser, a `BertTokenizer` of the first version; a warning says so.
    """
    is_bert = isinstance(tokenizer, keras_nlp.models.BertTokenizer)
    if not is_bert or isinstance(tokenizer, BertTokenizer):
        return tokenizer
    warn_once(
        "a preset names no normalizer_version: its text stays that of version "
        f"{CASE_FOLDING}, which differs from BERT's own in characters such as '…', "
        "'½' and soft hyphens; converting or training the model anew gives it BERT's"
    )
    return BertTokenizer.of(tokenizer, CASE_FOLDING)
