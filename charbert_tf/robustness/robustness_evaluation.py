"""RobustnessEvaluation: scores of models, clean and under attacks."""

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from charbert_tf.attacks.attack import Attack
from charbert_tf.attacks.named_attacks import CLEAN
from charbert_tf.families.family import Family
from charbert_tf.families.metric import ratios, share
from charbert_tf.robustness.evaluated_model import EvaluatedModel
from charbert_tf.robustness.resampling import Bootstrap, Estimate, pairwise_p_values
from charbert_tf.robustness.robustness_result import (
    ChangedExample,
    Changes,
    Comparison,
    EditedWords,
    RobustnessResult,
    Score,
)


class RobustnessEvaluation:
    """Scores models on the same examples, clean and with the same typos.

    Intervals are those of a bootstrap over the examples, in which all models, attacks
    and seeds see the same draws; a draw that leaves a score undefined, as one without
    any span does, is left out of its interval. With several attack seeds a score is the
    mean over them; they are not drawn themselves, so an interval is about the examples,
    for these typos.

    Args:
        task: The task.
        examples: The examples.
        models: The models; each two are compared.
        resamples: int. Draws of the bootstrap, and rounds of each test of significance.

    Raises:
        ValueError: If there is no example or no model, or a name is there twice.

    Example:

    ```python
    task = TaggingTask()
    examples = task.read("test.txt")
    models = [
        EvaluatedModel.from_folder(name, folder, task, examples, "test.txt")
        for name, folder in {"BERT": "bert/preset", "CharBERT": "my/preset"}.items()
    ]
    evaluation = RobustnessEvaluation(task, examples, models)
    result = evaluation.measure({"mix": get_attack("mix")}, seeds=[0, 1, 2])
    ```
    """

    def __init__(
        self,
        task: Family,
        examples: Sequence,
        models: Sequence[EvaluatedModel],
        resamples: int = 2000,
    ):
        names = [model.name for model in models]
        if not examples or not 0 < len(names) == len(set(names)):
            raise ValueError(f"{len(examples)} examples and the models {names}.")
        self._task = task
        self._examples = list(examples)
        self._models = models
        # Models that know other labels are compared on all of them.
        self._labels = list(dict.fromkeys(name for m in models for name in m.labels))
        self._resamples = resamples
        self._bootstrap = Bootstrap(len(examples), resamples)

    def measure(
        self,
        attacks: Mapping[str, Attack],
        seeds: Sequence[int],
        rates: Sequence[float] = (1.0,),
        on_score: Callable[[Score], None] = lambda score: None,
    ) -> RobustnessResult:
        """Attacks the examples and asks every model about each version of them once.

        Args:
            attacks: The attacks by their names; their own rates do not count.
            seeds: Of the typos, one or more.
            rates: Shares of the words to attack, in (0, 1], one or more.
            on_score: Called with each score that models are compared by, when it is
                known.

        Returns:
            The scores with their intervals, and the predictions that changed.

        Raises:
            UserError: If a model predicts what is none of its labels, or not a
                prediction for each example, for each word of a sentence a tag.
            ValueError: If there is no seed or no rate, if one is there twice or out of
                range, or if an attack has the name of the clean text.
        """
        _check(attacks, seeds, rates)
        (clean,) = self._outcomes([[self._examples]])
        rates = sorted(rates)
        result = RobustnessResult(
            next(iter(clean[self._models[0].name].scores)),
            len(self._examples),
            list(seeds),
            [model.name for model in self._models],
            list(attacks),
            rates,
            self._task.metric.right_if,
        )
        self._add(result, clean, clean, CLEAN, 0.0, on_score)
        for name, attack in attacks.items():
            at_rates = [dataclasses.replace(attack, rate=rate) for rate in rates]
            result.edited_words += [
                self._edited_words(name, attack, seeds) for attack in at_rates
            ]
            versions = [
                [self._task.attacked(self._examples, attack, seed) for seed in seeds]
                for attack in at_rates
            ]
            all_outcomes = self._outcomes(versions)
            for rate, outcomes in zip(rates, all_outcomes, strict=True):
                self._add(result, outcomes, clean, name, rate, on_score)
            self._add_changes(result, all_outcomes[-1], clean, name, rates[-1])
        return result

    def _edited_words(
        self, name: str, attack: Attack, seeds: Sequence[int]
    ) -> EditedWords:
        by_seed = [
            self._task.edited_share(self._examples, attack, seed) for seed in seeds
        ]
        return EditedWords(
            name, attack.rate, sum(by_seed) / len(by_seed), tuple(by_seed)
        )

    def _outcomes(
        self, versions: Sequence[Sequence[list]]
    ) -> list[dict[str, "_Outcome"]]:
        """What each model makes of each rate's versions, one for each seed.

        All at once: a TensorFlow model takes seconds to trace its graph in each call.
        """
        flat = [version for of_rate in versions for version in of_rate]
        outcomes: list[dict[str, _Outcome]] = [{} for _ in versions]
        for model in self._models:
            predictions = iter(self._predictions(model, flat))
            for of_rate, outcome in zip(versions, outcomes, strict=True):
                outcome[model.name] = self._outcome(
                    model,
                    of_rate,
                    list(itertools.islice(predictions, len(of_rate))),
                )
        return outcomes

    def _predictions(self, model: EvaluatedModel, versions: Sequence[list]) -> list:
        """The predictions of each version."""
        examples = list(itertools.chain.from_iterable(versions))
        predictions = model.predictions(examples)
        count = len(self._examples)
        return [
            predictions[start : start + count]
            for start in range(0, len(examples), count)
        ]

    def _outcome(
        self,
        model: EvaluatedModel,
        versions: Sequence[list],
        predictions: Sequence[Sequence],
    ) -> "_Outcome":
        metric = self._task.metric
        pairs = list(zip(versions, predictions, strict=True))
        counts = np.stack(
            [model.score_counts(self._task, *pair, self._labels) for pair in pairs],
            axis=1,
        )
        of_all = counts.sum(axis=0)
        of_draws = metric.scores_of_draws(self._bootstrap.sums(counts), of_all)
        return _Outcome(
            counts,
            metric.are_right(counts),
            metric.reported_scores(of_all),
            {name: scores.mean(axis=-1) for name, scores in of_draws.items()},
            versions[0],
            predictions[0],
        )

    def _add(self, result, outcomes, clean, attack, rate, on_score) -> None:
        """Adds the scores of a version of the text, and compares the models."""
        for model, outcome in outcomes.items():
            for name in outcome.scores:
                row = _score(model, attack, rate, name, outcome, clean[model])
                result.scores.append(row)
                if name == result.measure:
                    on_score(row)
        if rate in (0, result.rates[-1]):
            result.comparisons += self._comparisons(
                result.measure, outcomes, attack, rate
            )

    def _comparisons(self, measure, outcomes, attack, rate) -> list[Comparison]:
        """Compares each two models, of which the earlier one is the baseline."""
        if len(outcomes) == 1:
            return []
        p_values = pairwise_p_values(
            [outcome.counts for outcome in outcomes.values()],
            lambda sums: self._task.metric.reported_scores(sums)[measure].mean(axis=-1),
            rounds=self._resamples,
        )
        names = list(outcomes)
        return [
            Comparison(
                names[second],
                names[first],
                attack,
                rate,
                _difference(measure, outcomes[names[first]], outcomes[names[second]]),
                p_value,
            )
            for (first, second), p_value in p_values.items()
        ]

    def _add_changes(self, result, outcomes, clean, attack, rate) -> None:
        for model, outcome in outcomes.items():
            before = np.broadcast_to(clean[model].right, outcome.right.shape)
            broken = before & ~outcome.right
            counts = np.stack([broken, before], axis=-1).astype(float)
            sums = self._bootstrap.sums(counts).sum(axis=1)
            became_wrong, right = counts.sum(axis=(0, 1))
            result.changes.append(
                Changes(
                    model,
                    attack,
                    rate,
                    predictions=before.size,
                    right=int(right),
                    became_wrong=int(became_wrong),
                    became_right=int((~before & outcome.right).sum()),
                    share=Estimate.of_samples(
                        share(became_wrong, right),
                        _shares(sums[:, 0], sums[:, 1]),
                    ),
                )
            )
            result.examples[model, attack] = [
                ChangedExample(
                    self._examples[index],
                    outcome.examples[index],
                    clean[model].predictions[index],
                    outcome.predictions[index],
                )
                for index in np.flatnonzero(broken[:, 0])
            ]


@dataclasses.dataclass(frozen=True)
class _Outcome:
    """A model's predictions of a version of the text, for each of S seeds."""

    counts: np.ndarray  # (N, S, K)
    right: np.ndarray  # bool (N, S)
    scores: Mapping[str, np.ndarray]  # (S,) by the measure
    samples: Mapping[str, np.ndarray]  # (B,) by the measure; NaN where undefined
    examples: Sequence  # Of the first seed.
    predictions: Sequence


def _check(
    attacks: Mapping[str, Attack], seeds: Sequence[int], rates: Sequence[float]
) -> None:
    if CLEAN in attacks:
        raise ValueError(
            f"An attack is called {CLEAN!r}, as the clean text is, which is always "
            "scored: give it another name."
        )
    for name, values in {"seeds": seeds, "rates": rates}.items():
        if not 0 < len(values) == len(set(values)):
            raise ValueError(
                f"The {name} are {list(values)}: give one or more, each once."
            )
    if not all(0 < rate <= 1 for rate in rates):
        raise ValueError(
            f"The rates are {list(rates)}: give shares above 0 and up to 1; the clean "
            "text is always scored."
        )


def _difference(measure, first, second) -> Estimate:
    return Estimate.of_samples(
        second.scores[measure].mean() - first.scores[measure].mean(),
        second.samples[measure] - first.samples[measure],
    )


def _score(model, attack, rate, measure, outcome, clean) -> Score:
    by_seed, samples = outcome.scores[measure], outcome.samples[measure]
    score = Estimate.of_samples(by_seed.mean(), samples)
    row = Score(model, attack, rate, measure, score, tuple(map(float, by_seed)))
    if attack == CLEAN:
        return row
    before = clean.scores[measure].mean()
    drop = before - score.value
    drops = clean.samples[measure] - samples
    row = dataclasses.replace(row, drop=Estimate.of_samples(drop, drops))
    if before <= 0:
        return row
    return dataclasses.replace(
        row,
        relative_drop=Estimate.of_samples(
            drop / before, _shares(drops, clean.samples[measure])
        ),
    )


def _shares(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    """Shares of what is there in a resample; not a number where nothing is."""
    return np.where(wholes > 0, ratios(parts, wholes), np.nan)
