"""The tokenizer of a folder, whatever files it is kept in."""

import json
import os

import keras_nlp

from charbert_tf.files.errors import UserError
from charbert_tf.registry import Registry
from charbert_tf.text.subword_tokenizers import of_keras_nlp_class
from charbert_tf.vocabularies.tokenizer_files import TokenizerFiles
from charbert_tf.vocabularies.tokenizer_settings import (
    REMEDY,
    TOKENIZER_CONFIG,
    TOKENIZER_JSON,
    read_settings,
)

TOKENIZER_FILES = Registry(
    "tokenizer",
    "charbert_tf.vocabularies.tokenizer_files:TokenizerFiles",
    {
        "BertTokenizer": "charbert_tf.vocabularies.word_piece_files:WORD_PIECE_FILES",
        "RobertaTokenizer": "charbert_tf.vocabularies.byte_pair_files:BYTE_PAIR_FILES",
        "XLMRobertaTokenizer": (
            "charbert_tf.vocabularies.sentence_piece_files:SENTENCE_PIECE_FILES"
        ),
    },
    instances=True,
)
"""The files of tokenizers, by the names that keras-nlp has for their classes."""


def load_tokenizer(path: str | os.PathLike[str]) -> keras_nlp.models.Tokenizer:
    """Loads the tokenizer of a BERT, RoBERTa or XLM-RoBERTa folder.

    The files tell the kind: `sentencepiece.bpe.model` is an XLM-RoBERTa's. Of the
    others `tokenizer.json` tells everything if it is there; else `vocab.json` with
    `merges.txt` is a RoBERTa's and `vocab.txt` a BERT's, with the settings of
    `tokenizer_config.json`. Where nothing says whether a BERT lower-cases, it does if
    none of its word pieces has an upper-case letter, and a warning says so.

    Args:
        path: a folder, such as a Hugging Face model or an authors' released one.

    Returns:
        A `BertTokenizer`, or keras-nlp's `RobertaTokenizer` or
        `XLMRobertaTokenizer`.

    Raises:
        UserError: if files are missing or damaged, or ask for a text that cannot be
            made here exactly.

    Example:
        ```python
        tokenizer = load_tokenizer("roberta-base")
        ```
    """
    folder = os.fspath(path)
    kinds = list(TOKENIZER_FILES.values())
    by_json = [files for files in kinds if files.json_model is not None]
    alone = [files for files in kinds if files.json_model is None]
    found = _marked(alone, folder)
    if found is None and os.path.exists(os.path.join(folder, TOKENIZER_JSON)):
        found = _named_in_json(by_json, folder)
    found = found or _marked(by_json, folder)
    if found is None:
        raise UserError(
            f"holds no tokenizer, that is {_names()}: {REMEDY}, or name another folder",
            path,
        )
    return found.load(folder)


def has_tokenizer(path: str | os.PathLike[str]) -> bool:
    """Whether a folder has the files of a tokenizer, if not whether they are sound.

    Args:
        path: a folder.

    Returns:
        Whether it has one of the files that tell the kind; see `load_tokenizer`.

    Example:
        >>> has_tokenizer(os.path.dirname(__file__))
        False
    """
    marks = [files.mark for files in TOKENIZER_FILES.values()]
    return any(os.path.exists(os.path.join(path, n)) for n in (*marks, TOKENIZER_JSON))


def write_tokenizer(
    folder: str,
    tokenizer: keras_nlp.models.Tokenizer,
    sequence_length: int,
    tokenizer_class: str | None = None,
) -> None:
    """Writes a tokenizer into a folder, as transformers and `load_tokenizer` read it.

    Args:
        folder: The folder, which exists.
        tokenizer: A BERT, RoBERTa or XLM-R tokenizer of keras-nlp.
        sequence_length: int. The most tokens that the model takes.
        tokenizer_class: What transformers calls it for this model; by default as for
            the model that the files are of.

    Raises:
        UserError: If the tokenizer is of another kind.

    Example:

    ```python
    write_tokenizer("my_bert", classifier.preprocessor.tokenizer, 512)
    ```
    """
    files = of_keras_nlp_class(TOKENIZER_FILES, tokenizer)
    if files is None:
        raise UserError(f"a {type(tokenizer).__name__} cannot be saved for others")
    config = files.write(folder, tokenizer) | {"model_max_length": sequence_length}
    if tokenizer_class is not None:
        config["tokenizer_class"] = tokenizer_class
    with open(os.path.join(folder, TOKENIZER_CONFIG), "w") as file:
        json.dump(config, file, indent=2)


def _marked(kinds: list[TokenizerFiles], folder: str) -> TokenizerFiles | None:
    """The kind whose file is there; of several the last one, which has more files."""
    found = [k for k in kinds if os.path.exists(os.path.join(folder, k.mark))]
    return found[-1] if found else None


def _named_in_json(kinds: list[TokenizerFiles], folder: str) -> TokenizerFiles:
    path = os.path.join(folder, TOKENIZER_JSON)
    model = read_settings(folder, TOKENIZER_JSON).get("model")
    model = model if isinstance(model, dict) else {}
    for files in kinds:
        is_named = model.get("type") == files.json_model
        # The files of the library's first years have no type.
        if is_named or ("type" not in model and files.json_key in model):
            return files
    if "type" not in model:
        raise UserError(f"is no tokenizer's file: {REMEDY}", path)
    raise UserError(
        f"holds neither {' nor '.join(files.entries for files in kinds)}: put the "
        f"model's {_names()} beside it",
        path,
    )


def _names() -> str:
    *names, last = (files.names for files in TOKENIZER_FILES.values())
    return f"{', '.join(names)}, or {last}"
