"""CharacterNoise: the typos that the noisy language model learns from."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from charbert_tf.text.byte_pair_pretokenizer import is_white_space
from charbert_tf.text.character_edits import (
    characters_at,
    replace_characters,
)
from charbert_tf.text.random_stream import index_below, uniform

_SHORT_WORD = 4


class CharacterNoise:
    """Puts one typo into some of the words.

    A word of fewer than 4 characters gets one random character inserted before a
    random one of its own. A longer one loses a random character or, as often, has two
    neighbours swapped, the first of them not the word's first (CharBERT, section 3.3
    and the authors' code, https://arxiv.org/abs/2011.01513).

    Args:
        characters: What may be inserted: the most frequent characters.
        rate: float. Share of the words. Defaults to 0.15.

    Example:

    ```python
    noise = CharacterNoise("etaoins", rate=0.15)
    words = tf.ragged.constant([["the", "character", "channel"]])
    noised, is_noised = noise(words, example_ids=tf.constant([0]), seed=(1, 2))
    ```
    """

    def __init__(self, characters: Sequence[str], rate: float = 0.15):
        self.rate = rate
        self._code_points = np.array([ord(c) for c in characters], np.int32)

    def __call__(
        self,
        words: tf.RaggedTensor,
        example_ids: tf.Tensor,
        seed: Sequence[int] | tf.Tensor,
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Noises words; the same seed and example give the same typos.

        Args:
            words: string ragged tensor `(B, words)`; white space alone stays as it is.
            example_ids: int tensor `(B,)`; a row's typos depend on its own alone.
            seed: Two ints.

        Returns:
            The words, and a bool ragged tensor `(B, words)`: which of them are others
            now. A swap of two equal characters leaves a word as it was.
        """
        # Draws: whether to noise, which edit, where, what to insert.
        draws = uniform(words, example_ids, seed, draws=4)
        is_chosen = (draws[:, 0] < self.rate) & ~is_white_space(words.values)
        chosen = tf.where(is_chosen)[:, 0]
        edited = self._edit(tf.gather(words.values, chosen), tf.gather(draws, chosen))
        values = tf.tensor_scatter_nd_update(words.values, chosen[:, None], edited)
        return words.with_values(values), words.with_values(values != words.values)

    def _edit(self, words: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        """Every edit replaces `removed` characters at `index` by 0, 1 or 2 others."""
        code_points = tf.strings.unicode_decode(words, "UTF-8")
        length = tf.cast(code_points.row_lengths(), tf.int32)
        is_insertion = length < _SHORT_WORD
        is_swap = ~is_insertion & (draws[:, 1] < 0.5)
        # A swap's first character is at [1, length - 2], any other edit anywhere.
        index = tf.where(
            is_swap,
            1 + index_below(draws[:, 2], length - 2),
            index_below(draws[:, 2], length),
        )
        neighbours = characters_at(code_points, tf.stack([index + 1, index], axis=1))
        which = index_below(
            draws[:, 3], tf.fill(tf.shape(length), len(self._code_points))
        )
        inserted = tf.gather(self._code_points, which)[:, None]
        replacement = tf.RaggedTensor.from_tensor(
            tf.where(is_swap[:, None], neighbours, inserted),
            lengths=tf.where(is_swap, 2, tf.where(is_insertion, 1, 0)),
        )
        removed = tf.where(is_swap, 2, tf.where(is_insertion, 0, 1))
        edited = replace_characters(code_points, index, removed, replacement)
        return tf.strings.unicode_encode(edited, "UTF-8")
