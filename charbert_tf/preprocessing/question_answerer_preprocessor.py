"""QuestionAnswererPreprocessor: questions with their contexts, to features."""

import keras
import tensorflow as tf

from charbert_tf.preprocessing.character_offsets import character_offsets
from charbert_tf.preprocessing.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.preprocessing.sequence_packer import keep_first
from charbert_tf.preprocessing.subword_tokenizer import Subwords
from charbert_tf.preprocessing.word_splitter import valid_utf8

_OUTSIDE = -1


@keras.saving.register_keras_serializable(package="charbert_tf")
class QuestionAnswererPreprocessor(CharBertPreprocessor):
    """Turns questions and contexts into features for a `QuestionAnswerer`.

    A pair is `[CLS] question [SEP] context [SEP]`, or what the encoder has instead. If
    it is too long the context is cut at its end; the question only if there is no room
    for it alone.

    Arguments are those of `CharBertPreprocessor`.

    Example:

    ```python
    preprocessor = charbert_tf.QuestionAnswererPreprocessor(tokenizer, characters)
    pairs = (["Who wrote it?", "Where?"], ["Kafka wrote it.", "Kafka wrote it."])
    features, labels = preprocessor(pairs, ([0, -1], [5, -1]))
    starts, ends = preprocessor.context_offsets(pairs)
    ```
    """

    def call(self, x, y=None, sample_weight=None):
        """Makes features, and labels at the tokens of the answers.

        Args:
            x: A tuple of two batches of strings `(B,)`: questions and contexts.
            y: A tuple of two int tensors `(B,)`: the character (Unicode code point) of
                the context at which each answer begins, and the one after its last;
                -1 where there is no answer.
            sample_weight: Weights `(B,)`, passed on.

        Returns:
            The features; or, with `y`, the features and the labels `start_logits` and
            `end_logits` `(B,)`, int32: the tokens of the answer's first and last
            character, both 0 where there is no answer or some of it was cut off. With
            `sample_weight`, also that.
        """
        question, context, contexts = self._segments(x)
        question, kept = self._truncated(question, context)
        features = self.features([question, kept])
        if y is None:
            return keras.utils.pack_x_y_sample_weight(features, None, sample_weight)
        starts, ends = character_offsets(contexts, context.starts, context.ends)
        answer_start, answer_end = (tf.cast(v, tf.int32)[:, None] for v in y)
        # No subword reaches to -1.
        is_answer = (starts < answer_end) & (ends > answer_start) & (starts != _OUTSIDE)
        first, last = _outermost(is_answer)
        first_position = 1 + question.token_ids.row_lengths()
        first_position += self.subword_tokenizer.pair_separators
        is_whole = (last >= 0) & (last < kept.token_ids.row_lengths())
        labels = {
            name: tf.cast(tf.where(is_whole, at + first_position, 0), tf.int32)
            for name, at in (("start_logits", first), ("end_logits", last))
        }
        return keras.utils.pack_x_y_sample_weight(features, labels, sample_weight)

    def context_offsets(self, x: tuple) -> tuple[tf.Tensor, tf.Tensor]:
        """Where in its context each token stands, to cut predicted answers out.

        Args:
            x: A tuple of two batches of strings `(B,)`: questions and contexts.

        Returns:
            int32 tensors `(B, T)`: each token's first character (Unicode code point),
            and the one after its last; both -1 at tokens that are not of the context,
            and at those of white space alone.
        """
        question, context, contexts = self._segments(x)
        question, kept = self._truncated(question, context)
        outside = question.starts.with_values(
            tf.fill(tf.shape(question.starts.values), _OUTSIDE)
        )
        num_ends = self._num_ends(2)
        return tuple(
            self.packer.pack(
                [outside, offsets],
                _OUTSIDE,
                [[_OUTSIDE] * count for count in num_ends],
                _OUTSIDE,
            )
            for offsets in character_offsets(contexts, kept.starts, kept.ends)
        )

    def _segments(self, x) -> tuple[Subwords, Subwords, tf.Tensor]:
        questions, contexts = (
            valid_utf8(tf.reshape(tf.convert_to_tensor(texts, tf.string), [-1]))
            for texts in x
        )
        return (
            self.subword_tokenizer(questions),
            self.subword_tokenizer(contexts),
            contexts,
        )

    def _truncated(self, question, context) -> tuple[Subwords, Subwords]:
        room = tf.constant(self.packer.room(sum(self._num_ends(2))), tf.int64)
        question_length = tf.minimum(question.token_ids.row_lengths(), room)
        return (
            Subwords(*(keep_first(v, question_length) for v in question)),
            Subwords(*(keep_first(v, room - question_length) for v in context)),
        )


def _outermost(is_answer: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The first and the last true value of each row; -1 for the last if none is."""
    position = tf.ragged.range(is_answer.row_lengths())
    position = tf.ragged.boolean_mask(position, is_answer)
    last = tf.reduce_max(position, axis=1)
    is_found = position.row_lengths() > 0
    return tf.reduce_min(position, axis=1), tf.where(is_found, last, -1)
