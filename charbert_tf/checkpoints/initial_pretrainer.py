"""InitialPretrainer: what pretraining begins with, all new or partly pretrained."""

from typing import NamedTuple

import keras

from charbert_tf.checkpoints.model_folder import load_encoder, reading_model_folder
from charbert_tf.encoders.bert_encoder import BertEncoder
from charbert_tf.errors import UserError
from charbert_tf.models.charbert_backbone import CharBertBackbone, plain_encoder
from charbert_tf.models.pretrainer import Pretrainer
from charbert_tf.preprocessing.pretrainer_preprocessor import PretrainerPreprocessor
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder


class InitialPretrainer(NamedTuple):
    """A pretrainer, and which of its weights are new.

    Attributes:
        pretrainer: The model, with its preprocessor attached.
        new_variables: Those of its variables that no file gave a value.
    """

    pretrainer: Pretrainer
    new_variables: list[keras.Variable]

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
            vocabularies: The vocabularies.
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
        characters = words = None
        if has_characters:
            characters, words = vocabularies.characters(), vocabularies.words()
            encoder = CharBertBackbone(
                encoder, len(characters), interaction=interaction
            )
        preprocessor = PretrainerPreprocessor(
            tokenizer, characters, words, **preprocessor_options
        )
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

        Args:
            folder: A preset, or a Hugging Face folder of a BERT, RoBERTa or XLM-R.
            vocabularies: Gives the characters and words, if the folder has none.
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
        encoder, tokenizer = load_encoder(
            folder, preprocessor_options.get("sequence_length", 0)
        )
        known = {id(variable) for variable in encoder.variables}
        was_charbert = isinstance(encoder, CharBertBackbone)
        characters = words = None
        if not has_characters:
            encoder = plain_encoder(encoder)
        elif was_charbert:
            characters, words = _vocabularies_of(folder, vocabularies)
        else:
            vocabularies = _required(vocabularies)
            characters, words = vocabularies.characters(), vocabularies.words()
            encoder = CharBertBackbone(
                encoder, len(characters), interaction=interaction
            )
        preprocessor = PretrainerPreprocessor(
            tokenizer, characters, words, **preprocessor_options
        )
        if was_charbert == has_characters and Pretrainer.is_saved_in(folder):
            # Pretrained here: its heads go on, too.
            with reading_model_folder(folder):
                return cls(
                    Pretrainer.from_preset(folder, preprocessor=preprocessor), []
                )
        pretrainer = Pretrainer(encoder, words and len(words), preprocessor)
        return cls(pretrainer, [v for v in pretrainer.variables if id(v) not in known])


def _vocabularies_of(
    folder: str, vocabularies: VocabularyFolder | None
) -> tuple[list[str], list[str]]:
    """The characters that a CharBERT was trained with, and its words if it has some."""
    with reading_model_folder(folder):
        preprocessor = PretrainerPreprocessor.from_preset(folder)
    return preprocessor.characters, preprocessor.words or _required(
        vocabularies
    ).words()


def _required(vocabularies: VocabularyFolder | None) -> VocabularyFolder:
    if vocabularies is None:
        raise UserError(
            "--vocabulary must be given too, for --init does not hold all of it: make "
            "one with official.build_vocabulary"
        )
    return vocabularies
