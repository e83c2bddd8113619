"""best_spans: the likeliest answers, of the logits of a QuestionAnswerer."""

import dataclasses
from typing import NamedTuple

import tensorflow as tf

_OUTSIDE = -1
_IMPOSSIBLE = float("-inf")
# No context has it, for it is no character.
_NO_TEXT = b"\xff"


@dataclasses.dataclass(frozen=True)
class FoundAnswer:
    """The best answer to a question.

    Args:
        text: its characters; `""` if the context has no word.
        score: its start logit and end logit added; minus infinity if there is none.
        start: its first character in the context, a Unicode code point, from 0.
        end: the character after its last.
        null_score: the score of no answer.
        no_answer: whether that is the higher one: what a model of SQuAD 2.0 says of a
            question that the context does not answer. One that has learnt answers
            alone, as of SQuAD 1.1, says nothing by it.

    Example:
        >>> FoundAnswer("Rome", 7.5, 3, 7, -2.0, no_answer=False).text
        'Rome'
    """

    text: str
    score: float
    start: int
    end: int
    null_score: float
    no_answer: bool


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


def answer_characters(
    contexts: tf.Tensor, answers: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds each answer's first occurrence.

    Args:
        contexts: string tensor `(B,)`, valid UTF-8.
        answers: string tensor `(B,)`: pieces of the contexts, `""` for no answer.

    Returns:
        Two int32 tensors `(B,)`: the character (Unicode code point) at which each
        begins and the one after its last; -1 where there is no answer.

    Raises:
        ValueError: If an answer does not stand in its context; in a graph it is an
            error of TensorFlow's with the same text.

    Example:

    ```python
    answer_characters(tf.constant(["Kafka wrote it."]), tf.constant(["Kafka"]))
    ```
    """
    is_answer = answers != ""
    before, occurrences = tf.map_fn(
        _before,
        (contexts, tf.where(is_answer, answers, _NO_TEXT)),
        fn_output_signature=(tf.string, tf.int32),
    )
    is_missing = is_answer & (occurrences == 0)
    text = "`y` has answers that do not stand in their contexts, letter by letter:"
    missing = tf.boolean_mask(answers, is_missing)
    if tf.executing_eagerly():
        if len(missing):
            raise ValueError(f"{text} {missing[0].numpy().decode()!r}.")
        checks = []
    else:
        checks = [tf.debugging.Assert(tf.size(missing) == 0, [text, missing])]
    with tf.control_dependencies(checks):
        starts = tf.strings.length(before, unit="UTF8_CHAR")
    ends = starts + tf.strings.length(answers, unit="UTF8_CHAR")
    return tuple(tf.where(is_answer, places, -1) for places in (starts, ends))


def _before(context_and_answer):
    """What stands before the answer, and how often that is there."""
    context, answer = context_and_answer
    pieces = tf.strings.split(context[None], answer).values
    count = tf.size(pieces)
    return tf.strings.reduce_join(pieces[:1]), tf.maximum(count, 1) - 1
