"""TextClassifierPreprocessor: texts, or pairs of texts, to features."""

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.models.one_or_many import takes_one_or_many
from charbert_tf.text.rows import row_numbers, row_pieces
from charbert_tf.text.subword_tokenizer import Subwords
from charbert_tf.text.word_splitter import valid_utf8


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
            x: strings `(B,)`, or a tuple of one or two such batches: the segments. Or
                one string, or a tuple of them: then all has no batch axis.
            y: Labels `(B,)`, passed on.
            sample_weight: Weights `(B,)`, passed on.

        Returns:
            The features, with `y` and `sample_weight` if they were given.
        """
        features = self.features(self._segments(x))
        return keras.utils.pack_x_y_sample_weight(features, y, sample_weight)

    def noised(
        self,
        x: tf.Tensor | tuple,
        y: tf.Tensor,
        example_ids: tf.Tensor,
        seed: int | tf.Tensor,
    ) -> tuple:
        """Noises both texts of a pair, as much as each other; see the base class."""
        segments = x if isinstance(x, tuple) else (x,)
        segments = tuple(
            self.training_noise.texts(
                valid_utf8(_strings(text)), example_ids, seed, index
            ).texts
            for index, text in enumerate(segments)
        )
        return segments, y

    def subword_counts(self, x: tf.Tensor | tuple) -> tf.Tensor:
        """How many subwords each example has, those that are cut off included.

        Args:
            x: As for `call`.

        Returns:
            int64 tensor `(B,)`.
        """
        segments = self._segments(x)
        return tf.add_n([segment.token_ids.row_lengths() for segment in segments])

    def windows(self, x: tf.Tensor | tuple) -> tuple[tuple[Subwords, ...], tf.Tensor]:
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
        segments = x if isinstance(x, tuple) else (x,)
        return [self.subword_tokenizer(valid_utf8(_strings(text))) for text in segments]


def _strings(text) -> tf.Tensor:
    texts = tf.convert_to_tensor(text, tf.string)
    # A column of a table may come as `(B, 1)`.
    if texts.shape.rank == 2 and texts.shape[1] not in (1, None):
        raise ValueError(
            f"`x` has {texts.shape[1]} texts in each row: pairs are a tuple of two "
            "lists, (first_texts, second_texts), and other texts are one."
        )
    return tf.reshape(texts, [-1])
