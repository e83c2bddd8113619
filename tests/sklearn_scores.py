"""The scores of classification: those of GLUE."""

from collections.abc import Sequence
from typing import Any

from sklearn import metrics


def classification_scores(
    true: Sequence[Any], predicted: Sequence[Any], labels: Sequence[Any] | None = None
) -> dict[str, float]:
    """Scores predicted classes with the measures of GLUE.

    Args:
        true: the true classes, names or numbers.
        predicted: as many predicted classes.
        labels: the labels of the model, in order; by default what occurs in `true`
            and `predicted`, sorted. Of two labels the second is the positive one.

    Returns:
        `accuracy`; `f1` of the positive class, if there are two; and
        `matthews_correlation`, for more than two classes in Gorodkin's (2004) form.
        F1 and correlation are 0 where they are not defined.

    Raises:
        ValueError: if there is nothing to score, or not as many predictions as truths.

    Example:
        >>> classification_scores([0, 0, 1, 1], [0, 1, 1, 1])["f1"]
        0.8
    """
    if len(true) == 0 or len(true) != len(predicted):
        raise ValueError(f"{len(true)} true and {len(predicted)} predicted classes.")
    labels = sorted({*true, *predicted}) if labels is None else list(labels)
    scores = {"accuracy": float(metrics.accuracy_score(true, predicted))}
    if len(labels) == 2:
        scores["f1"] = float(
            metrics.f1_score(true, predicted, pos_label=labels[1], zero_division=0)
        )
    correlation = 0.0
    # With a single class it is not defined, of which scikit-learn would warn.
    if len({*true, *predicted}) > 1:
        correlation = metrics.matthews_corrcoef(true, predicted)
    return scores | {"matthews_correlation": float(correlation)}
