"""RobustnessResult: all that an evaluation of robustness found."""

import csv
import dataclasses
import typing
from collections.abc import Sequence

from charbert_tf.attacks.named_attacks import CLEAN
from charbert_tf.robustness.resampling import Estimate


@dataclasses.dataclass(frozen=True)
class Score:
    """A score of a model on the text with an attack.

    Args:
        model: its name.
        attack: its name, or `CLEAN`.
        rate: the rate of the attack, in [0, 1]; `EditedWords` has what it comes to.
        measure: the score's name.
        score: the mean over the seeds, in [0, 1].
        by_seed: each seed's.
        drop: what the clean text's score is above it; None of the clean text.
        relative_drop: the drop as a share of the clean text's score; None of the
            clean text, and where its score is not above 0.
    """

    model: str
    attack: str
    rate: float
    measure: str
    score: Estimate
    by_seed: tuple[float, ...]
    drop: Estimate | None = None
    relative_drop: Estimate | None = None


@dataclasses.dataclass(frozen=True)
class EditedWords:
    """How many words an attack edits at a rate.

    Fewer than the rate says: short words, numbers and protected words stay, and so do
    words that the attack cannot change.

    Args:
        attack: its name.
        rate: as in `Score`.
        share: of all words of the texts those that are edited, both of two that are
            joined; the mean over the seeds, in [0, 1].
        by_seed: each seed's.
    """

    attack: str
    rate: float
    share: float
    by_seed: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A model's score beside that of one that was named before it.

    Args:
        model: its name.
        baseline: the earlier model's name.
        attack: the attack's name, or `CLEAN`.
        rate: as in `Score`.
        difference: the model's score minus the earlier one's.
        p_value: how likely a difference as large is by chance.
    """

    model: str
    baseline: str
    attack: str
    rate: float
    difference: Estimate
    p_value: float


@dataclasses.dataclass(frozen=True)
class Changes:
    """How many predictions an attack changed.

    Args:
        model: its name.
        attack: its name.
        rate: as in `Score`.
        predictions: examples times seeds.
        right: those that were right on the clean text.
        became_wrong: those of them that are wrong now.
        became_right: how many others are right now.
        share: `became_wrong` as a share of `right`: the attack's success rate.
    """

    model: str
    attack: str
    rate: float
    predictions: int
    right: int
    became_wrong: int
    became_right: int
    share: Estimate


@dataclasses.dataclass(frozen=True)
class ChangedExample:
    """An example that a model was right about until it was attacked.

    Args:
        clean: the example.
        attacked: the example with typos.
        before: the prediction for the first.
        after: the prediction for the second.
    """

    clean: object
    attacked: object
    before: object
    after: object


@dataclasses.dataclass
class RobustnessResult:
    """Scores of models, clean and under attacks.

    Args:
        measure: the score that models are compared by.
        num_examples: how many examples.
        seeds: of the attacks.
        models: their names.
        attacks: their names.
        right_if: what makes a prediction right, as `Metric.right_if` says it.
        rates: of the attacks, rising; `scores` and `edited_words` have them all,
            `comparisons` and `changes` the highest.
        scores: all measures.
        edited_words: of every attack and rate.
        comparisons: of each two models.
        changes: of every model and attack.
        examples: the examples that became wrong with the first seed, by the names of
            model and attack.

    Example:

    ```python
    evaluation = RobustnessEvaluation(task, examples, models)
    result = evaluation.measure({"mix": get_attack("mix")}, seeds=[0, 1, 2])
    result.score("CharBERT", "mix").drop
    ```
    """

    measure: str
    num_examples: int
    seeds: Sequence[int]
    models: Sequence[str]
    attacks: Sequence[str]
    rates: Sequence[float]
    right_if: str
    scores: list[Score] = dataclasses.field(default_factory=list)
    edited_words: list[EditedWords] = dataclasses.field(default_factory=list)
    comparisons: list[Comparison] = dataclasses.field(default_factory=list)
    changes: list[Changes] = dataclasses.field(default_factory=list)
    examples: dict[tuple[str, str], list[ChangedExample]] = dataclasses.field(
        default_factory=dict
    )

    def score(self, model: str, attack: str, rate: float | None = None) -> Score:
        """Finds a score by which models are compared.

        Args:
            model: the model's name.
            attack: the attack's name, or `CLEAN`.
            rate: the attack's rate; by default the highest.

        Returns:
            The score.

        Raises:
            KeyError: if it was not measured.
        """
        if rate is None:
            rate = 0.0 if attack == CLEAN else self.rates[-1]
        for row in self.scores:
            if (row.model, row.attack, row.rate) == (model, attack, rate):
                return row
        raise KeyError((model, attack, rate))

    def edited_share(self, attack: str, rate: float) -> float:
        """Tells how many words were edited.

        Args:
            attack: the attack's name, or `CLEAN`.
            rate: the attack's rate.

        Returns:
            The share of all words of the texts, the mean over the seeds; 0 if the
            attack was not made at this rate.
        """
        shares = {(row.attack, row.rate): row.share for row in self.edited_words}
        return shares.get((attack, rate), 0.0)

    def as_dict(self) -> dict[str, typing.Any]:
        """Returns what JSON takes, without the examples."""
        names = ("measure", "num_examples", "seeds", "models", "attacks", "rates")
        rows = ("scores", "edited_words", "comparisons", "changes")
        return {name: getattr(self, name) for name in names} | {
            name: [dataclasses.asdict(row) for row in getattr(self, name)]
            for name in rows
        }

    def write_csv(self, file: typing.TextIO) -> None:
        """Writes the scores, a line each.

        Args:
            file: an open text file, without translation of line ends.
        """
        writer = csv.writer(file, lineterminator="\n")
        names = ("score", "drop", "relative_drop")
        ends = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
        writer.writerow(["model", "attack", "rate", "edited_words", "measure", *ends])
        for row in self.scores:
            numbers = []
            for estimate in (getattr(row, name) for name in names):
                numbers += ["", "", ""] if estimate is None else _numbers(estimate)
            edited = self.edited_share(row.attack, row.rate)
            names_of_row = [row.model, row.attack, row.rate, edited, row.measure]
            writer.writerow([*names_of_row, *numbers])

    def write_comparisons_csv(self, file: typing.TextIO) -> None:
        """Writes the comparisons of models, a line each.

        Args:
            file: an open text file, without translation of line ends.
        """
        writer = csv.writer(file, lineterminator="\n")
        names = ["model", "baseline", "attack", "rate"]
        numbers = ["difference", "difference_low", "difference_high", "p_value"]
        writer.writerow([*names, *numbers])
        for row in self.comparisons:
            of_row = [getattr(row, name) for name in names]
            writer.writerow([*of_row, *_numbers(row.difference), row.p_value])


def measure_name(measure: str) -> str:
    """Writes out the name of a measure.

    Args:
        measure: as `Family.scores` has it.

    Returns:
        The name to read, its first letter a capital.

    Example:
        >>> measure_name("f1"), measure_name("matthews_correlation")
        ('F1', 'Matthews correlation')
    """
    name = measure.replace("_", " ")
    return name[0].upper() + name[1:]


def _numbers(estimate: Estimate) -> list[float]:
    return [estimate.value, estimate.low, estimate.high]
