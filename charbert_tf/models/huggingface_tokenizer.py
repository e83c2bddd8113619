"""load_huggingface_tokenizer: the tokenizer of a folder, held against its encoder."""

import keras_nlp

from charbert_tf.encoders.huggingface_config import CONFIG_FILE
from charbert_tf.files.errors import UserError, warn_once
from charbert_tf.vocabularies.tokenizer_folder import load_tokenizer
from charbert_tf.vocabularies.tokenizer_settings import read_settings


def load_huggingface_tokenizer(
    folder: str, vocabulary: str | None = None
) -> keras_nlp.models.Tokenizer:
    """Loads the tokenizer of a Hugging Face folder.

    Args:
        folder: The folder of the encoder.
        vocabulary: The folder of the tokenizer, if not the same.

    Returns:
        As `load_tokenizer` does.

    Raises:
        UserError: If its files are missing, damaged or not supported, or it has more
            subwords than the encoder.

    Example:

    ```python
    tokenizer = load_huggingface_tokenizer("bert-base-cased")
    ```
    """
    tokenizer = load_tokenizer(vocabulary or folder)
    rows = read_settings(folder, CONFIG_FILE).get("vocab_size")
    # A folder of a tokenizer alone says nothing of an encoder.
    if isinstance(rows, int):
        check_vocabulary_size(tokenizer, rows, vocabulary or folder)
    return tokenizer


def check_vocabulary_size(
    tokenizer: keras_nlp.models.Tokenizer, rows: int, folder: str
) -> None:
    """Makes sure that a tokenizer's ids are rows of an embedding.

    Warns if there are more rows, as where the files of added tokens were left behind.

    Args:
        tokenizer: The tokenizer.
        rows: int. Rows of the encoder's token embedding.
        folder: Where the tokenizer comes from, for errors.

    Raises:
        UserError: If there are fewer rows than ids.

    Example:

    ```python
    check_vocabulary_size(tokenizer, encoder.vocabulary_size, "bert-base-cased")
    ```
    """
    size = tokenizer.vocabulary_size()
    if size > rows:
        raise UserError(
            f"the tokenizer has {size} subwords, the model only {rows}: these files "
            "are of two models",
            folder,
        )
    if size < rows:
        warn_once(
            f"the tokenizer has {size} subwords, the model {rows}: the last "
            f"{rows - size} are never used; if tokens were added to the model, put "
            "its tokenizer.json or added_tokens.json here",
            folder,
        )
