"""TextClassifierPreprocessor: texts, or pairs of texts, to features."""

from collections.abc import Mapping
from typing import Any

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.models.one_or_many import takes_one_or_many
from charbert_tf.models.parts_by_name import parts_by_name
from charbert_tf.text.rows import row_numbers, row_pieces
from charbert_tf.text.subword_tokenizer import Subwords
from charbert_tf.text.word_splitter import valid_utf8

# As signatures and the embedder name them.
_NAMES = (("text",), ("text", "text_pair"), ("sentence1", "sentence2"))


@keras.saving.register_keras_serializable(package="charbert_tf")
class TextClassifierPreprocessor(
    CharBertPreprocessor, keras_nlp.models.TextClassifierPreprocessor
):
    """Turns texts, or pairs of texts, into features for a `TextClassifier`.

    Arguments are those of `CharBertPreprocessor`.

    Example:

    ```python
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer, characters)
    features = preprocessor(["a fine film", "a borign film"])
    features = preprocessor((["is it good?"], ["it is"]))
    ```
    """

    @takes_one_or_many()
    def call(self, x, y=None, sample_weight=None):
        """Makes features.

        Args:
            x: strings `(B,)`, or one or two such batches, the segments: a tuple, or a
                dict of `"text"` and maybe `"text_pair"`, or of `"sentence1"` and
                `"sentence2"`. Or one string, or a tuple or dict of them: then all has
                no batch axis.
            y: Labels `(B,)`, passed on.
            sample_weight: Weights `(B,)`, passed on.

        Returns:
            The features, with `y` and `sample_weight` if they were given.
        """
        features = self.features(self._segments(x))
        return keras.utils.pack_x_y_sample_weight(features, y, sample_weight)

    def noised(
        self,
        x: tf.Tensor | tuple | Mapping,
        y: tf.Tensor,
        example_ids: tf.Tensor,
        seed: int | tf.Tensor,
    ) -> tuple:
        """Noises both texts of a pair, as much as each other; see the base class."""
        segments = tuple(
            self.training_noise.texts(
                valid_utf8(_strings(text)), example_ids, seed, index
            ).texts
            for index, text in enumerate(segments_of(x))
        )
        return segments, y

    def subword_counts(self, x: tf.Tensor | tuple | Mapping) -> tf.Tensor:
        """How many subwords each example has, those that are cut off included.

        Args:
            x: As for `call`.

        Returns:
            int64 tensor `(B,)`.
        """
        segments = self._segments(x)
        return tf.add_n([segment.token_ids.row_lengths() for segment in segments])

    def windows(
        self, x: tf.Tensor | tuple | Mapping
    ) -> tuple[tuple[Subwords, ...], tf.Tensor]:
        """Cuts examples into windows that together show all of them.

        The first window is what `call` keeps of an example. Each further one begins in
        the middle of the one before it. Of a pair both texts move on together; one that
        is at its end stays there.

        Args:
            x: As for `call`.

        Returns:
            The segments of all windows, as `features` takes them, and an int32 tensor
            `(B,)`: how many windows each example has, at least one.
        """
        segments = self._segments(x)
        lengths = [
            tf.cast(segment.token_ids.row_lengths(), tf.int32) for segment in segments
        ]
        kept = self.packer.kept_lengths(lengths, self._num_ends(len(segments)))
        steps = [tf.maximum(length // 2, 1) for length in kept]
        counts = [
            # What nothing is kept of no window shows.
            tf.where(shown > 0, 1 - (shown - length) // step, 1)
            for length, shown, step in zip(lengths, kept, steps, strict=True)
        ]
        most = tf.reduce_max(tf.stack(counts), axis=0)
        row = row_numbers(most)
        place = tf.range(tf.size(row)) - tf.gather(tf.cumsum(most, exclusive=True), row)
        windows = []
        for segment, shown, step, count in zip(
            segments, kept, steps, counts, strict=True
        ):
            start = tf.minimum(place, tf.gather(count, row) - 1) * tf.gather(step, row)
            pieces = row_pieces(segment, row, start, tf.gather(shown, row))
            windows.append(Subwords(*pieces))
        return tuple(windows), most

    def _segments(self, x) -> list[Subwords]:
        return [
            self.subword_tokenizer(valid_utf8(_strings(text)))
            for text in segments_of(x)
        ]


def segments_of(x: Any) -> tuple:
    """Gives a text, or both texts of a pair, whatever holds them.

    Args:
        x: As `TextClassifierPreprocessor` takes it.

    Returns:
        One or two texts, or batches of them.

    Raises:
        ValueError: If there are more, or a dict has other names.

    Example:
        >>> segments_of({"text_pair": "it is", "text": "is it good?"})
        ('is it good?', 'it is')
    """
    segments = parts_by_name(x, _NAMES)
    if len(segments) not in (1, 2):
        raise ValueError(
            f"A tuple of {len(segments)} is no pair of texts: pairs are a tuple of two "
            "lists, (first_texts, second_texts), and other texts are one list."
        )
    return segments


def _strings(text) -> tf.Tensor:
    texts = tf.convert_to_tensor(text, tf.string)
    # A column of a table may come as `(B, 1)`.
    if texts.shape.rank == 2 and texts.shape[1] not in (1, None):
        raise ValueError(
            f"`x` has {texts.shape[1]} texts in each row: pairs are a tuple of two "
            "lists, (first_texts, second_texts), and other texts are one."
        )
    return tf.reshape(texts, [-1])
