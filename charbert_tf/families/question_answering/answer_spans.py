"""best_spans: the likeliest answers, of the logits of a QuestionAnswerer."""

from typing import NamedTuple

import tensorflow as tf

_OUTSIDE = -1
_IMPOSSIBLE = float("-inf")


class AnswerSpans(NamedTuple):
    """The best spans of each sequence, best first.

    Attributes:
        scores: float32 `(B, n)`: start logit and end logit added; minus infinity where
            there are fewer spans.
        starts: int32 `(B, n)`: a span's first character in the context.
        ends: int32 `(B, n)`: the character after its last.
        null_scores: float32 `(B,)`: the same sum for the answer that is none, which
            starts and ends at the first token.
    """

    scores: tf.Tensor
    starts: tf.Tensor
    ends: tf.Tensor
    null_scores: tf.Tensor


def best_spans(
    logits: dict[str, tf.Tensor],
    offsets: tuple[tf.Tensor, tf.Tensor],
    max_answer_length: int,
    n_best: int,
) -> AnswerSpans:
    """Finds the best spans among all that begin and end in the context.

    Args:
        logits: `start_logits` and `end_logits` `(B, T)`, as a `QuestionAnswerer` has
            them.
        offsets: int32 tensors `(B, T)`, as `context_offsets` of its preprocessor
            gives them.
        max_answer_length: int. The most tokens of a span.
        n_best: int. How many spans of each sequence, at most.

    Returns:
        The spans.

    Example:

    ```python
    pairs = (["Who wrote it?"], ["Kafka wrote it."])
    preprocessor = answerer.preprocessor
    spans = best_spans(
        answerer(preprocessor(pairs)), preprocessor.context_offsets(pairs), 30, 20
    )
    ```
    """
    starts, ends = offsets
    start_logits, end_logits = (
        tf.where(starts == _OUTSIDE, _IMPOSSIBLE, tf.cast(logits[name], tf.float32))
        for name in ("start_logits", "end_logits")
    )
    # Ends by their distance from the start, (B, T, max_answer_length): all that are
    # near enough, and none before it.
    width = tf.shape(starts)[1]
    max_answer_length = tf.minimum(max_answer_length, width)
    last = tf.range(width)[:, None] + tf.range(max_answer_length)
    end_logits = tf.pad(
        end_logits, [[0, 0], [0, max_answer_length - 1]], constant_values=_IMPOSSIBLE
    )
    scores = start_logits[:, :, None] + tf.gather(end_logits, last, axis=1)
    scores = tf.reshape(scores, [-1, width * max_answer_length])
    scores, best = tf.math.top_k(scores, tf.minimum(n_best, tf.shape(scores)[1]))
    first = best // max_answer_length
    # What is padded has the score of what is impossible, and no offset to look up.
    last = tf.minimum(first + best % max_answer_length, width - 1)
    return AnswerSpans(
        scores,
        tf.gather(starts, first, batch_dims=1),
        tf.gather(ends, last, batch_dims=1),
        tf.cast(logits["start_logits"][:, 0] + logits["end_logits"][:, 0], tf.float32),
    )
