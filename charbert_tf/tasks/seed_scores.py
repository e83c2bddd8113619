"""SeedScores: the scores of a training that was done with several seeds."""

import statistics
from collections.abc import Mapping

from charbert_tf.tasks.markdown_table import markdown_table
from charbert_tf.tasks.score_text import number_text


class SeedScores:
    """Mean and standard deviation over seeds.

    Args:
        scores: each seed's scores, numbers in [0, 1] by the measures' names.

    Raises:
        ValueError: if there are fewer than two seeds.

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
        if len(scores) < 2:
            raise ValueError("A standard deviation takes two seeds.")
        self._scores = scores

    def summary(self) -> dict[str, dict[str, float]]:
        """Returns the mean and the standard deviation of each measure.

        The deviation is that of a sample: the seeds stand for all that there are.
        """
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

    def table(self) -> str:
        """Returns a Markdown table, in percent, a row for each seed and one for all."""
        summary = self.summary()
        rows = [
            [str(seed), *(number_text(name, scores[name]) for name in summary)]
            for seed, scores in self._scores.items()
        ]
        means = [
            f"{number_text(name, of_name['mean'])} ± "
            f"{number_text(name, of_name['standard_deviation'])}"
            for name, of_name in summary.items()
        ]
        rows.append(["mean ± standard deviation", *means])
        return markdown_table(["seed", *summary], rows)
