"""BertTokenizer: BERT's vocabulary, with the settings of the text that it reads."""

import os
from collections.abc import Sequence

import keras
import keras_nlp
import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.files.errors import UserError, warn_once
from charbert_tf.text.added_token import AddedToken, added_tokens_from
from charbert_tf.text.added_token_tokenizer import AddedTokenTokenizer
from charbert_tf.text.bert_pretokenizer import BertPretokenizer
from charbert_tf.text.normalized_text import Normalization
from charbert_tf.text.subword_tokenizer import SubwordTokenizer
from charbert_tf.text.word_piece_subword_tokenizer import (
    CaseFoldingSubwordTokenizer,
    WordPieceSubwordTokenizer,
)
from charbert_tf.third_party_internals import (
    in_safe_mode,
    is_keras_preset,
    preset_loader,
)

CASE_FOLDING, CURRENT = 1, 2
"""The normaliser's versions: of presets that name none, and of new ones."""

_VOCABULARY_FILE = "vocabulary.txt"
# What tensorflow-text's WordPiece cannot look up: its own marks.
_RESERVED = frozenset("\0\x11")


@keras.saving.register_keras_serializable("charbert_tf")
class BertTokenizer(keras_nlp.models.BertTokenizer):
    """A BERT tokenizer whose ids are those of Hugging Face's, to the last character.

    keras-nlp's own folds compatibility characters ("…" becomes three full stops),
    parts words at a soft hyphen, and takes a word of more than 100 bytes for unknown.
    The preprocessors take either, and make one of these of it.

    Args:
        vocabulary: List of word pieces, or a file of them: an entry's id is its place.
            Entries that no text has, such as `""`, and the first of two equal ones
            only hold their places.
        lowercase: bool. Whether letters are lower-cased.
        strip_accents: bool. Whether accents are dropped. Defaults to `lowercase`.
        clean_text: bool. Whether control and format characters are dropped.
        tokenize_chinese_chars: bool. Whether an ideograph is a word by itself.
        max_characters_per_word: int. A longer word is unknown.
        added_tokens: Texts with an id of their own: `AddedToken`s, or their fields by
            name. Their ids go on where the vocabulary ends, or are places in it.
        normalizer_version: int. 2, or 1 for the text of presets that were made before
            the version was recorded, which have to keep it.
        **kwargs: Arguments of `keras_nlp.models.BertTokenizer`.

    Example:

    ```python
    tokenizer = charbert_tf.BertTokenizer(subwords, lowercase=True)
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer)
    ```
    """

    def __init__(
        self,
        vocabulary: str | os.PathLike[str] | Sequence[str] | None = None,
        lowercase: bool = False,
        strip_accents: bool | None = None,
        clean_text: bool = True,
        tokenize_chinese_chars: bool = True,
        max_characters_per_word: int = 100,
        added_tokens: Sequence[AddedToken | dict] = (),
        normalizer_version: int = CURRENT,
        **kwargs,
    ):
        if normalizer_version not in (CASE_FOLDING, CURRENT):
            raise ValueError(
                f"normalizer_version is {normalizer_version!r}, which this version of "
                "charbert_tf does not know: install a newer one."
            )
        self.clean_text = clean_text
        self.tokenize_chinese_chars = tokenize_chinese_chars
        self.max_characters_per_word = max_characters_per_word
        self.added_tokens = added_tokens_from(added_tokens)
        self.normalizer_version = normalizer_version
        super().__init__(
            vocabulary,
            lowercase=lowercase,
            strip_accents=lowercase if strip_accents is None else strip_accents,
            split_on_cjk=tokenize_chinese_chars,
            **kwargs,
        )

    @property
    def normalization(self) -> Normalization:
        """How text is changed before word pieces are looked up."""
        return Normalization(
            self.lowercase,
            self.strip_accents,
            self.clean_text,
            self.tokenize_chinese_chars,
        )

    def word_pieces(self) -> list[str]:
        """Returns the vocabulary as WordPiece can look it up.

        Returns:
            As many entries, each once; an entry that only holds its place is one that
            no word can be.
        """
        entries = self.get_vocabulary()
        last = {entry: id for id, entry in enumerate(entries)}
        last |= {t.content: None for t in self.added_tokens if not t.is_word_piece}
        return [
            entry
            if entry and not _RESERVED.intersection(entry) and last[entry] == id
            else f"[no entry {id}]"
            for id, entry in enumerate(entries)
        ]

    def subword_tokenizer(self) -> SubwordTokenizer:
        """Makes what the preprocessors use.

        Returns:
            The subword tokenizer of this vocabulary, these settings and this version.
        """
        if self.normalizer_version == CASE_FOLDING:
            return CaseFoldingSubwordTokenizer(self)
        tokenizer = WordPieceSubwordTokenizer(self)
        if not self.added_tokens:
            return tokenizer
        pretokenizer = BertPretokenizer(self.normalization)
        return AddedTokenTokenizer(tokenizer, self.added_tokens, pretokenizer)

    def tokenize(self, inputs: str | Sequence[str] | tf.Tensor) -> tf.Tensor:
        """Gives the ids that the preprocessors give, without special tokens.

        Args:
            inputs: A string, or `(N,)` of them.

        Returns:
            int ragged tensor `(N, subwords)`, or a tensor `(subwords,)` of one string.
        """
        texts = tf.convert_to_tensor(inputs, tf.string)
        rows = self.subword_tokenizer()(tf.reshape(texts, [-1])).token_ids
        return rows if texts.shape.rank else rows[0]

    def set_vocabulary(
        self, vocabulary: str | os.PathLike[str] | Sequence[str] | None
    ) -> None:
        """Takes a vocabulary, and puts added tokens behind it.

        Args:
            vocabulary: List of word pieces, or a file of them; `None` for none yet.

        Raises:
            ValueError: If Keras loads a model in safe mode, and it is a file.
        """
        if isinstance(vocabulary, str | os.PathLike):
            vocabulary = os.fspath(vocabulary)
            if not in_safe_mode():  # There keras-hub refuses files.
                vocabulary = _read_lines(vocabulary)
        if not isinstance(vocabulary, str | None) and self.added_tokens:
            vocabulary = list(vocabulary)
            for token in sorted(self.added_tokens, key=lambda token: token.id):
                missing = token.id + 1 - len(vocabulary)
                vocabulary += [""] * missing
                vocabulary[token.id] = token.content
        super().set_vocabulary(vocabulary)

    def load_assets(self, dir_path: str) -> None:
        """Reads the vocabulary of a preset.

        Args:
            dir_path: The folder that `save_assets` wrote it to.
        """
        path = os.path.join(dir_path, _VOCABULARY_FILE)
        self.set_vocabulary(_read_lines(path))

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "clean_text": self.clean_text,
            "tokenize_chinese_chars": self.tokenize_chinese_chars,
            "max_characters_per_word": self.max_characters_per_word,
            "added_tokens": [token._asdict() for token in self.added_tokens],
            "normalizer_version": self.normalizer_version,
        }

    @classmethod
    def from_preset(cls, preset: str, *args, **kwargs) -> "BertTokenizer":
        """Loads the tokenizer of a preset.

        Args:
            preset: A preset's folder or name.
            *args: Arguments of keras-nlp's `from_preset`.
            **kwargs: Likewise.

        Returns:
            The tokenizer.

        Raises:
            UserError: If it is another library's folder, of which keras-nlp would read
                the vocabulary and the lower-casing, and no other setting.
        """
        if not is_keras_preset(preset_loader(preset)):
            raise UserError(
                "is no preset: read a Hugging Face folder's tokenizer with "
                "charbert_tf.vocabularies.load_tokenizer, which knows all its settings",
                preset,
            )
        return super().from_preset(preset, *args, **kwargs)

    @classmethod
    def of(
        cls,
        tokenizer: keras_nlp.models.BertTokenizer,
        normalizer_version: int = CURRENT,
    ) -> "BertTokenizer":
        """Gives keras-nlp's tokenizer the text that BERT reads.

        Args:
            tokenizer: A tokenizer, with its vocabulary or without.
            normalizer_version: int. The version, unless it has one.

        Returns:
            A tokenizer of this class; the same if it is one.
        """
        if isinstance(tokenizer, cls):
            return tokenizer
        return cls(
            tokenizer.vocabulary,
            lowercase=tokenizer.lowercase,
            normalizer_version=normalizer_version,
            name=tokenizer.name,
        )

    @classmethod
    def as_saved(cls, tokenizer: keras_nlp.models.BertTokenizer) -> "BertTokenizer":
        """Gives a tokenizer that comes from a preset the text that it then had.

        Args:
            tokenizer: A tokenizer as the preset's configuration makes it.

        Returns:
            The same; of keras-nlp's class, which names no version of the normaliser,
            one of the first version, and a warning says so.
        """
        if not isinstance(tokenizer, cls):
            warn_once(
                "a preset names no normalizer_version: its text stays that of version "
                f"{CASE_FOLDING}, which differs from BERT's own in characters such as "
                "'…', '½' and soft hyphens; converting or training the model anew "
                "gives it BERT's"
            )
        return cls.of(tokenizer, CASE_FOLDING)

    @property
    def text_settings(self) -> list:
        """What decides its subwords beside vocabulary and case, for hashes.

        Of the first version, which has no more settings, there is nothing.
        """
        if self.normalizer_version == CASE_FOLDING:
            return []
        return [self.normalizer_version, self.normalization]

    def _set_vocabulary_tf(self):
        """Makes nothing yet: of keras-nlp's methods only `detokenize` needs it."""

    def _maybe_initialized_tf(self):
        if self._fast_word_piece is None:
            # Not in the graph that happens to ask first.
            with tf.init_scope():
                self._fast_word_piece = tf_text.FastWordpieceTokenizer(
                    vocab=self.word_pieces(),
                    token_out_type=self.compute_dtype,
                    unknown_token=self.oov_token,
                    no_pretokenization=True,
                    support_detokenization=True,
                )


def _read_lines(path: str) -> list[str]:
    # Not as keras-nlp does, which takes other white space for a line's end.
    with open(path, encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\r\n") for line in file]


def bert_subword_tokenizer(
    tokenizer: keras_nlp.models.BertTokenizer,
) -> SubwordTokenizer:
    """Makes the subword tokenizer of a BERT tokenizer, whoever's class it is of.

    Args:
        tokenizer: The tokenizer, with its vocabulary.

    Returns:
        As `BertTokenizer.subword_tokenizer` does.

    Example:

    ```python
    subword_tokenizer = bert_subword_tokenizer(classifier.preprocessor.tokenizer)
    ```
    """
    return BertTokenizer.of(tokenizer).subword_tokenizer()
