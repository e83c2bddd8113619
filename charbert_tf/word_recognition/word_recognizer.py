"""WordRecognizer: which word was meant, from how it is spelt and what is around it."""

import functools
import os
from collections.abc import Iterator, Sequence

import keras
import keras_nlp
import numpy as np
import tensorflow as tf

from charbert_tf.constructor_arguments import constructor_arguments, refuse_unknown
from charbert_tf.files.errors import UserError
from charbert_tf.files.json_files import read_json_object
from charbert_tf.model_card import WithCard
from charbert_tf.models.model_folder import reading_model_folder
from charbert_tf.models.orthogonal import orthogonal
from charbert_tf.text.lookup_tables import CodePointTable
from charbert_tf.text.rows import row_positions

_REMEDY = "name the preset that official.train_word_recognizer wrote"


class SemiCharacters:
    """Describes a word by its first character, the bag of the inner ones and its last.

    Typos that keep the ends change little of it: a swap nothing at all (Sakaguchi et
    al., 2017, section 3, https://arxiv.org/abs/1608.02214).

    Args:
        characters: The character vocabulary, lower-cased, the last entry `<unk>`.

    Example:

    ```python
    features = SemiCharacters(["a", "b", "c", "<unk>"])
    features(tf.ragged.constant([["abbc"]]))["semi_characters"]
    # [[[1, 0, 0, 0,  0, 2, 0, 0,  0, 0, 1, 0]]]
    ```
    """

    def __init__(self, characters: Sequence[str]):
        self._table = CodePointTable(characters)
        self._count = len(characters)

    def __call__(self, words: tf.RaggedTensor) -> dict[str, tf.Tensor]:
        """Makes the features of sentences; case does not count.

        Args:
            words: string ragged tensor `(B, words)`, UTF-8.

        Returns:
            `semi_characters`, float32 `(B, T, 3 * characters)`: the first character
            and the last as one-hot vectors, between them how often each inner one
            occurs; `padding_mask`, int32 `(B, T)`, 1 at words.
        """
        vectors = words.with_values(self._vectors(words.values))
        ones = words.with_values(tf.ones_like(words.values, tf.int32))
        return {
            "semi_characters": vectors.to_tensor(shape=[None, None, 3 * self._count]),
            "padding_mask": ones.to_tensor(),
        }

    def _vectors(self, words: tf.Tensor) -> tf.Tensor:
        lower = tf.strings.lower(words, "utf-8")
        code_points = tf.strings.unicode_decode(lower, "UTF-8")
        ids = self._table(code_points.values)
        length = tf.cast(code_points.row_lengths(), tf.int32)
        row, position = row_positions(code_points)
        is_first, is_last = position == 0, position == tf.gather(length, row) - 1

        def count(chosen, part):
            where = tf.stack([row, part * self._count + ids], axis=1)
            return tf.boolean_mask(where, chosen)

        # The only character of a word is its first and its last.
        where = tf.concat(
            [count(is_first, 0), count(~is_first & ~is_last, 1), count(is_last, 2)],
            axis=0,
        )
        shape = tf.stack([tf.size(words), 3 * self._count])
        return tf.scatter_nd(where, tf.ones(tf.shape(where)[:1]), shape)


# Words of a batch, padding included: they share 160 MB of logits.
_WORDS_AT_ONCE = 4_000


@keras.saving.register_keras_serializable(package="charbert_tf")
class WordRecognizer(WithCard, keras_nlp.models.Backbone):
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
        # Keras ignores what it does not know.
        known = constructor_arguments(type(self), WordRecognizer)
        refuse_unknown(type(self), kwargs, [*known, "name", "trainable"])

        # === Layers ===
        self.semi_characters = SemiCharacters(characters)
        self.bidirectional_lstm = keras.layers.Bidirectional(
            keras.layers.LSTM(
                hidden_dim,
                return_sequences=True,
                recurrent_initializer=orthogonal(dtype),
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


def load_word_recognizer(folder: str) -> WordRecognizer:
    """Loads a word recogniser.

    Args:
        folder: A preset that `official.train_word_recognizer` wrote.

    Returns:
        The recogniser, with its weights and words.

    Raises:
        UserError: If the folder is none.

    Example:

    ```python
    recognizer = load_word_recognizer("my_recognizer/preset")
    ```
    """
    with reading_model_folder(folder):
        config = read_json_object(os.path.join(folder, "config.json"), _REMEDY)
        name = config.get("registered_name")
        if name == keras.saving.get_registered_name(WordRecognizer):
            return WordRecognizer.from_preset(folder)
    raise UserError(f"holds no WordRecognizer: {_REMEDY}", folder)
