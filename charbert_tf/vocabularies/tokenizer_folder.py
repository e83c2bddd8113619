"""load_tokenizer: the tokenizer of a folder, whatever files it is kept in."""

import os

import keras_nlp

from charbert_tf.files.errors import UserError
from charbert_tf.vocabularies.byte_pair_files import (
    BYTE_PAIRS,
    MERGES,
    SPECIAL_TOKENS,
    load_byte_pairs,
)
from charbert_tf.vocabularies.tokenizer_settings import (
    REMEDY,
    TOKENIZER_JSON,
    read_added_tokens,
    read_settings,
)
from charbert_tf.vocabularies.word_piece_files import WORD_PIECES, load_word_pieces

_SENTENCE_PIECES = "sentencepiece.bpe.model"
_XLM_SPECIAL_IDS = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}


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
    for name, load in (
        (_SENTENCE_PIECES, _load_sentence_pieces),
        (TOKENIZER_JSON, _load_tokenizer_json),
        (BYTE_PAIRS, load_byte_pairs),
        (WORD_PIECES, load_word_pieces),
    ):
        if os.path.exists(os.path.join(folder, name)):
            return load(folder)
    raise UserError(
        f"holds no tokenizer, that is {WORD_PIECES}, {BYTE_PAIRS} with {MERGES}, or "
        f"{_SENTENCE_PIECES}: {REMEDY}, or name another folder",
        path,
    )


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
    names = (_SENTENCE_PIECES, BYTE_PAIRS, WORD_PIECES, TOKENIZER_JSON)
    return any(os.path.exists(os.path.join(path, name)) for name in names)


def _load_tokenizer_json(folder: str) -> keras_nlp.models.Tokenizer:
    path = os.path.join(folder, TOKENIZER_JSON)
    model = read_settings(folder, TOKENIZER_JSON).get("model")
    kind = model.get("type") if isinstance(model, dict) else None
    if kind == "WordPiece":
        return load_word_pieces(folder)
    if kind == "BPE":
        return load_byte_pairs(folder)
    if kind is None:
        raise UserError(f"is no tokenizer's file: {REMEDY}", path)
    raise UserError(
        f"holds neither BERT's word pieces nor RoBERTa's byte pairs: put the model's "
        f"{WORD_PIECES}, {BYTE_PAIRS} and {MERGES}, or {_SENTENCE_PIECES} beside it",
        path,
    )


def _load_sentence_pieces(folder: str) -> keras_nlp.models.XLMRobertaTokenizer:
    path = os.path.join(folder, _SENTENCE_PIECES)
    added = read_added_tokens(folder, _XLM_SPECIAL_IDS, SPECIAL_TOKENS)
    if added:
        raise UserError(
            f"the added token {added[0].content!r} is not supported: only BERT's word "
            "pieces may have some",
            folder,
        )
    try:
        with open(path, "rb") as file:
            proto = file.read()
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", path) from error
    try:
        return keras_nlp.models.XLMRobertaTokenizer(proto)
    # The exceptions of TensorFlow and of sentencepiece have no common base.
    except Exception as error:
        raise UserError(f"is no SentencePiece model: {REMEDY}", path) from error
