"""How scores are printed."""

from collections.abc import Mapping

_THRESHOLD = "_threshold"


def number_text(name: str, score: float) -> str:
    """Writes a score in percent, or a threshold as it is.

    Args:
        name: the measure; that of a threshold ends in `_threshold`.
        score: a number in [0, 1], or a threshold.

    Returns:
        The number to print.

    Example:
        >>> number_text("f1", 0.9124), number_text("best_f1_threshold", -1.504)
        ('91.2', '-1.50')
    """
    return f"{score:.2f}" if name.endswith(_THRESHOLD) else f"{100 * score:.1f}"


def score_text(scores: Mapping[str, float], width: int = 0) -> str:
    """Writes scores in a line.

    Args:
        scores: by the measures' names, as `Family.scores` gives them.
        width: characters of a number at least, so that lines stand in columns.

    Returns:
        The line.

    Example:
        >>> score_text({"f1": 0.9124, "accuracy": 0.98})
        'f1 91.2  accuracy 98.0'
    """
    return "  ".join(
        f"{name} {number_text(name, score):>{width}}" for name, score in scores.items()
    )
