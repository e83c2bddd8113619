"""MultiLabelMetric: F1 over any number of labels a text."""

from collections.abc import Sequence

import numpy as np

from charbert_tf.families.classification.labelled_text import LabelledText
from charbert_tf.families.metric import Metric, ratios
from charbert_tf.files.errors import UserError


class MultiLabelMetric(Metric):
    """F1 of all labels together and as a mean over labels; texts that are right.

    Example:
        >>> examples = [LabelledText("ha!", None, ("fear", "joy"), 2)]
        >>> metric, labels = MultiLabelMetric(), ["fear", "joy"]
        >>> counts = metric.counts(examples, [("joy",)], labels)
        >>> metric.scores(counts.sum(axis=0))["micro_f1"].round(3)
        np.float64(0.667)
    """

    score_of_example = "exact_match"
    right_if = "all of its labels are, and none is missing"

    def counts(
        self,
        examples: Sequence[LabelledText],
        predictions: Sequence[Sequence[str]],
        labels: Sequence[str],
    ) -> np.ndarray:
        """Counts texts and labels, `(N, 2 + 3 L)`; see the base class.

        Whether all labels of a text are right, and 1; then of each label whether it is
        there and predicted, predicted, and there.
        """
        true = _indicators([example.label for example in examples], labels)
        predicted = _indicators(predictions, labels)
        right = (true == predicted).all(axis=1)
        each = (true & predicted, predicted, true)
        return np.hstack(
            [right[:, None], np.ones_like(right)[:, None], *each], dtype=float
        )

    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """Returns `micro_f1`, `macro_f1` and `exact_match`; see the base class.

        F1 of a label that is neither there nor predicted counts as 0 in the mean.
        """
        right, predicted, true = np.split(sums[..., 2:], 3, axis=-1)
        of_all = [of.sum(axis=-1) for of in (right, predicted, true)]
        return {
            "micro_f1": ratios(2 * of_all[0], of_all[1] + of_all[2]),
            "macro_f1": np.nan_to_num(_f1_of_labels(sums)).mean(axis=-1),
            "exact_match": ratios(sums[..., 0], sums[..., 1]),
        }

    def scores_of_draws(
        self, sums: np.ndarray, of_all: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Leaves labels that a draw lacks out of `macro_f1`; see the base class.

        A draw seldom has all of many labels. Those that all examples lack count as 0,
        as in `scores`.
        """
        scores, is_known = _f1_of_labels(sums), ~np.isnan(_f1_of_labels(of_all))
        is_there = ~np.isnan(scores)
        of_known = ratios(np.nansum(scores, axis=-1), is_there.sum(axis=-1))
        return super().scores_of_draws(sums, of_all) | {
            "macro_f1": of_known * is_known.mean(axis=-1)
        }


def _f1_of_labels(sums: np.ndarray) -> np.ndarray:
    """F1 of each label, `(..., L)`; not a number if it is not there nor predicted."""
    right, predicted, true = np.split(sums[..., 2:], 3, axis=-1)
    return ratios(2 * right, predicted + true)


def _indicators(of_texts: Sequence[Sequence[str]], labels: Sequence[str]) -> np.ndarray:
    """Which labels each text has, bool `(N, L)`."""
    known = set(labels)
    for names in of_texts:
        # What a user's model gives may be anything; a text would be many labels.
        others = [names] if isinstance(names, str) else set(names) - known
        for name in others:
            raise UserError(
                f"the labels {name!r} are none of {', '.join(map(repr, labels))}: give "
                "a list of labels for each text"
            )
    return np.array(
        [[label in names for label in labels] for names in of_texts], bool
    ).reshape(len(of_texts), len(labels))
