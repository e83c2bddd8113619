"""PretrainerPreprocessor: text to noised and masked features with their labels."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor, copied
from charbert_tf.models.one_or_many import takes_one_or_many
from charbert_tf.models.preprocessor_part import preprocessor_part
from charbert_tf.models.whole_word_masking import WholeWordMasking
from charbert_tf.text.character_noise import (
    CharacterNoise,
    NoisedText,
    noise_tokenizer_words,
    noise_treebank_words,
)
from charbert_tf.text.lookup_tables import word_table
from charbert_tf.text.treebank_word_splitter import (
    TreebankWordSplitter,
    list_abbreviations,
)
from charbert_tf.vocabularies.counted_vocabularies import is_treebank_vocabulary

_NOISE_CHARACTERS = 80
# Who splits texts into the words that are noised.
_TOKENIZER, _TREEBANK = "tokenizer", "treebank"
# Not to be drawn from the stream that decides the noise of the same examples.
_MASK_STREAM = 1
_NO_LABEL = -1


class NoisedSubwords(NamedTuple):
    """Subwords of noised text, before they are packed and masked.

    Attributes:
        token_ids: int32 ragged tensor `(N, subwords)`.
        surfaces: string ragged tensor `(N, subwords)`.
        word_ids: int32 ragged tensor `(N, subwords)`: which word a subword is of.
        word_labels: int32 ragged tensor `(N, subwords)`: the original word's id in the
            word vocabulary where noise changed the word, -1 elsewhere.
    """

    token_ids: tf.RaggedTensor
    surfaces: tf.RaggedTensor
    word_ids: tf.RaggedTensor
    word_labels: tf.RaggedTensor


@keras.saving.register_keras_serializable(package="charbert_tf")
class PretrainerPreprocessor(
    CharBertPreprocessor, keras_nlp.models.MaskedLMPreprocessor
):
    """Makes the examples of the masked and the noisy language model.

    15 % of the words get character noise and are tokenized anew; the label of each of
    their subwords is the original word, lower-cased. 10 % of the tokens are masked,
    whole words that were not noised (CharBERT, section 3.3,
    https://arxiv.org/abs/2011.01513). Without characters (for a plain encoder) the
    text is noised alike (the paper's AdvBERT), but has no word labels; what of a
    CharBERT's vocabularies the noise depends on, `noise_options` tells.

    Args:
        tokenizer: See `CharBertPreprocessor`.
        characters: See `CharBertPreprocessor`.
        words: The word vocabulary, `<unk>` last; `None` for a plain encoder.
        noise_rate: float. Share of the words that are noised.
        mask_rate: float. Share of the tokens that are masked.
        seed: int. The same seed and text give the same noise and masks: in `fit` those
            are a text's in each epoch. `official.pretrain` and
            `pretraining_dataset` draw them anew.
        noise_characters: What noise may insert; by default the 80 most frequent of
            `characters`, without any the small letters of ASCII.
        word_splitting: `"tokenizer"` if the words are those that the tokenizer splits
            text into, `"treebank"` if they are those of NLTK, such as "n't" and
            "well-known" (see `TreebankWordSplitter`); by default what `words` were
            split by.
        abbreviations: The words that keep their period, for `"treebank"`; by default
            those of `words`.
        **kwargs: Other arguments of `CharBertPreprocessor`.

    Example:

    ```python
    preprocessor = charbert_tf.PretrainerPreprocessor(tokenizer, characters, words)
    features, labels, weights = preprocessor(["Some text to learn from."])
    ```
    """

    has_parts: ClassVar[bool] = False

    def __init__(
        self,
        tokenizer: keras_nlp.models.Tokenizer,
        characters: Sequence[str] | None = None,
        words: Sequence[str] | None = None,
        noise_rate: float = 0.15,
        mask_rate: float = 0.1,
        seed: int = 0,
        noise_characters: Sequence[str] | None = None,
        word_splitting: str | None = None,
        abbreviations: Sequence[str] | None = None,
        **kwargs,
    ):
        if word_splitting not in (None, _TOKENIZER, _TREEBANK):
            raise ValueError(
                f"word_splitting must be {_TOKENIZER!r} or {_TREEBANK!r}, "
                f"not {word_splitting!r}"
            )
        super().__init__(tokenizer, characters, **kwargs)
        self.words = copied(words)
        self.noise_rate = noise_rate
        self.mask_rate = mask_rate
        self.seed = seed
        self.noise_characters = copied(noise_characters)
        self.word_splitting = word_splitting or _splitting_of(self.words or [])
        if abbreviations is None:
            abbreviations = list_abbreviations(self.words or [])
        self.abbreviations = list(abbreviations)

    @preprocessor_part
    def noise(self) -> CharacterNoise:
        """What changes characters."""
        return CharacterNoise(self._noise_characters(), self.noise_rate)

    @preprocessor_part
    def masking(self) -> WholeWordMasking:
        """What masks words."""
        return WholeWordMasking(
            self.subword_tokenizer.mask_token_id,
            self.subword_tokenizer.vocabulary_size,
            self.subword_tokenizer.special_token_ids,
            self.mask_rate,
        )

    @preprocessor_part
    def splitter(self) -> TreebankWordSplitter | None:
        """What splits texts into words, unless the tokenizer does."""
        if self.word_splitting == _TREEBANK:
            return TreebankWordSplitter(self.abbreviations)
        return None

    @preprocessor_part
    def word_table(self) -> tf.lookup.StaticHashTable | None:
        """The ids of the words, if there are any."""
        return None if self.words is None else word_table(self.words)

    def _noise_characters(self) -> list[str]:
        if self.noise_characters is not None:
            return list(self.noise_characters)
        if self.characters is None:
            return list("etaoinshrdlcumwfgypbvkjxqz")
        return _most_frequent(self.characters)

    @takes_one_or_many()
    def call(self, x, y=None, sample_weight=None):
        """Makes an example of every text; what is too long is cut.

        Args:
            x: strings `(B,)`, or one.
            y: Unused: the text is its own label.
            sample_weight: Unused.

        Returns:
            Features, labels and weights as `make_examples` gives them.
        """
        texts = tf.reshape(tf.convert_to_tensor(x, tf.string), [-1])
        # In `fit` a text has no number of its own; its content serves.
        example_ids = tf.strings.to_hash_bucket_fast(texts, 2**31 - 1)
        subwords = self.noise_subwords(texts, example_ids, (self.seed, 0))
        return self.make_examples(subwords, example_ids, (self.seed, 0))

    def noise_subwords(
        self, texts: tf.Tensor, example_ids: tf.Tensor, seed: Sequence[int] | tf.Tensor
    ) -> NoisedSubwords:
        """Splits texts into words, noises some, and tokenizes all.

        Args:
            texts: string tensor `(N,)`.
            example_ids: int tensor `(N,)`, which the noise depends on.
            seed: Two ints, such as `(seed, epoch)`.

        Returns:
            The subwords of each text.
        """
        noised = self._noise_words(texts, example_ids, seed)
        subwords, word_ids = self.subword_tokenizer.tokenize_split(noised.words)
        # And of words that were not noised.
        labels = tf.concat([self._word_labels(noised.originals), [_NO_LABEL]], axis=0)
        original = tf.gather(noised.original, word_ids.values)
        original = tf.where(original < 0, tf.size(noised.originals), original)
        return NoisedSubwords(
            subwords.token_ids,
            subwords.surfaces,
            word_ids,
            word_ids.with_values(tf.gather(labels, original)),
        )

    def _noise_words(self, texts, example_ids, seed) -> NoisedText:
        arguments = (self.subword_tokenizer, self.noise, example_ids, seed)
        if self.splitter is None:
            return noise_tokenizer_words(texts, *arguments)
        return noise_treebank_words(texts, self.splitter, *arguments)

    def _word_labels(self, originals: tf.Tensor) -> tf.Tensor:
        if self.word_table is None:
            return tf.zeros_like(originals, tf.int32)
        return self.word_table.lookup(tf.strings.lower(originals, "utf-8"))

    def make_examples(
        self,
        subwords: NoisedSubwords,
        example_ids: tf.Tensor,
        seed: Sequence[int] | tf.Tensor,
    ) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor], dict[str, tf.Tensor]]:
        """Packs, masks and aligns.

        Args:
            subwords: The subwords of each example.
            example_ids: int tensor `(B,)`, which the masks depend on.
            seed: Two ints.

        Returns:
            Features with `mlm_positions` and (with words) `nlm_positions` `(B, P)`;
            labels `mlm_logits` and `nlm_logits` `(B, P)` under their output's name;
            weights likewise, 1 where there is a label and 0 in the padding.
        """
        tokenizer = self.subword_tokenizer

        layout = self.packer.layout([subwords.token_ids], num_ends=[1])
        original_ids = layout.pack(
            [subwords.token_ids],
            tokenizer.start_token_id,
            tokenizer.end_token_id,
            tokenizer.padding_token_id,
        )
        word_ids, word_labels = (
            layout.pack([values], _NO_LABEL, _NO_LABEL, _NO_LABEL)
            for values in (subwords.word_ids, subwords.word_labels)
        )
        masked = self.masking(
            original_ids,
            word_ids,
            example_ids,
            tf.random.fold_in(seed, _MASK_STREAM, alg="philox"),
            is_protected=word_labels != _NO_LABEL,
        )
        features = {
            "token_ids": masked.token_ids,
            "padding_mask": layout.padding_mask,
        }
        if tokenizer.has_segment_ids:
            features["segment_ids"] = layout.segment_ids
        if self.char_aligner is not None:
            # The characters of a masked token would give it away.
            surfaces = layout.pack([subwords.surfaces], "", "", "")
            surfaces = tf.where(masked.is_masked, "", surfaces)
            features |= self.char_aligner(surfaces, features["padding_mask"])
        labels, weights = {}, {}
        targets = {"mlm": (masked.is_masked, original_ids)}
        if self.word_table is not None:
            targets["nlm"] = (word_labels != _NO_LABEL, word_labels)
        for name, (is_labelled, values) in targets.items():
            positions, label, weight = self._at_labels(is_labelled, values)
            features[f"{name}_positions"] = positions
            labels[f"{name}_logits"] = label
            weights[f"{name}_logits"] = weight
        return features, labels, weights

    def without_padding(
        self,
        features: dict[str, tf.Tensor],
        labels: dict[str, tf.Tensor],
        weights: dict[str, tf.Tensor],
    ) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor], dict[str, tf.Tensor]]:
        """Takes off the padding that no row needs, of rows out of a larger batch.

        Args:
            features: Some rows of what `make_examples` gave.
            labels: The same rows.
            weights: The same rows.

        Returns:
            What `make_examples` gives for these rows alone.
        """
        if self.static_shapes:
            return features, labels, weights
        is_token = tf.cast(features["padding_mask"], tf.bool)
        num_tokens = tf.reduce_max(tf.reduce_sum(features["padding_mask"], axis=1))
        cut = {
            name: features[name][:, :num_tokens]
            for name in ("token_ids", "padding_mask", "segment_ids")
            if name in features
        }
        if self.char_aligner is not None:
            # A token's end is followed by one separator.
            width = 2 + tf.reduce_max(tf.where(is_token, features["char_ends"], -1))
            cut["char_ids"] = features["char_ids"][:, :width]
            for name in ("char_starts", "char_ends"):
                cut[name] = tf.minimum(features[name][:, :num_tokens], width - 1)
        labels, weights = dict(labels), dict(weights)
        for name in labels:
            num_labels = tf.cast(
                tf.reduce_max(tf.reduce_sum(weights[name], axis=1)), tf.int32
            )
            positions = name.replace("logits", "positions")
            cut[positions] = features[positions][:, :num_labels]
            labels[name] = labels[name][:, :num_labels]
            weights[name] = weights[name][:, :num_labels]
        return cut, labels, weights

    def _at_labels(self, is_labelled: tf.Tensor, values: tf.Tensor):
        """Positions, labels and weights, as wide as the row with the most labels."""
        where = tf.where(is_labelled)
        positions = tf.RaggedTensor.from_value_rowids(
            tf.cast(where[:, 1], tf.int32), where[:, 0], tf.shape(values, tf.int64)[0]
        )
        width = self.sequence_length // 2 if self.static_shapes else None
        positions = positions if width is None else positions[:, :width]
        labels = positions.with_values(
            tf.gather_nd(
                values,
                tf.stack(
                    [positions.value_rowids(), tf.cast(positions.values, tf.int64)], 1
                ),
            )
        )
        weights = tf.ones_like(labels, tf.float32)
        return tuple(
            values.to_tensor(shape=[None, width])
            for values in (positions, labels, weights)
        )

    def noise_options(self) -> dict[str, Any]:
        """Tells how texts are noised, for a plain encoder's that shall be alike.

        Returns:
            Arguments of a `PretrainerPreprocessor` without characters and words.
        """
        return {
            "noise_characters": self._noise_characters(),
            "word_splitting": self.word_splitting,
            "abbreviations": copied(self.abbreviations),
        }

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "words": copied(self.words),
            "noise_rate": self.noise_rate,
            "mask_rate": self.mask_rate,
            "seed": self.seed,
            "noise_characters": copied(self.noise_characters),
            "word_splitting": self.word_splitting,
            "abbreviations": copied(self.abbreviations),
        }

    @classmethod
    def from_config(cls, config):
        """Makes one again, as it was saved.

        Args:
            config: What `get_config` gave.

        Returns:
            The preprocessor.
        """
        # Which presets of older versions lack, whatever their words were split by.
        return super().from_config({"word_splitting": _TOKENIZER, **config})


def _most_frequent(characters: Sequence[str]) -> list[str]:
    ordinary = [c for c in characters[1:-1] if len(c) == 1]
    return ordinary[:_NOISE_CHARACTERS]


def _splitting_of(words: Sequence[str]) -> str:
    return _TREEBANK if is_treebank_vocabulary(words) else _TOKENIZER
