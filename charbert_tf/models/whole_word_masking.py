"""WholeWordMasking: which tokens the masked language model has to tell."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from charbert_tf.text.random_stream import uniform

_MASK_SHARE, _RANDOM_SHARE = 0.8, 0.1


class MaskedTokens(NamedTuple):
    """Sequences with words masked.

    Attributes:
        token_ids: int32 tensor `(B, T)`, with masks and random tokens.
        is_masked: bool tensor `(B, T)`: the tokens to tell, also where the token was
            kept. Their characters must not be shown.
    """

    token_ids: tf.Tensor
    is_masked: tf.Tensor


class WholeWordMasking:
    """Masks whole words until a share of the tokens is masked.

    Words are taken in random order while the budget lasts; the word that would exceed
    it is taken with the probability that makes the expected share exact. Of the masked
    tokens 80 % become `[MASK]`, 10 % a random token and 10 % stay (CharBERT, section
    3.3, https://arxiv.org/abs/2011.01513).

    Args:
        mask_token_id: int.
        vocabulary_size: int.
        special_token_ids: Ids that no random token may have.
        rate: float. Share of the real tokens. Defaults to 0.1.

    Example:

    ```python
    masking = WholeWordMasking(mask_token_id=4, vocabulary_size=1000,
                               special_token_ids=[0, 1, 2, 3, 4])
    masked = masking(
        token_ids=tf.constant([[2, 17, 18, 3]]),
        word_ids=tf.constant([[-1, 0, 0, -1]]),
        example_ids=tf.constant([0]), seed=(1, 2),
    )
    ```
    """

    def __init__(
        self,
        mask_token_id: int,
        vocabulary_size: int,
        special_token_ids: list[int],
        rate: float = 0.1,
    ):
        self.rate = rate
        self._mask_token_id = mask_token_id
        self._ordinary_ids = np.setdiff1d(
            np.arange(vocabulary_size, dtype=np.int32), special_token_ids
        )

    def __call__(
        self,
        token_ids: tf.Tensor,
        word_ids: tf.Tensor,
        example_ids: tf.Tensor,
        seed: Sequence[int] | tf.Tensor,
        is_protected: tf.Tensor | None = None,
    ) -> MaskedTokens:
        """Masks.

        Args:
            token_ids: int32 tensor `(B, T)`.
            word_ids: int32 tensor `(B, T)`: tokens of one word share one; ascending
                along a row, -1 at special and padded tokens.
            example_ids: int tensor `(B,)`; a row's masks depend on its own alone.
            seed: Two ints.
            is_protected: bool tensor `(B, T)`: tokens of words not to be masked,
                because they are noised.

        Returns:
            The masked sequences.
        """
        if is_protected is None:
            is_protected = tf.zeros_like(word_ids, tf.bool)
        rows = tf.RaggedTensor.from_tensor(word_ids)
        # Draws: the word's place in the order, whether to exceed, what to put, which.
        draws = uniform(rows, example_ids, seed, draws=4)
        draws = tf.reshape(draws, [*tf.unstack(tf.shape(word_ids)), 4])
        is_masked = self._choose(word_ids, is_protected, draws[:, :, 0], draws[:, 0, 1])
        return MaskedTokens(
            self._replace(token_ids, is_masked, draws[:, :, 2], draws[:, :, 3]),
            is_masked,
        )

    def _choose(self, word_ids, is_protected, order_draw, exceed_draw):
        is_real = word_ids >= 0
        is_open = is_real & ~is_protected
        width = tf.shape(word_ids)[1]
        # Within a row word ids ascend, so counting their changes numbers the words.
        is_first = tf.concat(
            [is_real[:, :1], is_real[:, 1:] & (word_ids[:, 1:] != word_ids[:, :-1])], 1
        )
        word = tf.where(is_open, tf.cumsum(tf.cast(is_first, tf.int32), axis=1), 0)
        row = tf.range(tf.shape(word_ids)[0])[:, None]
        segment = row * (width + 1) + word
        count = tf.shape(word_ids)[0] * (width + 1)

        def per_word(values):
            summed = tf.math.unsorted_segment_sum(
                tf.where(is_open, values, 0), segment, count
            )
            return tf.reshape(summed, [-1, width + 1])

        length = per_word(tf.ones_like(order_draw))
        order_key = per_word(tf.where(is_first, order_draw, 0))
        order_key = tf.where(length > 0, order_key, 2.0)
        order = tf.argsort(order_key, axis=1)
        sorted_length = tf.gather(length, order, batch_dims=1)
        total = tf.reduce_sum(tf.cast(is_real, tf.float32), axis=1, keepdims=True)
        before = tf.cumsum(sorted_length, axis=1, exclusive=True)
        room = self.rate * total - before
        is_taken = (sorted_length > 0) & (exceed_draw[:, None] * sorted_length < room)
        inverse = tf.argsort(order, axis=1)
        is_word_taken = tf.gather(is_taken, inverse, batch_dims=1)
        return is_open & tf.gather(is_word_taken, word, batch_dims=1)

    def _replace(self, token_ids, is_masked, kind_draw, which_draw):
        count = len(self._ordinary_ids)
        which = tf.minimum(tf.cast(which_draw * count, tf.int32), count - 1)
        replacement = tf.where(
            kind_draw < _MASK_SHARE,
            self._mask_token_id,
            tf.where(
                kind_draw < _MASK_SHARE + _RANDOM_SHARE,
                tf.gather(self._ordinary_ids, which),
                token_ids,
            ),
        )
        return tf.where(is_masked, replacement, token_ids)
