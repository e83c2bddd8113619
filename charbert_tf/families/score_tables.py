"""Scores as they are printed: numbers, lines and tables, of one seed or several."""

import statistics
from collections.abc import Mapping

from charbert_tf.files.markdown import markdown_table

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


SUMMARY = "mean ± standard deviation"
"""What a row of means over seeds is called."""


class SeedScores:
    """Mean and standard deviation over seeds.

    Args:
        scores: each seed's scores, numbers in [0, 1] by the measures' names.

    Example:
        >>> scores = SeedScores({0: {"f1": 0.5}, 1: {"f1": 0.7}})
        >>> print(scores.table())
        | seed | f1 |
        |---|---|
        | 0 | 50.0 |
        | 1 | 70.0 |
        | mean ± standard deviation | 60.0 ± 14.1 |
        <BLANKLINE>
    """

    def __init__(self, scores: Mapping[int, Mapping[str, float]]):
        self._scores = scores

    def summary(self) -> dict[str, dict[str, float]]:
        """Returns the mean and the standard deviation of each measure.

        The deviation is that of a sample: the seeds stand for all that there are.

        Raises:
            ValueError: if there are fewer than two seeds.
        """
        if len(self._scores) < 2:
            raise ValueError("A standard deviation takes two seeds.")
        values = {
            name: [scores[name] for scores in self._scores.values()]
            for name in next(iter(self._scores.values()))
        }
        return {
            name: {
                "mean": statistics.mean(of_name),
                "standard_deviation": statistics.stdev(of_name),
            }
            for name, of_name in values.items()
        }

    def summary_texts(self) -> dict[str, str]:
        """Returns the mean ± the standard deviation of each measure, in percent.

        Raises:
            ValueError: if there are fewer than two seeds.
        """
        return {
            name: f"{number_text(name, of_name['mean'])} ± "
            f"{number_text(name, of_name['standard_deviation'])}"
            for name, of_name in self.summary().items()
        }

    def table(self) -> str:
        """Returns a Markdown table, in percent, a row for each seed.

        Of several seeds it has one more row, `summary_texts`.
        """
        rows = [
            [str(seed), *(number_text(name, score) for name, score in scores.items())]
            for seed, scores in self._scores.items()
        ]
        if len(self._scores) > 1:
            rows.append([SUMMARY, *self.summary_texts().values()])
        return markdown_table(["seed", *next(iter(self._scores.values()))], rows)
