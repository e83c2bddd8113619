"""XLM-RoBERTa's tokenizer as its folders keep it."""

import os
from typing import Any

import keras_nlp

from charbert_tf.files.errors import UserError
from charbert_tf.vocabularies.byte_pair_files import SPECIAL_TOKENS
from charbert_tf.vocabularies.tokenizer_files import TokenizerFiles
from charbert_tf.vocabularies.tokenizer_settings import REMEDY, read_added_tokens

_SENTENCE_PIECES = "sentencepiece.bpe.model"
_SPECIAL_IDS = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}


class SentencePieceFiles(TokenizerFiles):
    """`sentencepiece.bpe.model`, a file of the SentencePiece library."""

    mark = names = _SENTENCE_PIECES
    entries = "XLM-RoBERTa's sentence pieces"
    transformers_class = "XLMRobertaTokenizer"
    not_compared = "SentencePiece reads its own model"

    def load(self, folder: str) -> keras_nlp.models.XLMRobertaTokenizer:
        """Loads the tokenizer; see the base class."""
        path = os.path.join(folder, _SENTENCE_PIECES)
        added = read_added_tokens(folder, _SPECIAL_IDS, SPECIAL_TOKENS)
        if added:
            raise UserError(
                f"the added token {added[0].content!r} is not supported: sentence "
                "pieces may have none",
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

    def write(
        self, folder: str, tokenizer: keras_nlp.models.XLMRobertaTokenizer
    ) -> dict[str, Any]:
        """Writes the model; see the base class."""
        with open(os.path.join(folder, _SENTENCE_PIECES), "wb") as file:
            file.write(tokenizer.proto)
        return {"tokenizer_class": self.transformers_class}


SENTENCE_PIECE_FILES = SentencePieceFiles()
