"""load_byte_pairs: RoBERTa's tokenizer as its folders keep it."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import keras_nlp

from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json
from charbert_tf.files.text_files import read_lines
from charbert_tf.text.added_token import AddedToken
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.vocabularies.tokenizer_files import TokenizerFiles
from charbert_tf.vocabularies.tokenizer_json import (
    check_special_tokens,
    kind_of_section,
    only_member,
)
from charbert_tf.vocabularies.tokenizer_settings import (
    REMEDY,
    TOKENIZER_CONFIG,
    TOKENIZER_JSON,
    boolean_setting,
    check_settings,
    describe_added_tokens,
    read_added_tokens,
    read_settings,
    read_tokenizer_config,
)
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary

BYTE_PAIRS = "vocab.json"
MERGES = "merges.txt"
SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
"""RoBERTa's, and XLM-RoBERTa's."""

_PREFIX_SPACE = "add_prefix_space"
_CONFIG = {
    "bos_token": ["<s>", None],
    "pad_token": ["<pad>", None],
    "eos_token": ["</s>", None],
    "unk_token": ["<unk>", None],
    "mask_token": ["<mask>", None],
    "cls_token": ["<s>", None],
    "sep_token": ["</s>", None],
}
_MODEL = {
    "dropout": [None, 0.0],
    "continuing_subword_prefix": [None, ""],
    "end_of_word_suffix": [None, ""],
    "byte_fallback": [False],
    "ignore_merges": [False],
}
# What keras-nlp takes if it is told nothing.
_UNSPLITTABLE = ("<s>", "</s>", "<pad>", "<mask>")
_TEMPLATES = ["<s> A </s>", "<s> A </s> </s> B </s>"]


def load_byte_pairs(folder: str) -> keras_nlp.models.RobertaTokenizer:
    """Loads the tokenizer of `tokenizer.json`, or of the older files.

    Args:
        folder: a folder with `tokenizer.json`, or `vocab.json` and `merges.txt`.

    Returns:
        The tokenizer.

    Raises:
        UserError: if a file is missing or damaged, or has a setting that is not
            supported.

    Example:
        ```python
        tokenizer = load_byte_pairs("roberta-base")
        ```
    """
    path = os.path.join(folder, TOKENIZER_CONFIG)
    config = read_tokenizer_config(folder, _CONFIG)
    if os.path.exists(os.path.join(folder, TOKENIZER_JSON)):
        vocabulary, merges, adds_space = _read_tokenizer_json(folder)
    else:
        vocabulary, merges = _read_files(folder)
        adds_space = boolean_setting(config, _PREFIX_SPACE, path)
    added = read_added_tokens(folder, vocabulary, SPECIAL_TOKENS)
    _check_added_tokens(added, folder)
    whole = {**vocabulary, **{token.content: token.id for token in added}}
    return keras_nlp.models.RobertaTokenizer(
        _checked_vocabulary(whole, folder),
        merges,
        add_prefix_space=bool(adds_space),
        unsplittable_tokens=[*_UNSPLITTABLE, *(token.content for token in added)]
        if added
        else None,
    )


def _check_added_tokens(added: Sequence[AddedToken], folder: str) -> None:
    """Refuses what a tokenizer of keras-nlp, which keeps the texts alone, cannot do."""
    first = [token.content for token in added if not token.normalized]
    for token in added:
        if token.single_word:
            raise UserError(
                f"the added token {token.content!r} has single_word, which is not "
                "supported beside byte pairs",
                folder,
            )
        inner = [text for text in first if text in token.content]
        if token.normalized and inner:
            raise UserError(
                f"the added token {token.content!r} is normalized and {inner[0]!r}, "
                "which is in it, is not: which goes first is not supported",
                folder,
            )


def _read_files(folder: str) -> tuple[dict[str, int], list[str]]:
    path = os.path.join(folder, BYTE_PAIRS)
    merges_path = os.path.join(folder, MERGES)
    if not os.path.exists(merges_path):
        raise UserError(f"{BYTE_PAIRS} needs {MERGES} beside it: {REMEDY}", folder)
    vocabulary = _checked_vocabulary(read_json(path, REMEDY), path)
    merges = [
        (number, line)
        for number, line in read_lines(merges_path)
        if line and not line.startswith("#version")
    ]
    return vocabulary, _checked_merges(merges, vocabulary, merges_path)


def _read_tokenizer_json(folder: str) -> tuple[dict[str, int], list[str], bool]:
    path = os.path.join(folder, TOKENIZER_JSON)
    content = read_settings(folder, TOKENIZER_JSON)
    try:
        model = content["model"]
        check_settings(model, _MODEL, path, "model")
        # Older files have each merge as one string.
        merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
        vocabulary = _checked_vocabulary(model["vocab"], path)
        splitter = only_member(content["pre_tokenizer"])
        for section, found, expected in (
            (
                "normalizer",
                kind_of_section(only_member(content.get("normalizer"))),
                "none",
            ),
            ("pre_tokenizer", kind_of_section(splitter), "ByteLevel"),
        ):
            if found != expected:
                raise UserError(
                    f"{section}: {found} is not supported, only {expected} is", path
                )
        check_special_tokens(
            content.get("post_processor"), _TEMPLATES, vocabulary, path
        )
        check_settings(splitter, {"use_regex": [True]}, path, "pre_tokenizer")
        adds_space = bool(splitter[_PREFIX_SPACE])
    except (LookupError, AttributeError, TypeError, ValueError) as error:
        raise UserError(f"is no tokenizer's file: {REMEDY}", path) from error
    merges = _checked_merges([(None, m) for m in merges], vocabulary, path)
    return vocabulary, merges, adds_space


def _checked_vocabulary(vocabulary: Any, path: str) -> dict[str, int]:
    if not isinstance(vocabulary, dict) or sorted(
        id for id in vocabulary.values() if type(id) is int
    ) != list(range(len(vocabulary))):
        raise UserError(
            f"must map subwords to ids from 0 on, each once: {REMEDY}", path
        )
    missing = [token for token in SPECIAL_TOKENS if token not in vocabulary]
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
                f"{merge!r} is no merge, two subwords with a space between: {REMEDY}",
                path,
                number,
            )
        if unknown:
            raise UserError(
                f"{', '.join(unknown)} is not in the vocabulary: {REMEDY}, for these "
                "are of two models",
                path,
                number,
            )
    return [merge for _, merge in merges]


class BytePairFiles(TokenizerFiles):
    """`vocab.json` with `merges.txt`, or `tokenizer.json`."""

    mark = BYTE_PAIRS
    names = f"{BYTE_PAIRS} with {MERGES}"
    entries = "RoBERTa's byte pairs"
    json_model, json_key = "BPE", "merges"
    transformers_class = "RobertaTokenizer"

    def load(self, folder: str) -> keras_nlp.models.RobertaTokenizer:
        """Loads the tokenizer; see the base class."""
        return load_byte_pairs(folder)

    def write(
        self, folder: str, tokenizer: keras_nlp.models.RobertaTokenizer
    ) -> dict[str, Any]:
        """Writes `vocab.json` and `merges.txt`; see the base class."""
        vocabulary = dict(tokenizer.vocabulary)
        added = getattr(make_subword_tokenizer(tokenizer), "added_tokens", ())
        with open(os.path.join(folder, BYTE_PAIRS), "w", encoding="utf-8") as file:
            json.dump(vocabulary, file, ensure_ascii=False)
        merges = ["#version: 0.2", *tokenizer.merges]
        write_vocabulary(os.path.join(folder, MERGES), merges)
        return {
            "tokenizer_class": self.transformers_class,
            _PREFIX_SPACE: tokenizer.add_prefix_space,
            **describe_added_tokens(added),
        }


BYTE_PAIR_FILES = BytePairFiles()
