"""CharBertPreprocessor: what the preprocessors of all tasks have in common."""

import json
import os
from collections.abc import Sequence

import keras
import keras_nlp
import tensorflow as tf
from keras_hub.src.utils.preset_utils import get_preset_loader

from charbert_tf.preprocessing.char_aligner import CHARACTERS_PER_TOKEN, CharAligner
from charbert_tf.preprocessing.sequence_packer import SequencePacker
from charbert_tf.preprocessing.subword_tokenizer import Subwords, SubwordTokenizer


class CharBertPreprocessor(keras_nlp.models.Preprocessor):
    """Turns strings into a model's features, in the graph.

    The base of the tasks' preprocessors, which add what is special: pairs of texts,
    words with tags, noise and masks.

    Args:
        tokenizer: A `keras_nlp.models.BertTokenizer`.
        characters: The character vocabulary, a space (the separator) first and
            `<unk>` last; `None` for the features of a plain encoder, which has no
            characters.
        sequence_length: int. The most tokens of a sequence. Defaults to 128.
        static_shapes: bool. Whether to pad every batch to `sequence_length` tokens and
            six times as many characters, as XLA likes it and as the authors' code
            does, instead of its own longest example.
        **kwargs: Other layer arguments, such as `name`.

    The features are int32: `token_ids`, `segment_ids`, `padding_mask` `(B, T)`, and
    with characters `char_ids` `(B, C)`, `char_starts`, `char_ends` `(B, T)`.
    """

    def __init__(
        self,
        tokenizer: keras_nlp.models.BertTokenizer,
        characters: Sequence[str] | None = None,
        sequence_length: int = 128,
        static_shapes: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        # keras-nlp would take a lone tuple for (x, y); here it is a pair of texts.
        self._call_accepts_labels = False
        self.tokenizer = tokenizer
        self.characters = None if characters is None else list(characters)
        self.sequence_length = sequence_length
        self.static_shapes = static_shapes
        if tokenizer.vocabulary is not None:
            self._set_up()

    def _set_up(self) -> None:
        """Makes what needs the vocabulary, which a preset brings after `__init__`."""
        self.subword_tokenizer = SubwordTokenizer(self.tokenizer)
        self.packer = SequencePacker(self.sequence_length, self.static_shapes)
        self.char_aligner = None
        if self.characters is not None:
            width = CHARACTERS_PER_TOKEN * self.sequence_length
            self.char_aligner = CharAligner(
                self.characters, width if self.static_shapes else None
            )

    def build(self, input_shape=None) -> None:
        """Does nothing: there are no weights.

        Args:
            input_shape: Unused.
        """
        self.built = True

    def load_preset_assets(self, preset: str) -> None:
        """Loads the tokenizer's vocabulary.

        Args:
            preset: The preset's folder.
        """
        super().load_preset_assets(preset)
        self._set_up()

    def features(self, segments: Sequence[Subwords]) -> dict[str, tf.Tensor]:
        """Packs one or two segments and aligns their characters.

        Args:
            segments: The subwords of each segment, `(B, subwords)`.

        Returns:
            The features.
        """
        token_ids = [segment.token_ids for segment in segments]
        tokenizer = self.tokenizer
        separators = [tokenizer.sep_token_id] * len(segments)
        packed_ids = self.packer.pack(
            token_ids, tokenizer.cls_token_id, separators, tokenizer.pad_token_id
        )
        real = [
            segment.with_values(tf.ones_like(segment.values)) for segment in token_ids
        ]
        padding_mask = self.packer.pack(real, 1, [1] * len(segments), 0)
        features = {
            "token_ids": packed_ids,
            "segment_ids": self.packer.segment_ids(token_ids),
            "padding_mask": padding_mask,
        }
        if self.char_aligner is not None:
            surfaces = [segment.surfaces for segment in segments]
            packed_surfaces = self.packer.pack(surfaces, "", [""] * len(segments), "")
            features |= self.char_aligner(packed_surfaces, padding_mask)
        return features

    @classmethod
    def from_preset(cls, preset: str, **kwargs):
        """Loads a preset's preprocessor, also where it was saved for another task.

        Args:
            preset: A preset folder, or another one that keras-nlp finds a BERT
                tokenizer in, such as a Hugging Face folder.
            **kwargs: Arguments of the constructor that are to differ from the saved
                ones. A preset without characters needs `characters` to get some.

        Returns:
            The preprocessor.
        """
        saved_cls = _saved_class(preset)
        if saved_cls is None:
            tokenizer = keras_nlp.models.Tokenizer.from_preset(preset)
            return cls(tokenizer, **kwargs)
        loader = get_preset_loader(preset)
        if saved_cls is cls:
            return loader.load_preprocessor(cls, **kwargs)
        saved = loader.load_preprocessor(saved_cls)
        shared = {
            name: getattr(saved, name)
            for name in ("characters", "sequence_length", "static_shapes")
        }
        return cls(saved.tokenizer, **{**shared, **kwargs})

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "characters": self.characters,
            "sequence_length": self.sequence_length,
            "static_shapes": self.static_shapes,
        }


def _saved_class(preset: str) -> type | None:
    """The class of the preset's preprocessor, if it is one of these."""
    path = os.path.join(preset, "preprocessor.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        registered_name = json.load(file)["registered_name"]
    saved_cls = keras.saving.get_registered_object(registered_name)
    is_ours = saved_cls is not None and issubclass(saved_cls, CharBertPreprocessor)
    return saved_cls if is_ours else None
