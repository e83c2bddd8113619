"""QuestionAnswererPreprocessor: questions with their contexts, to features."""

from collections.abc import Mapping, Sequence

import keras
import keras_nlp
import tensorflow as tf

from charbert_tf.families.question_answering.answer_spans import (
    answer_characters,
)
from charbert_tf.families.question_answering.context_windows import ContextWindows
from charbert_tf.models.charbert_preprocessor import CharBertPreprocessor
from charbert_tf.models.one_or_many import takes_one_or_many
from charbert_tf.noise.noised_texts import NoisedTexts
from charbert_tf.text.character_offsets import character_offsets
from charbert_tf.text.rows import row_numbers, row_pieces, row_positions
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

    @takes_one_or_many()
    def call(self, x, y=None, sample_weight=None):
        """Makes features, and labels at the tokens of the answers.

        Args:
            x: A tuple of two batches of strings `(B,)`: questions and contexts; or of
                three, with an int tensor `(B,)`: the subword of the context at which
                the window begins, by default the first. Or a dict with `"question"`
                and `"context"`. Or `ContextWindows`. Without the axis of the batch all
                has none.
            y: strings `(B,)`: the answers, of which the first occurrence in the context
                counts, `""` for none. Or a tuple of two int tensors `(B,)`: the
                character (Unicode code point) of the context at which each answer
                begins, and the one after its last; -1 where there is no answer. For
                `ContextWindows` what `labels` gives.
            sample_weight: Weights `(B,)`, passed on.

        Returns:
            The features; or, with `y`, the features and the labels `start_logits` and
            `end_logits` `(B,)`, int32: the tokens of the answer's first and last
            character, both 0 where there is no answer or some of it is outside of the
            window. With `sample_weight`, also that.
        """
        x, y = _texts_and_places(x, y)
        windows = self.tokenize(x)
        if y is not None and windows is not x:
            y = self.labels(windows, self.answer_subwords(windows, y))
        features = self.features(self._segments(windows))
        return keras.utils.pack_x_y_sample_weight(features, y, sample_weight)

    def noised(
        self, x: tuple, y: tuple, example_ids: tf.Tensor, seed: int | tf.Tensor
    ) -> tuple:
        """Noises questions and contexts, the answers too; see the base class.

        Were the answers' words alone left clean, they would be known by that. An answer
        that begins or ends amid an edited word gets all of the word. A window begins
        where the subword that it began with has moved to.
        """
        x, y = _texts_and_places(x, y)
        question, context = (
            self.training_noise.texts(
                _strings(text),
                example_ids,
                seed,
                index,
            )
            for index, text in enumerate(x[:2])
        )
        has_answer = tf.convert_to_tensor(y[0]) != _OUTSIDE
        y = tuple(
            tf.where(has_answer, moved, _OUTSIDE)
            for moved in context.moved(*(tf.cast(at, tf.int32) for at in y))
        )
        windows = self.tokenize((question.texts, context.texts))
        if len(x) == 3:
            starts = self._moved_window_starts(x, windows, context)
            windows = windows.moved(tf.range(tf.size(starts)), starts)
        return windows, self.labels(windows, self.answer_subwords(windows, y))

    def tokenize(self, x: tuple | ContextWindows) -> ContextWindows:
        """Tokenizes questions and contexts, each context once.

        Args:
            x: As `call` takes it.

        Returns:
            `B` windows; `x` itself, if it has been tokenized.
        """
        if isinstance(x, ContextWindows):
            return x
        questions, contexts = (_strings(texts) for texts in x[:2])
        # Many questions may be about one context.
        contexts, context = tf.unique(contexts)
        of_contexts = self.subword_tokenizer(contexts)
        starts, ends = character_offsets(contexts, of_contexts.starts, of_contexts.ends)
        of_questions = self.subword_tokenizer(questions)
        lengths = self._question_lengths(
            of_questions.token_ids.row_lengths(),
            tf.gather(of_contexts.token_ids.row_lengths(), context),
        )
        row = tf.range(tf.size(questions))
        start = tf.cast(x[2], tf.int32) if len(x) == 3 else tf.zeros_like(row)
        shown = row_pieces(of_questions[:2], row, tf.zeros_like(row), lengths)
        return ContextWindows(
            *(*shown, *of_contexts[:2], starts, ends), row, context, start
        )

    def windows(
        self, x: tuple | ContextWindows, stride: int
    ) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
        """Which windows see all of each context, one overlapping the next.

        Args:
            x: As `call` takes it; where its windows begin does not matter.
            stride: int. Subwords from one window's beginning to the next's, or half of
                what a window shows of the context where that is less: so any span of
                so many subwords is whole in some window.

        Returns:
            int32 ragged tensors `(B, windows)`: the subword of the context at which
            each window begins, and the tokens of its sequence, special ones included.
            There is at least one window.
        """
        windows = self.tokenize(x)
        length = windows.context_lengths()
        room = self.text_room(2) - windows.question_lengths()
        # Windows that only touched would show no answer that lies across the seam.
        step = tf.minimum(min(stride, self.sequence_length), tf.maximum(room // 2, 1))
        step = tf.maximum(step, 1)
        counts = 1 - tf.minimum((room - length) // step, 0)
        row = row_numbers(counts)
        place = tf.range(tf.size(row)) - tf.gather(
            tf.cumsum(counts, exclusive=True), row
        )
        starts = place * tf.gather(step, row)
        lengths = tf.minimum(tf.gather(length, row) - starts, tf.gather(room, row))
        lengths += self.sequence_length - tf.gather(room, row)
        counts = tf.cast(counts, tf.int64)
        return tuple(
            tf.RaggedTensor.from_row_lengths(values, counts, validate=False)
            for values in (starts, lengths)
        )

    def answer_subwords(
        self, windows: ContextWindows, y: tuple
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Which subwords of the whole contexts have some of the answers.

        Args:
            windows: What `tokenize` gives.
            y: The answers' characters, as `call` takes them.

        Returns:
            int32 tensors `(B,)`: the first subword and the last one, which is -1 where
            there is no answer.
        """
        starts, ends = (
            tf.gather(values, windows.context)
            for values in (windows.context_starts, windows.context_ends)
        )
        row, position = row_positions(starts)
        answer_start, answer_end = (tf.gather(tf.cast(v, tf.int32), row) for v in y)
        # No subword reaches to -1.
        is_answer = (starts.values < answer_end) & (ends.values > answer_start)
        is_answer &= starts.values != _OUTSIDE
        count = tf.size(windows.context)
        first = tf.math.unsorted_segment_min(
            tf.where(is_answer, position, position.dtype.max), row, count
        )
        last = tf.math.unsorted_segment_max(
            tf.where(is_answer, position, -1), row, count
        )
        return first, last

    def labels(
        self, windows: ContextWindows, answers: tuple[tf.Tensor, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        """Where in the sequences of windows the answers are.

        Args:
            windows: The windows.
            answers: The first and the last subword of each window's answer in the
                whole context, as `answer_subwords` gives them.

        Returns:
            Labels, as `call` gives them.
        """
        first, last = answers
        question_length = windows.question_lengths()
        end = windows.start + self.text_room(2) - question_length
        is_whole = (first >= windows.start) & (last >= 0) & (last < end)
        first_position = 1 + question_length - windows.start
        first_position += self.subword_tokenizer.pair_separators
        return {
            name: tf.where(is_whole, at + first_position, 0)
            for name, at in (("start_logits", first), ("end_logits", last))
        }

    def context_offsets(self, x: tuple | ContextWindows) -> tuple[tf.Tensor, tf.Tensor]:
        """Where in its context each token stands, to cut predicted answers out.

        Args:
            x: As `call` takes it.

        Returns:
            int32 tensors `(B, T)`: each token's first character (Unicode code point),
            and the one after its last; both -1 at tokens that are not of the context,
            and at those of white space alone.
        """
        return self._offsets(self._segments(self.tokenize(x)))

    def features_and_offsets(
        self, x: tuple | ContextWindows
    ) -> tuple[dict[str, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
        """What `call` and `context_offsets` give, tokenized once.

        Args:
            x: As `call` takes it.

        Returns:
            The features and the offsets.
        """
        segments = self._segments(self.tokenize(x))
        return self.features(segments), self._offsets(segments)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "max_question_length": self.max_question_length,
        }

    def _moved_window_starts(
        self, x: tuple, moved: ContextWindows, context: NoisedTexts
    ) -> tf.Tensor:
        """The subwords at which windows begin, after their contexts were noised."""
        windows = self.tokenize(x)
        starts = tf.gather(windows.context_starts, windows.context)
        row, position = row_positions(starts)
        # A subword of white space alone stands nowhere; then it is the next one.
        is_shown = position >= tf.gather(windows.start, row)
        is_shown &= starts.values != _OUTSIDE
        first = _least(starts.values, is_shown, row, tf.size(windows.start))
        first, _ = context.moved(first, first + 1)
        ends = tf.gather(moved.context_ends, moved.context)
        row, position = row_positions(ends)
        is_behind = ends.values > tf.gather(first, row)
        return _least(position, is_behind, row, tf.size(first))

    def _question_lengths(self, lengths: tf.Tensor, of_contexts: tf.Tensor):
        """How many subwords of questions are seen."""
        room = tf.constant(self.text_room(2), tf.int64)
        most = tf.maximum(room - of_contexts, room // 2)
        return tf.minimum(lengths, tf.minimum(most, self.max_question_length))

    def _segments(self, windows: ContextWindows) -> list[Subwords]:
        """Each window's question and what it shows, placed by characters."""
        token_ids, surfaces = windows.questions()
        outside = token_ids.with_values(tf.fill(tf.shape(token_ids.values), _OUTSIDE))
        shown = windows.shown(self.text_room(2) - windows.question_lengths())
        return [Subwords(token_ids, surfaces, outside, outside), Subwords(*shown)]

    def _offsets(self, segments: list[Subwords]) -> tuple[tf.Tensor, tf.Tensor]:
        token_ids = [segment.token_ids for segment in segments]
        layout = self.packer.layout(token_ids, self._num_ends(2))
        return tuple(
            layout.pack(offsets, _OUTSIDE, _OUTSIDE, _OUTSIDE)
            for offsets in (
                [segment.starts for segment in segments],
                [segment.ends for segment in segments],
            )
        )


def _least(
    values: tf.Tensor, is_counted: tf.Tensor, row: tf.Tensor, num_rows: tf.Tensor
) -> tf.Tensor:
    """The least value of each row that counts, 0 where none does."""
    most = values.dtype.max
    least = tf.math.unsorted_segment_min(
        tf.where(is_counted, values, most), row, num_rows
    )
    return tf.where(least == most, 0, least)


def _texts_and_places(x, y) -> tuple:
    """Questions and contexts as a tuple, and answers as places in the contexts."""
    if isinstance(x, Mapping):
        if not {"question", "context"} <= set(x):
            raise ValueError(
                f"The texts are called {', '.join(map(repr, x))}: name them 'question' "
                "and 'context', or give a tuple."
            )
        x = (x["question"], x["context"])
    is_text = isinstance(x, tuple) and y is not None and not isinstance(y, tuple)
    return x, answer_characters(*map(_strings, (x[1], y))) if is_text else y


def _strings(texts) -> tf.Tensor:
    return valid_utf8(tf.reshape(tf.convert_to_tensor(texts, tf.string), [-1]))
