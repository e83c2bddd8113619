"""QuestionAnswererPreprocessor: questions with their contexts, to features."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.text.character_offsets import character_offsets
from charbert_tf.text.row_numbers import row_numbers
from charbert_tf.text.sequence_packer import keep_between
from charbert_tf.text.subword_tokenizer import Subwords
from charbert_tf.text.word_splitter import valid_utf8

_OUTSIDE = -1


@keras.saving.register_keras_serializable(package="charbert_tf")
class QuestionAnswererPreprocessor(CharBertPreprocessor):
    """Turns questions and contexts into features for a `QuestionAnswerer`.

    A pair is `[CLS] question [SEP] context [SEP]`, or what the encoder has instead. A
    context that is too long is seen through a window, by default at its beginning;
    `windows` says where others begin. The question is cut at its end if it is longer
    than `max_question_length`, or than half of the room where the context needs more
    than the other half.

    Args:
        tokenizer: As `CharBertPreprocessor` takes it.
        characters: As `CharBertPreprocessor` takes it.
        sequence_length: int. The most tokens of a sequence. Defaults to 128.
        static_shapes: bool. As `CharBertPreprocessor` takes it.
        max_question_length: int. The most subwords of a question. Defaults to 64.
        **kwargs: Other layer arguments, such as `name`.

    Example:

    ```python
    preprocessor = charbert_tf.QuestionAnswererPreprocessor(tokenizer, characters)
    pairs = (["Who wrote it?", "Where?"], ["Kafka wrote it.", "Kafka wrote it."])
    features, labels = preprocessor(pairs, ([0, -1], [5, -1]))
    starts, ends = preprocessor.context_offsets(pairs)
    ```
    """

    def __init__(
        self,
        tokenizer: keras_nlp.models.Tokenizer,
        characters: Sequence[str] | None = None,
        sequence_length: int = 128,
        static_shapes: bool = False,
        max_question_length: int = 64,
        **kwargs,
    ):
        super().__init__(
            tokenizer, characters, sequence_length, static_shapes, **kwargs
        )
        self.max_question_length = max_question_length

    def call(self, x, y=None, sample_weight=None):
        """Makes features, and labels at the tokens of the answers.

        Args:
            x: A tuple of two batches of strings `(B,)`: questions and contexts; or of
                three, with an int tensor `(B,)`: the subword of the context at which
                the window begins, by default the first.
            y: A tuple of two int tensors `(B,)`: the character (Unicode code point) of
                the context at which each answer begins, and the one after its last;
                -1 where there is no answer.
            sample_weight: Weights `(B,)`, passed on.

        Returns:
            The features; or, with `y`, the features and the labels `start_logits` and
            `end_logits` `(B,)`, int32: the tokens of the answer's first and last
            character, both 0 where there is no answer or some of it is outside of the
            window. With `sample_weight`, also that.
        """
        pair = self._pair(x)
        features = self.features([pair.question, pair.window])
        if y is None:
            return keras.utils.pack_x_y_sample_weight(features, None, sample_weight)
        labels = self._labels(pair, y)
        return keras.utils.pack_x_y_sample_weight(features, labels, sample_weight)

    def windows(self, x: tuple, stride: int) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Which windows see all of each context, one overlapping the next.

        Args:
            x: A tuple of two batches of strings `(B,)`: questions and contexts.
            stride: int. Subwords from one window's beginning to the next's, or half of
                what a window shows of the context where that is less: so any span of
                so many subwords is whole in some window.

        Returns:
            int32 ragged tensors `(B, windows)`: the subword of the context at which
            each window begins, and the tokens of its sequence, special ones included.
            There is at least one window.
        """
        question, context, _ = self._segments(x)
        question_length = self._question_length(question, context)
        length = context.token_ids.row_lengths()
        room, step, counts = self._tiling(question_length, length, stride)
        row = row_numbers(tf.cast(counts, tf.int32))
        place = tf.range(tf.reduce_sum(counts)) - tf.gather(
            tf.cumsum(counts, exclusive=True), row
        )
        starts = place * tf.gather(step, row)
        lengths = tf.minimum(tf.gather(length, row) - starts, tf.gather(room, row))
        lengths += tf.gather(question_length, row) + self.sequence_length - self._room()

        def by_row(values):
            values = tf.cast(values, tf.int32)
            return tf.RaggedTensor.from_row_lengths(values, counts, validate=False)

        return by_row(starts), by_row(lengths)

    def shows_answers(self, x: tuple, y: tuple, stride: int) -> tf.Tensor:
        """Tells which answers are whole in one of the windows of their contexts.

        Args:
            x: A tuple of two batches of strings `(B,)`: questions and contexts.
            y: Where the answers are, as `call` takes it.
            stride: int. As `windows` takes it.

        Returns:
            A bool tensor `(B,)`, true where there is no answer.
        """
        question, context, contexts = self._segments(x)
        first, last = _answer_subwords(context, contexts, y)
        room, step, counts = self._tiling(
            self._question_length(question, context),
            context.token_ids.row_lengths(),
            stride,
        )
        # The last window that begins before the answer shows most of what follows.
        start = tf.minimum(first // step, counts - 1) * step
        return last < start + room

    def context_offsets(self, x: tuple) -> tuple[tf.Tensor, tf.Tensor]:
        """Where in its context each token stands, to cut predicted answers out.

        Args:
            x: A tuple of two or three batches, as `call` takes it.

        Returns:
            int32 tensors `(B, T)`: each token's first character (Unicode code point),
            and the one after its last; both -1 at tokens that are not of the context,
            and at those of white space alone.
        """
        return self._offsets(self._pair(x))

    def features_and_offsets(
        self, x: tuple
    ) -> tuple[dict[str, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
        """What `call` and `context_offsets` give, tokenized once.

        Args:
            x: A tuple of two or three batches, as `call` takes it.

        Returns:
            The features and the offsets.
        """
        pair = self._pair(x)
        return self.features([pair.question, pair.window]), self._offsets(pair)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "max_question_length": self.max_question_length,
        }

    def _room(self) -> int:
        return self.packer.room(sum(self._num_ends(2)))

    def _segments(self, x) -> tuple[Subwords, Subwords, tf.Tensor]:
        questions, contexts = (
            valid_utf8(tf.reshape(tf.convert_to_tensor(texts, tf.string), [-1]))
            for texts in x[:2]
        )
        return (
            self.subword_tokenizer(questions),
            self.subword_tokenizer(contexts),
            contexts,
        )

    def _question_length(self, question: Subwords, context: Subwords) -> tf.Tensor:
        room = tf.constant(self._room(), tf.int64)
        most = tf.maximum(room - context.token_ids.row_lengths(), room // 2)
        most = tf.minimum(most, self.max_question_length)
        return tf.minimum(question.token_ids.row_lengths(), most)

    def _tiling(
        self, question_length: tf.Tensor, context_length: tf.Tensor, stride: int
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """A window's subwords of the context, those to the next one, and how many."""
        room = self._room() - question_length
        # Windows that only touched would show no answer that lies across the seam.
        step = tf.minimum(tf.constant(stride, tf.int64), tf.maximum(room // 2, 1))
        step = tf.maximum(step, 1)
        return room, step, 1 - tf.minimum((room - context_length) // step, 0)

    def _pair(self, x) -> "_Pair":
        question, context, contexts = self._segments(x)
        question_length = self._question_length(question, context)
        start = tf.zeros_like(question_length)
        if len(x) == 3:
            start = tf.cast(x[2], tf.int64)
        end = start + self._room() - question_length
        return _Pair(
            Subwords(*keep_between(question, tf.zeros_like(start), question_length)),
            Subwords(*keep_between(context, start, end)),
            context,
            contexts,
            start,
        )

    def _offsets(self, pair: "_Pair") -> tuple[tf.Tensor, tf.Tensor]:
        outside = pair.question.starts.with_values(
            tf.fill(tf.shape(pair.question.starts.values), _OUTSIDE)
        )
        segments = [pair.question.token_ids, pair.window.token_ids]
        layout = self.packer.layout(segments, self._num_ends(2))
        return tuple(
            layout.pack([outside, offsets], _OUTSIDE, _OUTSIDE, _OUTSIDE)
            for offsets in character_offsets(
                pair.texts, pair.window.starts, pair.window.ends
            )
        )

    def _labels(self, pair: "_Pair", y) -> dict[str, tf.Tensor]:
        first, last = _answer_subwords(pair.context, pair.texts, y)
        window_end = pair.start + pair.window.token_ids.row_lengths()
        is_whole = (first >= pair.start) & (last >= 0) & (last < window_end)
        first_position = 1 + pair.question.token_ids.row_lengths() - pair.start
        first_position += self.subword_tokenizer.pair_separators
        return {
            name: tf.cast(tf.where(is_whole, at + first_position, 0), tf.int32)
            for name, at in (("start_logits", first), ("end_logits", last))
        }


class _Pair(NamedTuple):
    """Questions with their contexts; `start` is the window's first subword."""

    question: Subwords
    window: Subwords
    context: Subwords
    texts: tf.Tensor
    start: tf.Tensor


def _answer_subwords(
    context: Subwords, texts: tf.Tensor, y: tuple
) -> tuple[tf.Tensor, tf.Tensor]:
    """Each answer's first and last subword; where it has none the last is -1."""
    starts, ends = character_offsets(texts, context.starts, context.ends)
    row = starts.value_rowids()
    answer_start, answer_end = (tf.gather(tf.cast(v, tf.int32), row) for v in y)
    # No subword reaches to -1.
    is_answer = (starts.values < answer_end) & (ends.values > answer_start)
    is_answer &= starts.values != _OUTSIDE
    position = tf.range(tf.size(row, tf.int64)) - tf.gather(starts.row_starts(), row)
    first = tf.math.unsorted_segment_min(
        tf.where(is_answer, position, position.dtype.max), row, starts.nrows()
    )
    last = tf.math.unsorted_segment_max(
        tf.where(is_answer, position, -1), row, starts.nrows()
    )
    return first, last
