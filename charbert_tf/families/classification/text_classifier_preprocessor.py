"""TextClassifierPreprocessor: texts, or pairs of texts, to features."""

import keras
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.text.subword_tokenizer import Subwords
from charbert_tf.text.word_splitter import valid_utf8


@keras.saving.register_keras_serializable(package="charbert_tf")
class TextClassifierPreprocessor(CharBertPreprocessor):
    """Turns texts, or pairs of texts, into features for a `TextClassifier`.

    Arguments are those of `CharBertPreprocessor`.

    Example:

    ```python
    preprocessor = charbert_tf.TextClassifierPreprocessor(tokenizer, characters)
    features = preprocessor(["a fine film", "a borign film"])
    features = preprocessor((["is it good?"], ["it is"]))
    ```
    """

    def call(self, x, y=None, sample_weight=None):
        """Makes features.

        Args:
            x: strings `(B,)`, or a tuple of one or two such batches: the segments.
            y: Labels `(B,)`, passed on.
            sample_weight: Weights `(B,)`, passed on.

        Returns:
            The features, with `y` and `sample_weight` if they were given.
        """
        features = self.features(self._segments(x))
        return keras.utils.pack_x_y_sample_weight(features, y, sample_weight)

    def subword_counts(self, x: tf.Tensor | tuple) -> tf.Tensor:
        """How many subwords each example has, those that are cut off included.

        Args:
            x: As for `call`.

        Returns:
            int64 tensor `(B,)`.
        """
        segments = self._segments(x)
        return tf.add_n([segment.token_ids.row_lengths() for segment in segments])

    def _segments(self, x) -> list[Subwords]:
        segments = x if isinstance(x, tuple) else (x,)
        return [self.subword_tokenizer(valid_utf8(_strings(text))) for text in segments]


def _strings(text) -> tf.Tensor:
    return tf.reshape(tf.convert_to_tensor(text, tf.string), [-1])
