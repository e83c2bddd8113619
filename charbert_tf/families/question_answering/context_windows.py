"""ContextWindows: windows of contexts whose texts were tokenized once."""

from collections.abc import Sequence

import tensorflow as tf

from charbert_tf.text.rows import row_pieces


class ContextWindows(tf.experimental.ExtensionType):
    """Questions, each with a window of its context.

    The subwords of a context are there once, however many windows it has and however
    many questions are about it. `tf.gather` takes windows out as it takes rows out of
    a tensor, so a batch of any of them costs what they show and no more.

    A `QuestionAnswererPreprocessor` makes them, and features of them.

    Attributes:
        question_ids: int32 ragged tensor `(Q, subwords)`: what is seen of the
            questions.
        question_surfaces: string ragged tensor `(Q, subwords)`.
        context_ids: int32 ragged tensor `(C, subwords)`.
        context_surfaces: string ragged tensor `(C, subwords)`.
        context_starts: int32 ragged tensor `(C, subwords)`: the character (Unicode
            code point) of the context at which a subword begins; -1 for white space.
        context_ends: int32 ragged tensor `(C, subwords)`: the character after it.
        question: int32 tensor `(N,)`: which question each window is for.
        context: int32 tensor `(N,)`: which context it is of.
        start: int32 tensor `(N,)`: the first subword of the context that it shows.

    Example:

    ```python
    first = preprocessor.tokenize((["Who wrote it?"], ["Kafka wrote it."]))
    starts, _ = preprocessor.windows(first, stride=128)
    features = preprocessor(first.moved(starts.value_rowids(), starts.values))
    ```
    """

    question_ids: tf.RaggedTensor
    question_surfaces: tf.RaggedTensor
    context_ids: tf.RaggedTensor
    context_surfaces: tf.RaggedTensor
    context_starts: tf.RaggedTensor
    context_ends: tf.RaggedTensor
    question: tf.Tensor
    context: tf.Tensor
    start: tf.Tensor

    def moved(self, rows: tf.Tensor, starts: tf.Tensor) -> "ContextWindows":
        """Gives other windows of the same contexts, for the same questions.

        Args:
            rows: int tensor `(M,)`: a window with the question and the context.
            starts: int32 tensor `(M,)`: the first subword that is to be shown.

        Returns:
            The windows.
        """
        return self._with_places(
            tf.gather(self.question, rows), tf.gather(self.context, rows), starts
        )

    def question_lengths(self) -> tf.Tensor:
        """Returns the subwords of each window's question, int32 `(N,)`."""
        lengths = tf.cast(self.question_ids.row_lengths(), tf.int32)
        return tf.gather(lengths, self.question)

    def context_lengths(self) -> tf.Tensor:
        """Returns the subwords of each window's context, int32 `(N,)`."""
        lengths = tf.cast(self.context_ids.row_lengths(), tf.int32)
        return tf.gather(lengths, self.context)

    def questions(self) -> list[tf.RaggedTensor]:
        """Returns each question's ids and surfaces, ragged `(N, subwords)`."""
        return [
            tf.gather(values, self.question)
            for values in (self.question_ids, self.question_surfaces)
        ]

    def shown(self, lengths: tf.Tensor) -> list[tf.RaggedTensor]:
        """What each window shows of its context.

        Args:
            lengths: int32 tensor `(N,)`: how many subwords, at most.

        Returns:
            Ids, surfaces, starts and ends, ragged `(N, subwords)`.
        """
        columns = (
            self.context_ids,
            self.context_surfaces,
            self.context_starts,
            self.context_ends,
        )
        return row_pieces(columns, self.context, self.start, lengths)

    def _with_places(self, question, context, start) -> "ContextWindows":
        return ContextWindows(
            self.question_ids,
            self.question_surfaces,
            self.context_ids,
            self.context_surfaces,
            self.context_starts,
            self.context_ends,
            question,
            context,
            start,
        )


@tf.experimental.dispatch_for_api(tf.gather, {"params": ContextWindows})
def _gathered(
    params, indices, validate_indices=None, axis=None, batch_dims=0, name=None
):
    return params.moved(indices, tf.gather(params.start, indices))


def joined_windows(parts: Sequence[ContextWindows]) -> ContextWindows:
    """Puts windows that were tokenized apart one after another.

    Args:
        parts: One or more.

    Returns:
        The windows of all.

    Example:

    ```python
    joined_windows([preprocessor.tokenize(first), preprocessor.tokenize(second)])
    ```
    """
    if len(parts) == 1:
        return parts[0]
    texts = zip(*map(_texts, parts), strict=True)
    questions, contexts = 0, 0
    places = []
    for part in parts:
        places.append((part.question + questions, part.context + contexts, part.start))
        questions += tf.cast(part.question_ids.nrows(), tf.int32)
        contexts += tf.cast(part.context_ids.nrows(), tf.int32)
    columns = (*texts, *zip(*places, strict=True))
    return ContextWindows(*(tf.concat(column, axis=0) for column in columns))


def _texts(windows: ContextWindows) -> tuple[tf.RaggedTensor, ...]:
    return (
        windows.question_ids,
        windows.question_surfaces,
        windows.context_ids,
        windows.context_surfaces,
        windows.context_starts,
        windows.context_ends,
    )
