"""write_report: the files of a report on robustness."""

import json
import os
from collections.abc import Mapping

from charbert_tf.attacks.named_attacks import CLEAN
from charbert_tf.files.markdown import markdown_table
from charbert_tf.files.paper_figure import save_figure
from charbert_tf.robustness.changed_predictions import changed_lines, changed_page
from charbert_tf.robustness.robustness_charts import draw_curves, draw_drops
from charbert_tf.robustness.robustness_result import (
    RobustnessResult,
    measure_name,
)

_ABOUT = """\
Numbers are in percent, with 95 % intervals: percentiles of a bootstrap over the \
examples, in which all models and attacks see the same draws; those that leave a \
score undefined, for nothing of its kind is drawn, are left out. With several seeds, \
which the typos depend on, a score is the mean over them; the seeds are not drawn, so \
an interval is about the examples, for these typos.
"""
_ABOUT_SIGNIFICANCE = """\
A difference is the model's score minus that of the one it is compared to. p is that \
of approximate randomisation, two-sided: how often the two models would differ as much \
if they exchanged their predictions of random examples. It is not corrected for the \
number of comparisons: Bonferroni's correction multiplies it by {count}.
"""
_ABOUT_RATES = """\
A rate is of the words that are long enough, no numbers and not protected, and an \
attack cannot change all of these. Of all words of the attacked texts it edits:
"""
_ABOUT_CHANGES = """\
A prediction is right if {right_if}. Predictions are counted once for each seed; of \
the first seed changed.html shows those that became wrong, up to a number, and \
changed.jsonl has them all.
"""


def markdown_report(
    result: RobustnessResult, settings: Mapping[str, object] | None = None
) -> str:
    """Writes what was measured as text with tables.

    Args:
        result: What was measured.
        settings: What it depends on, such as the file and the models, to be told at
            the end; what is not set is left out.

    Returns:
        Markdown.

    Example:

    ```python
    print(markdown_report(evaluation.measure(attacks, seeds=[0])))
    ```
    """
    about = (
        f"{result.num_examples:,} examples; attacks at a rate of "
        f"{_percent(result.rates[-1])}; seeds: {', '.join(map(str, result.seeds))}."
    )
    parts = [
        "# Robustness",
        about,
        _ABOUT,
        f"## {measure_name(result.measure)}",
        _scores(result),
        "## Drop under attack",
        _drops(result),
    ]
    if result.comparisons:
        about = _ABOUT_SIGNIFICANCE.format(count=f"{len(result.comparisons):,}")
        parts += ["## Significance", _comparisons(result), about]
    parts += [
        "## Attack strength",
        _curves(result),
        _ABOUT_RATES,
        _edited_words(result),
        "## Changed predictions",
        _changes(result),
        _ABOUT_CHANGES.format(right_if=result.right_if),
    ]
    if settings:
        parts += ["## Settings", _settings(settings)]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _percent(rate: float) -> str:
    return f"{100 * rate:g} %"


def _scores(result: RobustnessResult) -> str:
    columns = [CLEAN, *result.attacks]
    return markdown_table(
        ["model", "clean", *result.attacks],
        (
            [model, *(str(result.score(model, attack).score) for attack in columns)]
            for model in result.models
        ),
    )


def _drops(result: RobustnessResult) -> str:
    rows = [
        result.score(model, attack)
        for attack in result.attacks
        for model in result.models
    ]
    return markdown_table(
        ["attack", "model", "drop in points", "share of the clean score"],
        (
            [
                row.attack,
                row.model,
                str(row.drop),
                f"{row.relative_drop} %" if row.relative_drop else "-",
            ]
            for row in rows
        ),
    )


def _comparisons(result: RobustnessResult) -> str:
    return markdown_table(
        ["attack", "model", "compared to", "difference", "p"],
        (
            [
                "clean" if row.attack == CLEAN else row.attack,
                row.model,
                row.baseline,
                str(row.difference),
                f"{row.p_value:.4f}",
            ]
            for row in result.comparisons
        ),
    )


def _curves(result: RobustnessResult) -> str:
    return markdown_table(
        ["attack", "model", "clean", *map(_percent, result.rates)],
        (
            [
                attack,
                model,
                str(result.score(model, CLEAN).score),
                *(str(result.score(model, attack, r).score) for r in result.rates),
            ]
            for attack in result.attacks
            for model in result.models
        ),
    )


def _edited_words(result: RobustnessResult) -> str:
    return markdown_table(
        ["attack", *map(_percent, result.rates)],
        (
            [
                attack,
                *(f"{result.edited_share(attack, r):.1%}" for r in result.rates),
            ]
            for attack in result.attacks
        ),
    )


def _changes(result: RobustnessResult) -> str:
    header = ["attack", "model", "predictions", "right when clean"]
    header += [
        "of these wrong under attack (success rate)",
        "wrong when clean, right under attack",
    ]
    return markdown_table(
        header,
        (
            [
                row.attack,
                row.model,
                f"{row.predictions:,}",
                f"{row.right:,}",
                f"{row.became_wrong:,}: {row.share} %",
                f"{row.became_right:,}",
            ]
            for row in result.changes
        ),
    )


def _settings(settings: Mapping[str, object]) -> str:
    values = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in settings.items()
        if value is not None and value != []
    }
    return markdown_table(
        ["setting", "value"],
        ([name, value.replace("|", r"\|")] for name, value in values.items()),
    )


def write_report(
    result: RobustnessResult,
    folder: str,
    settings: Mapping[str, object],
) -> None:
    """Writes tables, charts and the predictions that changed: the files of a report.

    Args:
        result: What was measured.
        folder: An existing folder, such as `atomic_folder` gives.
        settings: What the result depends on, kept with it: JSON values by name.

    Example:

    ```python
    with atomic_folder("report") as folder:
        write_report(result, folder, {"seeds": [0, 1, 2]})
    ```
    """
    texts = {
        "report.md": markdown_report(result, settings),
        "results.json": json.dumps(
            {"settings": dict(settings)} | result.as_dict(), indent=2
        ),
        "changed.html": changed_page(result),
    }
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    path = os.path.join(folder, "changed.jsonl")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.writelines(changed_lines(result))
    tables = {
        "results.csv": result.write_csv,
        "significance.csv": result.write_comparisons_csv,
    }
    for name, write in tables.items():
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            write(file)
    save_figure(draw_curves(result), folder, "curves")
    save_figure(draw_drops(result), folder, "drops")
