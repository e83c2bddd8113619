"""WordRecognizer: which word was meant, from how it is spelt and what is around it."""

import functools
from collections.abc import Iterator, Sequence

import keras
import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.word_recognition.semi_characters import SemiCharacters

# Words of a batch, padding included: they share 160 MB of logits.
_WORDS_AT_ONCE = 4_000


@keras.saving.register_keras_serializable(package="charbert_tf")
class WordRecognizer(keras_nlp.models.Backbone):
    """A semi-character network that recognises misspelt words in their context.

    `SemiCharacters` of each word, a bidirectional LSTM over the sentence, and a softmax
    over the known words and `<unk>` (Pruthi et al., 2019, section 3.1,
    https://arxiv.org/abs/1905.11268). Case does not count.

    It is no encoder, but saved and loaded as one: `save_to_preset`, `from_preset`.

    Args:
        words: The words that it knows, lower-cased, the last entry `<unk>`.
        characters: The characters that it knows, lower-cased, the last entry `<unk>`.
        hidden_dim: int. Units of the LSTM in each direction. Defaults to 50.
        dtype: string or `keras.DTypePolicy`.
        **kwargs: Other model arguments, such as `name`.

    Inputs are `semi_characters`, float `(B, T, 3 * characters)`, and `padding_mask`,
    int32 `(B, T)`; the output is logits `(B, T, words)` of the policy's compute dtype.

    Example:

    ```python
    recognizer = charbert_tf.WordRecognizer(
        ["the", "film", "<unk>"], [*"abcdefghijklmnopqrstuvwxyz", "<unk>"]
    )
    recognizer.recognize([["The", "flim"]])  # [["the", "film"]] when it is trained
    ```
    """

    def __init__(
        self,
        words: Sequence[str],
        characters: Sequence[str],
        hidden_dim: int = 50,
        dtype: str | keras.DTypePolicy | None = None,
        **kwargs,
    ):
        # === Layers ===
        self.semi_characters = SemiCharacters(characters)
        self.bidirectional_lstm = keras.layers.Bidirectional(
            keras.layers.LSTM(
                hidden_dim,
                return_sequences=True,
                dtype=dtype,
                # Its kernels are a GPU's alone, and a graph may be saved.
                use_cudnn=False,
            ),
            dtype=dtype,
            name="bidirectional_lstm",
        )
        self.logits = keras.layers.Dense(len(words), dtype=dtype, name="logits")

        # === Functional Model ===
        inputs = {
            "semi_characters": keras.Input(
                (None, 3 * len(characters)), name="semi_characters"
            ),
            "padding_mask": keras.Input((None,), dtype="int32", name="padding_mask"),
        }
        states = self.bidirectional_lstm(
            inputs["semi_characters"],
            mask=keras.ops.cast(inputs["padding_mask"], "bool"),
        )
        super().__init__(
            inputs=inputs, outputs=self.logits(states), dtype=dtype, **kwargs
        )

        # === Config ===
        self.words = list(words)
        self.characters = list(characters)
        self.hidden_dim = hidden_dim

    def recognize(self, sentences: Sequence[Sequence[str]]) -> list[list[str | None]]:
        """Tells which word each word was meant to be.

        Args:
            sentences: The words of each sentence, as they were typed.

        Returns:
            As many words for each sentence, lower-cased; `None` for one that is not
            among those that the model knows. A sentence's do not depend on the others.
        """
        names = [*self.words[:-1], None]
        recognized: list = [[] for _ in sentences]
        for batch in _batches(sentences):
            rows = [sentences[index] for index in batch]
            words = tf.ragged.constant(rows, tf.string, ragged_rank=1)
            ids = self._compiled_argmax(words).numpy()
            for index, row, of_row in zip(batch, rows, ids, strict=True):
                recognized[index] = [names[id] for id in of_row[: len(row)]]
        return recognized

    @functools.cached_property
    def _compiled_argmax(self):
        return tf.function(
            lambda words: tf.argmax(
                self(self.semi_characters(words), training=False), -1, tf.int32
            ),
            input_signature=[tf.RaggedTensorSpec((None, None), tf.string, 1)],
        )

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "words": list(self.words),
            "characters": list(self.characters),
            "hidden_dim": self.hidden_dim,
        }


def _batches(sentences: Sequence[Sequence[str]]) -> Iterator[list[int]]:
    """Which sentences go together: about equally long ones, but no empty ones."""
    batch: list[int] = []
    for index in np.argsort([len(words) for words in sentences], kind="stable"):
        length = len(sentences[index])
        if batch and (len(batch) + 1) * length > _WORDS_AT_ONCE:
            yield batch
            batch = []
        if length:
            batch.append(int(index))
    if batch:
        yield batch
