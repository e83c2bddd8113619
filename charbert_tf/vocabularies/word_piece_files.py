"""load_word_pieces: BERT's tokenizer as its folders keep it."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras_nlp

from charbert_tf.files.errors import UserError, warn_once
from charbert_tf.text.bert_tokenizer import CASE_FOLDING, CURRENT, BertTokenizer
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
from charbert_tf.vocabularies.word_piece_vocabulary import (
    SPECIAL_TOKENS,
    read_word_piece_vocabulary,
)

WORD_PIECES = "vocab.txt"

_LOWERCASE = "do_lower_case"
_STRIP_ACCENTS = "strip_accents"
_CHINESE = "tokenize_chinese_chars"
# What no file of Hugging Face's says without a tokenizer.json: arguments of
# BertTokenizer, in tokenizer_config.json under a name of their own.
_OWN = "charbert_tf"
_MOST_CHARACTERS, _CLEAN, _VERSION = (
    *("max_characters_per_word", "clean_text", "normalizer_version"),
)
# What would make another text of it, by the files' names of it.
_CONFIG = {
    "do_basic_tokenize": [True, None],
    "never_split": [None, []],
    "wordpieces_prefix": ["##", None],
    "word_tokenizer_type": ["basic", None],
    "subword_tokenizer_type": ["wordpiece", None],
    **{
        name: [token, None]
        for name, token in zip(
            ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"),
            SPECIAL_TOKENS,
            strict=True,
        )
    },
}
_OTHER_CLASSES = (
    *("BertJapaneseTokenizer", "BertGenerationTokenizer", "BertweetTokenizer"),
    *("HerbertTokenizer", "MPNetTokenizer", "PhobertTokenizer", "RoFormerTokenizer"),
)
_MODEL = {"unk_token": ["[UNK]"], "continuing_subword_prefix": ["##"]}
_NONE_OF_THEM = dict.fromkeys(
    ("lowercase", _STRIP_ACCENTS, "handle_chinese_chars", "clean_text"), False
)
_TEMPLATES = ["[CLS] A [SEP]", "[CLS] A [SEP] B:1 [SEP]:1"]


def load_word_pieces(folder: str) -> BertTokenizer:
    """Loads the tokenizer of `tokenizer.json`, or of `vocab.txt` and its settings.

    Args:
        folder: a folder with one of these files.

    Returns:
        The tokenizer.

    Raises:
        UserError: if a file is damaged, or has a setting that is not supported.

    Example:
        ```python
        tokenizer = load_word_pieces("bert-base-cased")
        ```
    """
    config = _checked_config(folder)
    if os.path.exists(os.path.join(folder, TOKENIZER_JSON)):
        entries, settings = _read_tokenizer_json(folder, config)
    else:
        entries = read_word_piece_vocabulary(os.path.join(folder, WORD_PIECES))
        settings = _settings(folder, config, entries)
    ids = {entry: id for id, entry in enumerate(entries)}
    added = read_added_tokens(folder, ids, SPECIAL_TOKENS)
    # Empty lines at the end hold no place for others: the model may have no rows.
    while not entries[-1]:
        entries = entries[:-1]
    return BertTokenizer(entries, added_tokens=added, **settings)


def _checked_config(folder: str) -> dict[str, Any]:
    path = os.path.join(folder, TOKENIZER_CONFIG)
    config = read_tokenizer_config(folder, _CONFIG)
    cls = str(config.get("tokenizer_class")).removesuffix("Fast")
    if cls in _OTHER_CLASSES:
        raise UserError(f"tokenizer_class is {cls!r}, which is not supported", path)
    for name in (_LOWERCASE, _STRIP_ACCENTS, _CHINESE):
        boolean_setting(config, name, path)
    return config


def _settings(folder: str, config: Mapping, entries: Sequence[str]) -> dict[str, Any]:
    lowercase = config.get(_LOWERCASE)
    if lowercase is None:
        lowercase = _guess_lowercase(entries, os.path.join(folder, WORD_PIECES))
    is_alone = config.get(_CHINESE)
    return {
        "lowercase": lowercase,
        "strip_accents": config.get(_STRIP_ACCENTS),
        "tokenize_chinese_chars": True if is_alone is None else is_alone,
        **_own_settings(config, os.path.join(folder, TOKENIZER_CONFIG)),
    }


def _own_settings(config: Mapping, path: str) -> dict[str, Any]:
    settings = config.get(_OWN, {})
    if not isinstance(settings, dict) or settings.keys() - {
        *(_MOST_CHARACTERS, _CLEAN, _VERSION)
    }:
        raise UserError(f"{_OWN} is {settings!r}, which is not supported", path)
    check_settings(
        settings, {_CLEAN: [True, False], _VERSION: [CASE_FOLDING, CURRENT]}, path, _OWN
    )
    longest = settings.get(_MOST_CHARACTERS, 1)
    if type(longest) is not int or longest < 1:
        raise UserError(
            f"{_OWN}: {_MOST_CHARACTERS} is {longest!r}, and must be a whole number "
            "above 0",
            path,
        )
    return settings


def write_word_pieces(folder: str, tokenizer: keras_nlp.models.BertTokenizer) -> None:
    """Writes a tokenizer with all that decides its text, for `load_word_pieces`.

    Args:
        folder: A folder that exists.
        tokenizer: The tokenizer.

    Example:

    ```python
    write_word_pieces("vocabulary", classifier.preprocessor.tokenizer)
    ```
    """
    config = WORD_PIECE_FILES.write(folder, tokenizer)
    tokenizer = BertTokenizer.of(tokenizer)
    config[_OWN] = {
        name: getattr(tokenizer, name) for name in (_MOST_CHARACTERS, _CLEAN, _VERSION)
    }
    with open(os.path.join(folder, TOKENIZER_CONFIG), "w") as file:
        json.dump(config, file, indent=2)


def _guess_lowercase(entries: Sequence[str], path: str) -> bool:
    capitals = [entry for entry in entries if _has_upper_case(entry)]
    taken, why = "lower-cased", "no entry has a capital letter"
    if capitals:
        taken, why = "cased", f"{capitals[0]!r} has a capital letter"
    warn_once(
        f"says nothing of its case, and is taken for {taken}, because {why}: to say "
        f'so, or the opposite, write {{"{_LOWERCASE}": true}} or false into '
        f"{TOKENIZER_CONFIG} beside it",
        path,
    )
    return not capitals


def _has_upper_case(entry: str) -> bool:
    # Such as [unused1], <S> and {T}: no text has them.
    is_marked_up = re.fullmatch(r"(##)?[\[<{(].+[\]>})]", entry)
    return not is_marked_up and entry != entry.lower()


def _read_tokenizer_json(
    folder: str, config: Mapping[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    path = os.path.join(folder, TOKENIZER_JSON)
    content = read_settings(folder, TOKENIZER_JSON)
    try:
        model = content["model"]
        check_settings(model, _MODEL, path, "model")
        entries = _entries(model["vocab"], content.get("added_tokens") or [])
        longest = int(model.get("max_input_chars_per_word", 100))
        _check_pretokenizer(content.get("pre_tokenizer"), path)
        ids = {entry: id for id, entry in enumerate(entries)}
        missing = [token for token in SPECIAL_TOKENS if token not in ids]
        if missing:
            raise UserError(
                f"the vocabulary lacks {', '.join(missing)}: use one made for a BERT",
                path,
            )
        check_special_tokens(content.get("post_processor"), _TEMPLATES, ids, path)
        settings = _normalizer_settings(content.get("normalizer"), path)
    except (LookupError, AttributeError, TypeError, ValueError) as error:
        raise UserError(f"is no tokenizer's file: {REMEDY}", path) from error
    _tell_of_differences(settings, config, path)
    return entries, {**settings, "max_characters_per_word": longest}


def _entries(vocabulary: Mapping[str, int], added_tokens: Sequence[dict]) -> list[str]:
    """The entries by id, with the model's own special tokens, wherever they stand."""
    ids = {token["content"]: token["id"] for token in added_tokens}
    ids = {t: ids[t] for t in SPECIAL_TOKENS if t in ids} | dict(vocabulary)
    if len(set(vocabulary.values())) < len(vocabulary):
        raise ValueError("Two entries have one id.")
    entries = [""] * (1 + max(ids.values()))
    for entry, id in ids.items():
        entries[id] = entry
    return entries


def _normalizer_settings(normalizer: Mapping | None, path: str) -> dict[str, Any]:
    normalizer = only_member(normalizer)
    kind = kind_of_section(normalizer)
    if kind == "BertNormalizer":
        # Only what may be null may be left out.
        found = {_STRIP_ACCENTS: None, **normalizer}
    elif kind in ("none", "Lowercase"):
        found = _NONE_OF_THEM | {"lowercase": normalizer is not None}
    else:
        raise UserError(
            f"normalizer: {kind} is not supported, only BertNormalizer, Lowercase or "
            "none is",
            path,
        )
    for name in _NONE_OF_THEM:
        if boolean_setting(found, name, path) is None and name != _STRIP_ACCENTS:
            raise UserError(f"normalizer: lacks {name}: {REMEDY}", path)
    return {
        "lowercase": found["lowercase"],
        "strip_accents": found[_STRIP_ACCENTS],
        "tokenize_chinese_chars": found["handle_chinese_chars"],
        "clean_text": found["clean_text"],
    }


def _check_pretokenizer(pretokenizer: Mapping | None, path: str) -> None:
    kind = kind_of_section(only_member(pretokenizer))
    if kind != "BertPreTokenizer":
        raise UserError(
            f"pre_tokenizer: {kind} is not supported, only BertPreTokenizer is", path
        )


def _tell_of_differences(settings: Mapping, config: Mapping, path: str) -> None:
    for name, of_config in (
        ("lowercase", _LOWERCASE),
        ("strip_accents", _STRIP_ACCENTS),
        ("tokenize_chinese_chars", _CHINESE),
    ):
        other = config.get(of_config)
        if other is not None and other != settings[name]:
            warn_once(
                f"{name} is {settings[name]!r}, which is taken, although "
                f"{TOKENIZER_CONFIG} has {of_config}={other!r}",
                path,
            )


class WordPieceFiles(TokenizerFiles):
    """`vocab.txt` with the settings of `tokenizer_config.json`, or `tokenizer.json`."""

    mark = names = WORD_PIECES
    entries = "BERT's word pieces"
    json_model, json_key = "WordPiece", "max_input_chars_per_word"
    transformers_class = "BertTokenizer"

    def load(self, folder: str) -> BertTokenizer:
        """Loads the tokenizer; see the base class."""
        return load_word_pieces(folder)

    def write(
        self, folder: str, tokenizer: keras_nlp.models.BertTokenizer
    ) -> dict[str, Any]:
        """Writes `vocab.txt`; see the base class."""
        tokenizer = BertTokenizer.of(tokenizer)
        entries, added = tokenizer.get_vocabulary(), tokenizer.added_tokens
        behind = {token.id for token in added if not token.is_word_piece}
        while len(entries) - 1 in behind:
            entries = entries[:-1]
        write_vocabulary(os.path.join(folder, WORD_PIECES), entries)
        normalization = tokenizer.normalization
        return {
            "tokenizer_class": self.transformers_class,
            _LOWERCASE: normalization.lowercase,
            _STRIP_ACCENTS: normalization.strip_accents,
            _CHINESE: normalization.tokenize_chinese_chars,
            **describe_added_tokens(added),
        }

    def transformers_options(
        self, folder: str, tokenizer: keras_nlp.models.BertTokenizer
    ) -> dict[str, Any]:
        """Returns whether it lower-cases, where nothing tells; see the base class."""
        if read_settings(folder).get(_LOWERCASE) is not None:
            return {}
        return {_LOWERCASE: tokenizer.lowercase}


WORD_PIECE_FILES = WordPieceFiles()
