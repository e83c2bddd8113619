"""InitialPretrainer: what pretraining begins with, all new or partly pretrained."""

from typing import Any, NamedTuple

import keras
import keras_nlp

from charbert_tf.checkpoints.huggingface import load_huggingface
from charbert_tf.encoders.bert.bert_encoder import BertEncoder
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.files.errors import UserError
from charbert_tf.models.charbert_backbone import (
    CharBertBackbone,
    is_charbert,
    plain_encoder,
)
from charbert_tf.models.model_folder import (
    check_encoder,
    load_model_tokenizer,
    reading_model_folder,
)
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.models.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder


class InitialPretrainer(NamedTuple):
    """A pretrainer, and which of its weights are new.

    Attributes:
        pretrainer: The model, with its preprocessor attached.
        new_variables: Those of its variables that no file gave a value.
        was_charbert: bool. Whether the folder that it comes from holds a CharBERT.
    """

    pretrainer: Pretrainer
    new_variables: list[keras.Variable]
    was_charbert: bool = False

    @classmethod
    def from_scratch(
        cls,
        vocabularies: VocabularyFolder,
        has_characters: bool = True,
        interaction: str = "paper",
        encoder_options: dict | None = None,
        **preprocessor_options,
    ) -> "InitialPretrainer":
        """Makes one with random weights.

        Args:
            vocabularies: The vocabularies. A plain BERT's text is noised as that of a
                CharBERT that has them.
            has_characters: bool. Whether it is a CharBERT or a plain BERT.
            interaction: Form of CharBERT's fusion layer.
            encoder_options: Sizes: arguments of `BertEncoder`.
            **preprocessor_options: Arguments of `PretrainerPreprocessor`.

        Returns:
            The pretrainer, of which every weight is new.

        Example:

        ```python
        initial = InitialPretrainer.from_scratch(
            VocabularyFolder("vocabulary"),
            encoder_options=dict(
                num_layers=2, num_heads=4, hidden_dim=128, intermediate_dim=512
            ),
        )
        ```
        """
        tokenizer = vocabularies.tokenizer()
        encoder = BertEncoder(
            vocabulary_size=tokenizer.vocabulary_size(), **encoder_options or {}
        )
        if has_characters:
            options = _listed(vocabularies)
            encoder = CharBertBackbone(
                encoder, len(options["characters"]), interaction=interaction
            )
        else:
            options = _noise_options(tokenizer, vocabularies)
        preprocessor = PretrainerPreprocessor(
            tokenizer, **options, **preprocessor_options
        )
        words = preprocessor.words
        pretrainer = Pretrainer(encoder, words and len(words), preprocessor)
        return cls(pretrainer, pretrainer.variables)

    @classmethod
    def from_folder(
        cls,
        folder: str,
        vocabularies: VocabularyFolder | None = None,
        has_characters: bool = True,
        interaction: str = "paper",
        **preprocessor_options,
    ) -> "InitialPretrainer":
        """Makes one around a pretrained encoder, or goes on with a whole pretrainer.

        The folder's masked language model goes on in either case, if it has one.

        Args:
            folder: A preset, or a Hugging Face folder of one of the kinds of
                `ENCODERS`.
            vocabularies: Gives the characters and words, if the folder has none; a
                plain BERT's text is noised as that of a CharBERT that has them.
            has_characters: bool. Whether it is to be a CharBERT; a plain BERT is taken
                out of one, or given a character channel.
            interaction: Form of the fusion layer, if the folder has none.
            **preprocessor_options: Arguments of `PretrainerPreprocessor`.

        Returns:
            The pretrainer, and which of its weights the folder does not hold.

        Raises:
            UserError: If the folder cannot be read, its encoder does not take such
                long sequences, or vocabularies are missing.

        Example:

        ```python
        initial = InitialPretrainer.from_folder(
            "bert-base-cased", VocabularyFolder("vocabulary"), sequence_length=384
        )
        ```
        """
        encoder, loaded = _load(folder)
        tokenizer = load_model_tokenizer(folder)
        length = preprocessor_options.get("sequence_length", 0)
        check_encoder(encoder, tokenizer, folder, length)
        known = list(encoder.variables)
        was_charbert = is_charbert(encoder)
        if not has_characters:
            encoder = plain_encoder(encoder)
            options = _noise_options(tokenizer, vocabularies, folder)
        elif was_charbert:
            options = _listed_in(folder, vocabularies)
        else:
            options = _listed(_required(vocabularies))
            encoder = CharBertBackbone(
                encoder, len(options["characters"]), interaction=interaction
            )
        preprocessor = PretrainerPreprocessor(
            tokenizer, **options, **preprocessor_options
        )
        if loaded is not None and was_charbert == has_characters:
            loaded.preprocessor = preprocessor
            return cls(loaded, [], was_charbert)
        words = preprocessor.words
        pretrainer = Pretrainer(encoder, words and len(words), preprocessor)
        if loaded is not None:
            pretrainer.mlm_head.set_weights(loaded.mlm_head.get_weights())
            known += pretrainer.mlm_head.variables
        known_ids = set(map(id, known))
        new = [v for v in pretrainer.variables if id(v) not in known_ids]
        return cls(pretrainer, new, was_charbert)


def _load(folder: str) -> tuple[keras_nlp.models.Backbone, Pretrainer | None]:
    """The encoder of a folder, and what it is in if there is a language model."""
    with reading_model_folder(folder):
        if HuggingFaceFolder.is_one(folder):
            return load_huggingface(folder)[:2]
        if Pretrainer.is_saved_in(folder):
            pretrainer = Pretrainer.from_preset(folder)
            return pretrainer.backbone, pretrainer
        return keras_nlp.models.Backbone.from_preset(folder), None


def _listed(vocabularies: VocabularyFolder) -> dict[str, Any]:
    """Arguments of a CharBERT's preprocessor."""
    return {
        "characters": vocabularies.characters(),
        "words": vocabularies.words(),
    }


def _listed_in(folder: str, vocabularies: VocabularyFolder | None) -> dict[str, Any]:
    """Those that a CharBERT was trained with, its words if it has some."""
    saved = _saved_preprocessor(folder)
    if saved.words is None:
        words = _required(vocabularies).words()
        return {"characters": saved.characters, "words": words}
    return {
        "characters": saved.characters,
        "words": saved.words,
        "word_splitting": saved.word_splitting,
        "abbreviations": saved.abbreviations,
    }


def _noise_options(
    tokenizer: keras_nlp.models.Tokenizer,
    vocabularies: VocabularyFolder | None,
    folder: str | None = None,
) -> dict[str, Any]:
    """Arguments of a plain BERT's preprocessor, which noises as a CharBERT's does."""
    if vocabularies is not None and vocabularies.has_characters():
        characters, words = vocabularies.characters(), None
        if vocabularies.has_words():
            words = vocabularies.words()
        return PretrainerPreprocessor(tokenizer, characters, words).noise_options()
    if folder is None or HuggingFaceFolder.is_one(folder):
        return {}
    return _saved_preprocessor(folder).noise_options()


def _saved_preprocessor(folder: str) -> PretrainerPreprocessor:
    with reading_model_folder(folder):
        return PretrainerPreprocessor.from_preset(folder)


def _required(vocabularies: VocabularyFolder | None) -> VocabularyFolder:
    if vocabularies is None:
        raise UserError(
            "--vocabulary must be given too, for --init does not hold all of it: make "
            "one with official.build_vocabulary"
        )
    return vocabularies
