"""load_tokenizer: the tokenizer of a folder, whatever files it is kept in."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import keras_nlp

from charbert_tf.files.errors import UserError
from charbert_tf.files.text_files import read_lines
from charbert_tf.text.bert_tokenizer import BertTokenizer
from charbert_tf.vocabularies.word_piece_vocabulary import (
    SPECIAL_TOKENS,
    read_word_piece_vocabulary,
)

_WORD_PIECES = "vocab.txt"
_BYTE_PAIRS = "vocab.json"
_MERGES = "merges.txt"
_SENTENCE_PIECES = "sentencepiece.bpe.model"
# The name and the keys under which Hugging Face folders say it.
_TOKENIZER_CONFIG = "tokenizer_config.json"
_LOWERCASE = "do_lower_case"
_PREFIX_SPACE = "add_prefix_space"
# What transformers writes nowadays, often without the files above.
_FAST_TOKENIZER = "tokenizer.json"

_BYTE_PAIR_SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_REMEDY = "fetch the model's files again"


def load_tokenizer(path: str | os.PathLike[str]) -> keras_nlp.models.Tokenizer:
    """Loads the tokenizer of a BERT, RoBERTa or XLM-RoBERTa folder.

    The files tell the kind: `sentencepiece.bpe.model` is an XLM-RoBERTa's,
    `vocab.json` with `merges.txt` a RoBERTa's, `vocab.txt` a BERT's; with none of
    them, `tokenizer.json` is read, if it holds one of the last two kinds. Whether a
    BERT lower-cases says `tokenizer_config.json`; without it a BERT does if none of
    its word pieces has an upper-case letter.

    Args:
        path: a folder, such as a Hugging Face model or an authors' released one.

    Returns:
        A `BertTokenizer`, or keras-nlp's `RobertaTokenizer` or
        `XLMRobertaTokenizer`.

    Raises:
        UserError: if files are missing or damaged.

    Example:
        ```python
        tokenizer = load_tokenizer("roberta-base")
        ```
    """
    for name, load in (
        (_SENTENCE_PIECES, _load_sentence_pieces),
        (_BYTE_PAIRS, _load_byte_pairs),
        (_WORD_PIECES, _load_word_pieces),
        (_FAST_TOKENIZER, _load_fast_tokenizer),
    ):
        if os.path.exists(os.path.join(path, name)):
            return load(os.fspath(path))
    raise UserError(
        f"holds no tokenizer, that is {_WORD_PIECES}, {_BYTE_PAIRS} with {_MERGES}, or "
        f"{_SENTENCE_PIECES}: {_REMEDY}, or name another folder",
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
    names = (_SENTENCE_PIECES, _BYTE_PAIRS, _WORD_PIECES, _FAST_TOKENIZER)
    return any(os.path.exists(os.path.join(path, name)) for name in names)


def _load_sentence_pieces(folder: str) -> keras_nlp.models.XLMRobertaTokenizer:
    path = os.path.join(folder, _SENTENCE_PIECES)
    try:
        with open(path, "rb") as file:
            proto = file.read()
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", path) from error
    try:
        return keras_nlp.models.XLMRobertaTokenizer(proto)
    # The exceptions of TensorFlow and of sentencepiece have no common base.
    except Exception as error:
        raise UserError(f"is no SentencePiece model: {_REMEDY}", path) from error


def _load_byte_pairs(folder: str) -> keras_nlp.models.RobertaTokenizer:
    path = os.path.join(folder, _BYTE_PAIRS)
    merges_path = os.path.join(folder, _MERGES)
    if not os.path.exists(merges_path):
        raise UserError(f"{_BYTE_PAIRS} needs {_MERGES} beside it: {_REMEDY}", folder)
    vocabulary = _read_json(path)
    merges = [
        (number, line)
        for number, line in read_lines(merges_path)
        if line and not line.startswith("#version")
    ]
    return _byte_pair_tokenizer(
        _checked_byte_pairs(vocabulary, path),
        _checked_merges(merges, vocabulary, merges_path),
        _config(folder),
    )


def _byte_pair_tokenizer(vocabulary, merges, config):
    return keras_nlp.models.RobertaTokenizer(
        vocabulary, merges, add_prefix_space=bool(config.get(_PREFIX_SPACE))
    )


def _checked_byte_pairs(vocabulary: Any, path: str) -> dict[str, int]:
    if not isinstance(vocabulary, dict) or sorted(
        id for id in vocabulary.values() if type(id) is int
    ) != list(range(len(vocabulary))):
        raise UserError(
            f"must map subwords to ids from 0 on, each once: {_REMEDY}", path
        )
    missing = [token for token in _BYTE_PAIR_SPECIAL_TOKENS if token not in vocabulary]
    if missing:
        raise UserError(
            f"the vocabulary lacks {', '.join(missing)}: use one made for a RoBERTa",
            path,
        )
    return vocabulary


def _checked_merges(
    merges: Sequence[tuple[int | None, str]], vocabulary: Mapping[str, int], path: str
) -> list[str]:
    for number, merge in merges:
        parts = merge.split(" ")
        unknown = [
            repr(token) for token in (*parts, "".join(parts)) if token not in vocabulary
        ]
        if len(parts) != 2 or not all(parts):
            raise UserError(
                f"{merge!r} is no merge, two subwords with a space between: {_REMEDY}",
                path,
                number,
            )
        if unknown:
            raise UserError(
                f"{', '.join(unknown)} is not in the vocabulary: {_REMEDY}, for these "
                "are of two models",
                path,
                number,
            )
    return [merge for _, merge in merges]


def _load_word_pieces(folder: str) -> BertTokenizer:
    word_pieces = read_word_piece_vocabulary(os.path.join(folder, _WORD_PIECES))
    lowercase = _config(folder).get(_LOWERCASE)
    if not isinstance(lowercase, bool):
        lowercase = not any(map(_has_upper_case, word_pieces))
    return BertTokenizer(word_pieces, lowercase=lowercase)


def _has_upper_case(word_piece: str) -> bool:
    is_special = word_piece.startswith("[") and word_piece.endswith("]")
    return not is_special and word_piece != word_piece.lower()


def _load_fast_tokenizer(folder: str) -> keras_nlp.models.Tokenizer:
    path = os.path.join(folder, _FAST_TOKENIZER)
    content = _read_json(path)
    try:
        model = content["model"]
        kind, vocabulary = model["type"], model["vocab"]
        if kind == "WordPiece":
            entries = sorted(vocabulary, key=vocabulary.get)
            missing = [token for token in SPECIAL_TOKENS if token not in vocabulary]
            if not missing:
                return BertTokenizer(
                    entries, lowercase=bool(content["normalizer"]["lowercase"])
                )
        if kind == "BPE" and "ByteLevel" in json.dumps(content["pre_tokenizer"]):
            # Older files have each merge as one string.
            merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
            return _byte_pair_tokenizer(
                _checked_byte_pairs(vocabulary, path),
                _checked_merges([(None, m) for m in merges], vocabulary, path),
                content["pre_tokenizer"],
            )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"is no tokenizer's file: {_REMEDY}", path) from error
    raise UserError(
        f"holds neither BERT's word pieces nor RoBERTa's byte pairs: put the model's "
        f"{_WORD_PIECES}, {_BYTE_PAIRS} and {_MERGES}, or {_SENTENCE_PIECES} beside it",
        path,
    )


def _config(folder: str) -> dict:
    path = os.path.join(folder, _TOKENIZER_CONFIG)
    if not os.path.exists(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            return dict(json.load(file))
    except (OSError, TypeError, ValueError) as error:
        raise UserError(
            f'cannot be read: write {{"{_LOWERCASE}": true}} or false into it, or '
            "remove it",
            path,
        ) from error


def _read_json(path: str) -> Any:
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be read as JSON ({error}): {_REMEDY}", path) from error
