"""EmbedsTexts: a backbone that turns texts into vectors, as many as there are."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from charbert_tf.encoders.own_inputs import own_inputs
from charbert_tf.encoders.preprocessor_sizes import check_sizes
from charbert_tf.encoders.saved_class import saved_class
from charbert_tf.graphs.batching import COUNTED_AT_ONCE, RowComputation
from charbert_tf.graphs.kept_graph import kept_graph

# Where a model keeps the graph that it was last traced with, and a backbone what makes
# features for it.
_TRACED, _TEXTS = "_traced_vectors", "_text_preprocessor"


class TextPreprocessor(Protocol):
    """What makes features of texts, such as the preprocessor of any head.

    Attributes:
        tokenizer: Its tokenizer.
    """

    tokenizer: Any

    def text_features(self, texts: tf.Tensor) -> Mapping[str, tf.Tensor]:
        """Makes features of texts that stand alone.

        Args:
            texts: strings `(B,)`.

        Returns:
            int32 tensors `(B, T)` by name.
        """

    def text_lengths(self, texts: tf.Tensor) -> tf.Tensor:
        """Counts subwords.

        Args:
            texts: strings `(B,)`.

        Returns:
            int64 tensor `(B,)`.
        """

    def get_config(self) -> dict[str, Any]:
        """Returns its arguments."""


class EmbedsTexts:
    """A backbone's way from texts to vectors, for the classes of backbones.

    Example:

    ```python
    backbone = charbert_tf.CharBertBackbone.from_preset("my_run/preset")
    backbone.embed(["a fine film", "a borign film"])
    ```
    """

    @classmethod
    def from_preset(cls, preset: str, load_weights: bool = True, **kwargs):
        """Loads the backbone of a preset; `embed` then knows the preset's text.

        Args:
            preset: The preset of a head or a backbone.
            load_weights: bool. Whether to load weights or draw them at random.
            **kwargs: Arguments of the constructor, such as `dtype`.

        Returns:
            The backbone.
        """
        backbone = super().from_preset(preset, load_weights, **kwargs)
        preprocessor_cls = saved_class(preset, "preprocessor.json")
        if hasattr(preprocessor_cls, "text_features"):
            backbone.remember_preprocessor(preprocessor_cls.from_preset(preset))
        return backbone

    def remember_preprocessor(self, preprocessor: TextPreprocessor) -> None:
        """Tells what `embed` makes features with, as heads tell their backbones.

        Args:
            preprocessor: The preprocessor of any head.
        """
        # Keras would take the preprocessor itself for a layer.
        setattr(self, _TEXTS, _Kept(preprocessor))

    def embed(
        self, texts: Iterable[str], preprocessor: TextPreprocessor | None = None
    ) -> np.ndarray:
        """Embeds any number of texts, in batches of about equally long ones.

        The vectors are those of a `SentenceEmbedder` that was not trained: the mean
        over the real tokens of `[T ; H]`, or of a plain encoder's tokens, at length 1.

        Args:
            texts: The texts, a list, an array, a generator or any other iterable. Ends
                that are beyond the preprocessor's `sequence_length` are not seen.
            preprocessor: The preprocessor of any head; by default that of the preset
                that this was loaded from, or of the head that it is part of.

        Returns:
            float32 array `(texts, dim)`, in their order.

        Raises:
            TypeError: If it is a single text.
            ValueError: If there is no preprocessor, or it gives numbers for which the
                backbone has no rows.
        """
        kept = getattr(self, _TEXTS, None)
        if preprocessor is None and kept is None:
            raise ValueError(
                f"This {type(self).__name__} has no preprocessor to make features of "
                "texts with: load it with from_preset, or give the preprocessor of a "
                "head, embed(texts, classifier.preprocessor)."
            )
        preprocessor = preprocessor or kept.value
        check_sizes(preprocessor, self)
        return embed_texts(self, preprocessor, self._vectors, texts)

    def _vectors(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        outputs = self(own_inputs(self, features), training=False)
        mask = tf.cast(features["padding_mask"], tf.bool)
        # Means and lengths stay float32 under a mixed policy.
        mean = keras.layers.GlobalAveragePooling1D(dtype="float32")
        means = [
            mean(outputs[name], mask=mask)
            for name in ("sequence_output", "char_sequence_output")
            if name in outputs
        ]
        return tf.math.l2_normalize(tf.concat(means, axis=-1), axis=-1)


def embed_texts(
    model: keras.Model,
    preprocessor: TextPreprocessor,
    vectors: Callable[[Mapping[str, tf.Tensor]], tf.Tensor],
    texts: Iterable[str],
) -> np.ndarray:
    """Computes vectors of any number of texts, in batches of about equally long ones.

    The graph is kept with the model until its variables or the preprocessor change.

    Args:
        model: What computes.
        preprocessor: What makes features of texts.
        vectors: Gives float32 `(B, dim)` of features, with the model's variables.
        texts: Any iterable of texts.

    Returns:
        float32 array `(texts, dim)`, in their order.

    Raises:
        TypeError: If it is a single text.

    Example:

    ```python
    embed_texts(backbone, preprocessor, pooled_vectors, ["a fine film"])
    ```
    """
    if isinstance(texts, str | bytes):
        raise TypeError("Give a list of texts, also for one: embed([text]).")
    computation = kept_graph(
        model,
        _TRACED,
        (preprocessor.tokenizer, preprocessor.get_config()),
        lambda: RowComputation(preprocessor.text_features, vectors),
    )
    rows, texts = [], iter(texts)
    while some := list(itertools.islice(texts, COUNTED_AT_ONCE)):
        strings = tf.convert_to_tensor(some, tf.string)
        lengths = preprocessor.text_lengths(strings).numpy()
        rows += computation((strings,), lengths)
    if not rows:
        # How wide they would be.
        return embed_texts(model, preprocessor, vectors, [""])[:0]
    return np.array(rows, np.float32)


@dataclasses.dataclass(frozen=True)
class _Kept:
    value: TextPreprocessor
