"""Scores of taggers: of spans, as CoNLL's `conlleval` has them, and of words."""

from collections.abc import Sequence

from seqeval.metrics.sequence_labeling import precision_recall_fscore_support

from charbert_tf.families.tagging.tag_scheme import to_iob2


def span_scores(
    true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> dict[str, float]:
    """Scores spans as CoNLL's `conlleval` does: a span counts if it is right entirely.

    Args:
        true: the true tags of each sentence, IOB1 or IOB2.
        predicted: the predicted tags, as many for each sentence, IOB1 or IOB2.

    Returns:
        `precision`, `recall` and `f1` over all spans, in [0, 1]; 0 where nothing is
        there to count.

    Raises:
        ValueError: if a sentence has not as many predicted tags as true ones.

    Example:
        >>> span_scores([["I-PER", "I-PER", "O"]], [["B-PER", "I-PER", "B-LOC"]])
        {'precision': 0.5, 'recall': 1.0, 'f1': 0.6666666666666666}
    """
    _check_same_lengths(true, predicted)
    # Lists, for seqeval refuses tuples.
    precision, recall, f1, _ = precision_recall_fscore_support(
        [list(tags) for tags in true],
        [list(tags) for tags in predicted],
        average="micro",
        zero_division=0,
    )
    return {"precision": float(precision), "recall": float(recall), "f1": float(f1)}


def token_accuracy(
    true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> float:
    """Gives the share of words whose tag is right, which is the score of POS tagging.

    Args:
        true: the true tags of each sentence, IOB1 or IOB2 or of another kind.
        predicted: the predicted tags, as many for each sentence; in IOB2 if they mark
            spans.

    Returns:
        A number in [0, 1]. The truth is compared in IOB2, predictions are as they are:
        `conlleval` does not mend them, and I- where a span opens is wrong.

    Raises:
        ValueError: if a sentence has not as many predicted tags as true ones, or there
            is no word at all.

    Example:
        >>> token_accuracy([["DT", "NN"]], [["DT", "VB"]])
        0.5
    """
    _check_same_lengths(true, predicted)
    hits = [
        true_tag == predicted_tag
        for true_tags, predicted_tags in zip(true, predicted, strict=True)
        for true_tag, predicted_tag in zip(
            to_iob2(true_tags), predicted_tags, strict=True
        )
    ]
    if not hits:
        raise ValueError("There is no word to score.")
    return sum(hits) / len(hits)


def _check_same_lengths(
    true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> None:
    if [len(tags) for tags in true] != [len(tags) for tags in predicted]:
        raise ValueError("Every sentence needs as many predicted tags as true ones.")
