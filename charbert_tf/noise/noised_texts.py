"""NoisedTexts: running text with some words edited, and where the rest has moved to."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf
import tensorflow_text as tf_text

from charbert_tf.text.word_splitter import TYPED_WORD


class NoisedTexts(NamedTuple):
    """Texts after their words were edited.

    Attributes:
        texts: string tensor `(B,)`.
        before: string ragged tensor `(B, pieces)`: words, and what is between them.
        after: string ragged tensor `(B, pieces)`: what has become of each.
    """

    texts: tf.Tensor
    before: tf.RaggedTensor
    after: tf.RaggedTensor

    @classmethod
    def of(
        cls,
        texts: tf.Tensor,
        edit: Callable[[tf.RaggedTensor], tf.RaggedTensor],
    ) -> "NoisedTexts":
        """Edits the words of texts.

        Args:
            texts: string tensor `(B,)`, valid UTF-8.
            edit: Takes and gives words, string ragged tensors `(B, words)`.

        Returns:
            The texts.
        """
        # The op takes a NUL for the end of the text.
        texts = tf.strings.regex_replace(texts, r"\x00", " ")
        before = tf_text.regex_split(texts, TYPED_WORD, TYPED_WORD)
        is_word = tf.strings.regex_full_match(before.values, TYPED_WORD)
        words = tf.ragged.boolean_mask(before, before.with_values(is_word))
        after = before.with_values(
            tf.tensor_scatter_nd_update(
                before.values, tf.where(is_word), edit(words).values
            )
        )
        return cls(tf.strings.reduce_join(after, axis=-1), before, after)

    def moved(self, starts: tf.Tensor, ends: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Tells where characters of the original texts stand now.

        Args:
            starts: int32 tensor `(B,)`: where in its text the first of them stands, in
                characters (Unicode code points).
            ends: int32 tensor `(B,)`: where the last one ends.

        Returns:
            Their starts and ends in `texts`, as `attacks.EditedText.moved` gives them:
            where they begin or end amid a word that was edited, all of it is taken in.
        """
        lengths, new_lengths = (
            # One more, so that there is a piece behind the last one.
            tf.pad(tf.strings.length(pieces.values, "UTF8_CHAR"), [[0, 1]])
            for pieces in (self.before, self.after)
        )
        is_same = tf.pad(self.before.values == self.after.values, [[0, 1]])
        # Counted through all texts, so that one search finds all places.
        piece_ends, new_ends = tf.cumsum(lengths), tf.cumsum(new_lengths)
        piece_starts, new_starts = piece_ends - lengths, new_ends - new_lengths
        first_piece = self.before.row_starts()
        text_start, new_text_start = (
            tf.gather(of, first_piece) for of in (piece_starts, new_starts)
        )

        def at(offsets, side):
            place = text_start + offsets
            piece = tf.searchsorted(piece_ends, place, side=side)
            piece = tf.minimum(piece, tf.size(lengths) - 1)
            inside = place - tf.gather(piece_starts, piece)
            of_edited = 0 if side == "right" else tf.gather(new_lengths, piece)
            moved = tf.where(
                tf.gather(is_same, piece) | (inside == 0), inside, of_edited
            )
            return tf.gather(new_starts, piece) + moved - new_text_start

        return at(starts, "right"), at(ends, "left")
