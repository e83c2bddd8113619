"""What the scores of tagging are made of, sentence by sentence."""

import textwrap
from collections.abc import Sequence

import numpy as np
from seqeval.metrics.sequence_labeling import get_entities

from charbert_tf.families.ratios import ratios
from charbert_tf.families.tagging.tagging import TaggedSentence, to_iob2
from charbert_tf.files.errors import UserError

_MOST_CHARACTERS = 60


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
        predicted: the predicted tags, as many for each sentence; in IOB2 if they mark
            spans, as for `token_accuracy`.

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
        spans, guesses = set(get_entities(list(tags))), set(get_entities(list(guessed)))
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
        `f1`, `precision` and `recall`, of shape (...), in [0, 1]; 0 where nothing is
        there to count.

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
