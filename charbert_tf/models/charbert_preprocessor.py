"""CharBertPreprocessor: what the preprocessors of all tasks have in common."""

from collections.abc import Sequence
from typing import ClassVar

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.constructor_arguments import constructor_arguments
from charbert_tf.encoders.huggingface_config import usual_sequence_length
from charbert_tf.encoders.huggingface_folder import HuggingFaceFolder
from charbert_tf.encoders.preprocessor_sizes import has_vocabulary
from charbert_tf.encoders.saved_class import saved_class
from charbert_tf.models.any_backbone import AnyBackbone
from charbert_tf.models.huggingface_tokenizer import load_huggingface_tokenizer
from charbert_tf.models.preprocessor_part import preprocessor_part
from charbert_tf.noise.training_noise import TrainingNoise
from charbert_tf.text.char_aligner import CHARACTERS_PER_TOKEN, CharAligner
from charbert_tf.text.own_tokenizers import (
    as_saved,
    load_preset_tokenizer,
    own_tokenizer,
)
from charbert_tf.text.sequence_packer import SequencePacker
from charbert_tf.text.subword_tokenizer import Subwords, SubwordTokenizer
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.text.word_splitter import valid_utf8
from charbert_tf.third_party_internals import is_keras_preset, preset_loader


class CharBertPreprocessor(keras_nlp.models.Preprocessor):
    """Turns strings into a model's features, in the graph.

    The base of the tasks' preprocessors, which add what is special: pairs of texts,
    words with tags, noise and masks.

    Args:
        tokenizer: A `BertTokenizer`, or a `BertTokenizer`, `RobertaTokenizer` or
            `XLMRobertaTokenizer` of `keras_nlp.models`.
        characters: The character vocabulary, a space (the separator) first and
            `<unk>` last; `None` for the features of a plain encoder, which has no
            characters.
        sequence_length: int. The most tokens of a sequence. Defaults to 128.
        static_shapes: bool. Whether to pad every batch to `sequence_length` tokens and
            six times as many characters, as XLA likes it and as the authors' code
            does, instead of its own longest example.
        lowercase_characters: bool. Whether the character channel reads small letters
            alone, as an uncased encoder does; by default it sees the case of what was
            written.
        training_noise: Typos and letter case that training puts into its texts, drawn
            anew in each epoch, see `TrainingNoise`; nothing else is noised. `None`
            for none.
        **kwargs: Other layer arguments, such as `name`.

    The features are int32: `token_ids`, `padding_mask` `(B, T)`, for BERT
    `segment_ids` `(B, T)`, and with characters `char_ids` `(B, C)`, `char_starts`,
    `char_ends` `(B, T)`: what the character encoder reads (CharBERT, section 3.1,
    https://arxiv.org/abs/2011.01513).

    Example:

    ```python
    tokenizer = charbert_tf.BertTokenizer("vocab.txt", lowercase=True)
    preprocessor = charbert_tf.TextClassifierPreprocessor(
        tokenizer, characters=[" ", *"abcdefghijklmnopqrstuvwxyz", "<unk>"]
    )
    preprocessor(["a borign film"])["char_ids"]
    ```

    What was given to the constructor can be set afterwards, too.
    """

    backbone_cls = AnyBackbone

    has_parts: ClassVar[bool] = True
    """Whether a tuple or a dict holds the parts of examples, such as both texts of
    pairs. If not, a tuple is a list of examples."""

    def __init__(
        self,
        tokenizer: keras_nlp.models.Tokenizer,
        characters: Sequence[str] | None = None,
        sequence_length: int = 128,
        static_shapes: bool = False,
        lowercase_characters: bool = False,
        training_noise: TrainingNoise | None = None,
        **kwargs,
    ):
        # Not by the classes of keras-hub between, which have parts of their own.
        keras_nlp.models.Preprocessor.__init__(self, **kwargs)
        # keras-nlp would take a lone tuple for (x, y); here it is a pair of texts.
        self._call_accepts_labels = False
        self.tokenizer = own_tokenizer(tokenizer)
        self.characters = copied(characters)
        self.sequence_length = sequence_length
        self.static_shapes = static_shapes
        self.lowercase_characters = lowercase_characters
        self.training_noise = training_noise

    def __setattr__(self, name: str, value) -> None:
        """Sets an attribute; parts that were made of other arguments are dropped."""
        super().__setattr__(name, value)
        if name in constructor_arguments(type(self), CharBertPreprocessor):
            self._drop_parts()

    def _drop_parts(self) -> None:
        # Not an attribute to Keras, which would track what is in it.
        self.__dict__["made_parts"] = {}

    @property
    def sequence_length(self) -> int:
        """The most tokens of a sequence."""
        return self._sequence_length

    @sequence_length.setter
    def sequence_length(self, value: int) -> None:
        """Sets it; see the base class."""
        self._sequence_length = value

    @preprocessor_part
    def subword_tokenizer(self) -> SubwordTokenizer:
        """What makes subwords of texts."""
        if not has_vocabulary(self.tokenizer):
            raise ValueError(
                f"The tokenizer of this {type(self).__name__} has no vocabulary: a "
                "configuration holds none. Load a preset or a .keras file instead, or "
                "take over the preprocessor of the model that it is a copy of."
            )
        return make_subword_tokenizer(self.tokenizer)

    @preprocessor_part
    def packer(self) -> SequencePacker:
        """What puts segments into one sequence."""
        return SequencePacker(self.sequence_length, self.static_shapes)

    @preprocessor_part
    def char_aligner(self) -> CharAligner | None:
        """What finds the characters of tokens, if there are any."""
        if self.characters is None:
            return None
        width = CHARACTERS_PER_TOKEN * self.sequence_length
        return CharAligner(
            self.characters,
            width if self.static_shapes else None,
            self.lowercase_characters,
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
        self._drop_parts()

    def features(
        self, segments: Sequence[Subwords], num_ends: Sequence[int] | None = None
    ) -> dict[str, tf.Tensor]:
        """Packs one or two segments and aligns their characters.

        Args:
            segments: The subwords of each segment, `(B, subwords)`.
            num_ends: The end tokens after each segment, by default as the encoder was
                pretrained with.

        Returns:
            The features.
        """
        tokenizer = self.subword_tokenizer
        if num_ends is None:
            num_ends = self._num_ends(len(segments))

        token_ids = [segment.token_ids for segment in segments]
        layout = self.packer.layout(token_ids, num_ends)
        features = {
            "token_ids": layout.pack(
                token_ids,
                tokenizer.start_token_id,
                tokenizer.end_token_id,
                tokenizer.padding_token_id,
            ),
            "padding_mask": layout.padding_mask,
        }
        if tokenizer.has_segment_ids:
            features["segment_ids"] = layout.segment_ids
        if self.char_aligner is not None:
            surfaces = [segment.surfaces for segment in segments]
            features |= self.char_aligner(
                layout.pack(surfaces, "", "", ""), layout.padding_mask
            )
        return features

    def text_features(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Makes features of texts that stand alone, whatever the task.

        Args:
            texts: strings `(B,)`.

        Returns:
            The features.
        """
        return self.features([self.subword_tokenizer(valid_utf8(texts))])

    def text_lengths(self, texts: tf.Tensor) -> tf.Tensor:
        """Counts the subwords of texts that stand alone, cut ones included.

        Args:
            texts: strings `(B,)`.

        Returns:
            int64 tensor `(B,)`.
        """
        return self.subword_tokenizer(valid_utf8(texts)).token_ids.row_lengths()

    def text_room(self, num_texts: int = 1) -> int:
        """The most subwords of a text or a pair; what is beyond is cut off.

        Args:
            num_texts: int. 1 for texts that stand alone, 2 for pairs.

        Returns:
            Subwords, without the special tokens.
        """
        return self.packer.room(sum(self._num_ends(num_texts)))

    def noised(
        self, x: object, y: object, example_ids: tf.Tensor, seed: int | tf.Tensor
    ) -> tuple:
        """Puts the training noise into examples, whose labels stay true.

        Args:
            x: What `call` takes, of texts that were not tokenized.
            y: The labels, as `call` takes them.
            example_ids: int tensor `(B,)`: a number for each example, another one in
                each epoch, which its noise depends on.
            seed: int.

        Returns:
            `x` and `y` as `call` takes them.
        """
        raise self._no_noise()

    def check_training_noise(self) -> None:
        """Tells whether a task's texts take noise, before a graph is made of it.

        Raises:
            NotImplementedError: If there is `training_noise`, and they take none.
        """
        has_none = type(self).noised is CharBertPreprocessor.noised
        if self.training_noise is not None and has_none:
            raise self._no_noise()

    def _no_noise(self) -> NotImplementedError:
        return NotImplementedError(
            f"{type(self).__name__} has no noise in training: make it without "
            "`training_noise`."
        )

    def _num_ends(self, num_segments: int) -> list[int]:
        """The end tokens after each segment."""
        return [self.subword_tokenizer.pair_separators] * (num_segments - 1) + [1]

    @classmethod
    def from_preset(cls, preset: str, **kwargs):
        """Loads a preset's preprocessor, also where it was saved for another task.

        Args:
            preset: A preset folder, a Hugging Face folder of one of the kinds
                of `ENCODERS`, or a name that keras-nlp finds a tokenizer under.
            **kwargs: Arguments of the constructor that are to differ from the saved
                ones. A preset without characters needs `characters` to get some.

        Returns:
            The preprocessor.

        Raises:
            UserError: If a Hugging Face folder has no tokenizer, or a damaged one.
        """
        if HuggingFaceFolder.is_one(preset):
            kwargs = {"sequence_length": usual_sequence_length(preset)} | kwargs
            return cls(load_huggingface_tokenizer(preset), **kwargs)
        if _saved_class(preset) is cls:
            return preset_loader(preset).load_preprocessor(cls, **kwargs)
        return cls(**{**_shared_arguments(preset), **kwargs})

    @classmethod
    def _add_missing_kwargs(cls, loader, kwargs):
        """Keras-hub's doors ask this of a preset that was saved for another task."""
        return {**_shared_arguments(loader.preset), **kwargs}

    @classmethod
    def from_config(cls, config):
        """Makes a preprocessor as it was saved, with the text that it then had."""
        tokenizer = config["tokenizer"]
        if isinstance(tokenizer, dict):
            tokenizer = as_saved(keras.layers.deserialize(tokenizer))
        noise = config.get("training_noise")
        if isinstance(noise, dict):
            noise = keras.saving.deserialize_keras_object(noise)
        return cls(**{**config, "tokenizer": tokenizer, "training_noise": noise})

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **keras_nlp.models.Preprocessor.get_config(self),
            "characters": copied(self.characters),
            "sequence_length": self.sequence_length,
            "static_shapes": self.static_shapes,
            "lowercase_characters": self.lowercase_characters,
            "training_noise": keras.saving.serialize_keras_object(self.training_noise),
        }


def copied(entries: Sequence[str] | None) -> list[str] | None:
    """Copies an argument, so that who changes what `get_config` gave changes no more.

    Args:
        entries: The argument.

    Returns:
        A list of its entries; `None` of `None`.

    Example:
        >>> copied(("a", "<unk>")), copied(None)
        (['a', '<unk>'], None)
    """
    return None if entries is None else list(entries)


def _shared_arguments(preset: str) -> dict:
    """What the preprocessors of all tasks have of a preset."""
    saved_cls = _saved_class(preset)
    if saved_cls is None:
        return {"tokenizer": _load_tokenizer(preset)}
    saved = preset_loader(preset).load_preprocessor(saved_cls)
    names = (
        *("tokenizer", "characters", "sequence_length", "static_shapes"),
        "lowercase_characters",
    )
    return {name: getattr(saved, name) for name in names}


def _load_tokenizer(preset: str) -> keras_nlp.models.Tokenizer:
    if is_keras_preset(preset_loader(preset)):
        return load_preset_tokenizer(preset)
    return keras_nlp.models.Tokenizer.from_preset(preset)


def _saved_class(preset: str) -> type | None:
    """The class of the preset's preprocessor, if it is one of these."""
    saved_cls = saved_class(preset, "preprocessor.json")
    is_ours = saved_cls is not None and issubclass(saved_cls, CharBertPreprocessor)
    return saved_cls if is_ours else None
