"""A tokenizer's files, as transformers and `load_tokenizer` read them."""

import json
import os

import keras_nlp

from charbert_tf.files.errors import UserError
from charbert_tf.text.bert_tokenizer import BertTokenizer
from charbert_tf.vocabularies.vocabulary_file import write_vocabulary


def write_tokenizer(
    folder: str,
    tokenizer: keras_nlp.models.Tokenizer,
    sequence_length: int,
    tokenizer_class: str | None = None,
) -> None:
    """Writes a tokenizer into a folder that exists.

    Args:
        folder: The folder.
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
    write = [write for cls, write in _WRITERS.items() if isinstance(tokenizer, cls)]
    if not write:
        raise UserError(f"a {type(tokenizer).__name__} cannot be saved for others")
    config = write[0](folder, tokenizer) | {"model_max_length": sequence_length}
    if tokenizer_class is not None:
        config["tokenizer_class"] = tokenizer_class
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
        json.dump(config, file, indent=2)


def _write_word_pieces(folder, tokenizer) -> dict:
    tokenizer = BertTokenizer.of(tokenizer)
    entries, added = tokenizer.get_vocabulary(), tokenizer.added_tokens
    behind = {token.id for token in added if not token.is_word_piece}
    while len(entries) - 1 in behind:
        entries = entries[:-1]
    write_vocabulary(os.path.join(folder, "vocab.txt"), entries)
    normalization = tokenizer.normalization
    config = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": normalization.lowercase,
        "strip_accents": normalization.strip_accents,
        "tokenize_chinese_chars": normalization.tokenize_chinese_chars,
    }
    if added:
        config["added_tokens_decoder"] = {
            str(token.id): {
                "content": token.content,
                "lstrip": False,
                "normalized": token.normalized,
                "rstrip": False,
                "single_word": token.single_word,
                "special": False,
            }
            for token in added
        }
    return config


def _write_byte_pairs(folder, tokenizer) -> dict:
    with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as file:
        json.dump(dict(tokenizer.vocabulary), file, ensure_ascii=False)
    merges = ["#version: 0.2", *tokenizer.merges]
    write_vocabulary(os.path.join(folder, "merges.txt"), merges)
    return {
        "tokenizer_class": "RobertaTokenizer",
        "add_prefix_space": tokenizer.add_prefix_space,
    }


def _write_sentence_pieces(folder, tokenizer) -> dict:
    with open(os.path.join(folder, "sentencepiece.bpe.model"), "wb") as file:
        file.write(tokenizer.proto)
    return {"tokenizer_class": "XLMRobertaTokenizer"}


_WRITERS = {
    keras_nlp.models.BertTokenizer: _write_word_pieces,
    keras_nlp.models.RobertaTokenizer: _write_byte_pairs,
    keras_nlp.models.XLMRobertaTokenizer: _write_sentence_pieces,
}
