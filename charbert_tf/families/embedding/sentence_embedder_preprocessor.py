"""SentenceEmbedderPreprocessor: texts, pairs or triplets of texts, to features."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.models.one_or_many import takes_one_or_many
from charbert_tf.models.parts_by_name import parts_by_name

_NAMES = (
    ("anchor", "positive"),
    ("anchor", "positive", "negative"),
    ("sentence1", "sentence2"),
)


@keras.saving.register_keras_serializable(package="charbert_tf")
class SentenceEmbedderPreprocessor(CharBertPreprocessor):
    """Turns texts, or texts that belong together, into a `SentenceEmbedder`'s features.

    Each text becomes a sequence of its own. Arguments are those of
    `CharBertPreprocessor`.

    Example:

    ```python
    preprocessor = charbert_tf.SentenceEmbedderPreprocessor(tokenizer, characters)
    features = preprocessor(["a fine film", "a borign film"])  # each (2, T)
    features = preprocessor((["a film", "it"], ["the film", "this"]))  # (2, 2, T)
    ```
    """

    @takes_one_or_many()
    def call(self, x, y=None, sample_weight=None):
        """Makes features.

        Args:
            x: strings `(B,)`; or k such batches of texts that belong together, a tuple,
                or a dict of `"anchor"`, `"positive"` and maybe `"negative"`, or of
                `"sentence1"` and `"sentence2"`. Or one string, or a tuple or dict of
                them: then all has no batch axis.
            y: Similarities `(B,)`, passed on.
            sample_weight: Weights `(B,)`, passed on.

        Returns:
            The features, `(B, T)` or `(B, k, T)`, with `y` and `sample_weight` if they
            were given.
        """
        texts = _texts(x)
        if len(texts) == 1:
            features = self.text_features(texts[0])
        else:
            # Example by example, so that rows can be divided among devices.
            features = {
                name: tf.reshape(values, [-1, len(texts), tf.shape(values)[1]])
                for name, values in self.text_features(_flat(texts)).items()
            }
        return keras.utils.pack_x_y_sample_weight(features, y, sample_weight)

    def subword_counts(self, x: tf.Tensor | tuple | Mapping) -> tf.Tensor:
        """How many subwords the longest text of each example has, cut ones included.

        Args:
            x: As for `call`.

        Returns:
            int64 tensor `(B,)`.
        """
        texts = _texts(x)
        counts = tf.reshape(self.text_lengths(_flat(texts)), [-1, len(texts)])
        return tf.reduce_max(counts, axis=1)


def _texts(x) -> list[tf.Tensor]:
    texts = parts_by_name(x, _NAMES)
    return [tf.reshape(tf.convert_to_tensor(of, tf.string), [-1]) for of in texts]


def _flat(texts: Sequence[tf.Tensor]) -> tf.Tensor:
    """The texts of the first example, those of the second, and so on."""
    return tf.reshape(tf.stack(texts, axis=1), [-1])
