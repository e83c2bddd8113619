"""TextClassifierPreprocessor: texts, or pairs of texts, to features."""

import keras
import tensorflow as tf

from charbert_tf.preprocessing.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.preprocessing.word_splitter import valid_utf8


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
        segments = x if isinstance(x, tuple) else (x,)
        features = self.features(
            [self.subword_tokenizer(valid_utf8(_strings(text))) for text in segments]
        )
        return keras.utils.pack_x_y_sample_weight(features, y, sample_weight)


def _strings(text) -> tf.Tensor:
    return tf.reshape(tf.convert_to_tensor(text, tf.string), [-1])
