"""TaggingMetric: F1 of spans and accuracy of words."""

import textwrap
from collections.abc import Sequence

import numpy as np

from charbert_tf.families.metric import Metric, ratios
from charbert_tf.families.tagging.tag_scheme import (
    is_span_tagging,
    spans_of_tags,
    to_iob2,
)
from charbert_tf.families.tagging.tagged_sentence import TaggedSentence
from charbert_tf.files.errors import UserError

_MOST_CHARACTERS = 60
_WORDS = 2


class TaggingMetric(Metric):
    """F1, precision and recall of spans as `conlleval` has them; accuracy of words.

    Args:
        first: the score that comes first: `"f1"`, of spans, or the words' `"accuracy"`,
            which is then the only one. By default F1 if the tags mark spans.

    Example:
        >>> sentence = TaggedSentence(("Rome", "wins"), ("B-LOC", "O"), line=1)
        >>> counts = TaggingMetric().counts([sentence], [["O", "O"]], ["O", "B-LOC"])
        >>> TaggingMetric().scores(counts.sum(axis=0))["accuracy"]
        array(0.5)
    """

    score_of_example = "accuracy"
    right_if = "every tag of its sentence is"

    def __init__(self, first: str | None = None):
        self._first = first

    def counts(
        self,
        examples: Sequence[TaggedSentence],
        predictions: Sequence[Sequence[str]],
        labels: Sequence[str],
    ) -> np.ndarray:
        """Returns counts of words `(N, 2)` and, if any, of spans `(N, 2 + 3)`.

        Raises:
            UserError: If a sentence has more or fewer predicted tags than words, or,
                where tags mark spans, one that is not IOB.
        """
        check_tag_counts(examples, predictions)
        true = [example.tags for example in examples]
        words = word_counts(true, predictions)
        if not self._has_spans(labels):
            return words
        predicted = {tag for tags in predictions for tag in tags}
        others = [tag for tag in predicted if not is_span_tagging([tag])]
        if others:
            raise UserError(
                f"the predicted tag {min(others)!r} is not IOB: predict O, B-... and "
                "I-... where the true tags mark spans"
            )
        return np.hstack([words, span_counts(true, predictions)])

    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns spans' F1, precision and recall if there are any, and accuracy."""
        words, spans = sums[..., :_WORDS], sums[..., _WORDS:]
        of_spans = span_scores_of_counts(spans) if spans.shape[-1] else {}
        return of_spans | word_scores(words)

    def are_right(self, counts: np.ndarray) -> np.ndarray:
        """Tells whether all spans are right, or all tags; see the base class."""
        spans = counts[..., _WORDS:]
        if spans.shape[-1]:
            # Also where I- opens a span, which counts as a wrong tag of its word.
            return (spans[..., 0] == spans[..., 1]) & (spans[..., 0] == spans[..., 2])
        return super().are_right(counts)

    def _has_spans(self, labels: Sequence[str]) -> bool:
        if self._first is None:
            return is_span_tagging(labels)
        return self._first == "f1"


def check_tag_counts(
    sentences: Sequence[TaggedSentence], predicted: Sequence[Sequence[str]]
) -> None:
    """Checks that a model, which may be a user's, has tagged every word.

    Args:
        sentences: the sentences.
        predicted: the predicted tags of each.

    Raises:
        UserError: if a sentence has more or fewer predicted tags than words, or
            something else than a list of them.

    Example:
        >>> sentence = TaggedSentence(("Rome", "wins"), ("B-LOC", "O"), line=1)
        >>> check_tag_counts([sentence], [["B-LOC", "O"]])
    """
    for sentence, tags in zip(sentences, predicted, strict=True):
        # Of a text each character would be taken for a tag.
        if isinstance(tags, str) or not isinstance(tags, Sequence | np.ndarray):
            problem = f"a {type(tags).__name__}: predict a list of tags"
        elif not all(isinstance(tag, str) for tag in tags):
            problem = "tags that are no text: predict the names of tags"
        elif len(tags) != len(sentence.words):
            problem = f"{len(tags)} tag(s): predict one for each word"
        else:
            continue
        text = textwrap.shorten(
            " ".join(sentence.words), _MOST_CHARACTERS, placeholder=" ..."
        )
        raise UserError(
            f"the sentence {text!r} of line {sentence.line} has "
            f"{len(sentence.words)} word(s) and gets {problem}"
        )


def word_counts(
    true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> np.ndarray:
    """Counts the words of sentences, and those whose tag is right.

    Args:
        true: the true tags of each sentence, IOB1 or IOB2 or of another kind.
        predicted: the predicted tags, as many for each sentence. The truth is compared
            in IOB2, predictions are as they are: `conlleval` does not mend them, and I-
            where a span opens is wrong.

    Returns:
        float array (N, 2): right words, words.

    Raises:
        ValueError: if a sentence has not as many predicted tags as true ones.

    Example:
        >>> word_counts([["I-PER", "O"]], [["B-PER", "B-LOC"]])
        array([[1., 2.]])
    """
    return np.array(
        [
            [
                sum(
                    tag == guess
                    for tag, guess in zip(to_iob2(tags), guessed, strict=True)
                ),
                len(tags),
            ]
            for tags, guessed in zip(true, predicted, strict=True)
        ],
        float,
    )


def span_counts(
    true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> np.ndarray:
    """Counts the spans of sentences as `conlleval` does.

    Args:
        true: the true tags of each sentence, IOB1 or IOB2.
        predicted: the predicted tags, as many for each sentence.

    Returns:
        float array (N, 3): spans that are right entirely, predicted spans, true spans.

    Example:
        >>> span_counts([["I-PER", "I-PER", "O"]], [["B-PER", "I-PER", "B-LOC"]])
        array([[1., 2., 1.]])
    """
    rows = []
    for tags, guessed in zip(true, predicted, strict=True):
        spans, guesses = spans_of_tags(tags), spans_of_tags(guessed)
        rows.append([len(spans & guesses), len(guesses), len(spans)])
    return np.array(rows, float)


def word_scores(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Gives the accuracy of summed `word_counts`.

    Args:
        sums: float (..., 2).

    Returns:
        `accuracy`, of shape (...), in [0, 1].

    Example:
        >>> word_scores(np.array([1, 2]))
        {'accuracy': array(0.5)}
    """
    return {"accuracy": ratios(sums[..., 0], sums[..., 1])}


def span_scores_of_counts(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Gives the scores of summed `span_counts`.

    Args:
        sums: float (..., 3).

    Returns:
        `f1`, `precision` and `recall`, of shape (...), in [0, 1]; not a number
        where nothing is there to count.

    Example:
        >>> span_scores_of_counts(np.array([1, 2, 2]))["f1"]
        array(0.5)
    """
    right, predicted, true = np.moveaxis(np.asarray(sums), -1, 0)
    return {
        "f1": ratios(2 * right, predicted + true),
        "precision": ratios(right, predicted),
        "recall": ratios(right, true),
    }
