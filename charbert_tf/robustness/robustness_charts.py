"""The charts of a report on robustness, to be put into a paper."""

import math
from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from charbert_tf.attacks.named_attacks import CLEAN
from charbert_tf.files.paper_figure import (
    COLORS,
    COLUMN_WIDTH,
    PAGE_WIDTH,
    draw_legend,
    paper_axes,
    paper_style,
)
from charbert_tf.robustness.resampling import Estimate
from charbert_tf.robustness.robustness_result import (
    RobustnessResult,
    measure_name,
)

_MOST_PANELS_OF_A_ROW = 3
# Beside the colours, for print without them.
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_CHARACTERS_OF_AN_INCH = 14
# There is no share of a clean score of zero.
_UNDEFINED = Estimate(math.nan, math.nan, math.nan)


@paper_style()
def draw_curves(result: RobustnessResult) -> Figure:
    """Draws scores against the share of edited words, a panel for each attack.

    Attacks edit different shares of the words at the same rate, so the rate would not
    tell which of them does more harm; the panels have the same scale for that, too.

    Args:
        result: What was measured.

    Returns:
        The figure, to show or to save.

    Example:

    ```python
    save_figure(draw_curves(result), "report", "curves")
    ```
    """
    columns = min(len(result.attacks), _MOST_PANELS_OF_A_ROW)
    rows = math.ceil(len(result.attacks) / columns)
    width = COLUMN_WIDTH if columns == 1 else PAGE_WIDTH
    figure = Figure((width, 1.9 * rows + 0.5), layout="constrained")
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for axes in panels.flat[len(result.attacks) :]:
        axes.set_axis_off()
    for axes, attack in zip(panels.flat, result.attacks, strict=False):
        _draw_curves(axes, result, attack)
    figure.supxlabel("edited words (%)")
    figure.supylabel(f"{measure_name(result.measure)} (%)")
    _add_legend(figure, panels[0, 0], result.models)
    return figure


@paper_style()
def draw_drops(result: RobustnessResult) -> Figure:
    """Draws how far every attack lowers every model's score, in percent of that score.

    A model that had 90.7 and has 63.4 has dropped by 30.1 %, as in figure 6 of the
    paper (https://arxiv.org/abs/2011.01513).

    Args:
        result: What was measured.

    Returns:
        The figure, to show or to save.

    Example:

    ```python
    save_figure(draw_drops(result), "report", "drops")
    ```
    """
    rows = len(result.attacks) * (len(result.models) + 1)
    figure, (axes,) = paper_axes(height=0.7 + 0.16 * rows)
    places = range(len(result.attacks))
    for model, offset, style in _models(result, spread=0.6):
        _draw(
            axes,
            [
                result.score(model, attack).relative_drop or _UNDEFINED
                for attack in result.attacks
            ],
            [place + offset for place in places],
            is_upright=False,
            **style,
        )
    axes.set_yticks(places, result.attacks)
    axes.set_ylim(len(result.attacks) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.axvline(0, color="0.4", linewidth=0.8, zorder=1)
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.set_xlabel(
        f"drop of {measure_name(result.measure)} under attack (% of the clean score)"
    )
    _add_legend(figure, axes, result.models)
    return figure


def _draw_curves(axes: Axes, result: RobustnessResult, attack: str) -> None:
    shares = [0.0, *(result.edited_share(attack, rate) for rate in result.rates)]
    widest = _widest(result)
    spread = 0.015 * widest * len(result.models)
    for model, offset, style in _models(result, spread):
        scores = [result.score(model, CLEAN).score]
        scores += [result.score(model, attack, rate).score for rate in result.rates]
        places = [100 * share + offset for share in shares]
        _draw(axes, scores, places, is_upright=True, linestyle="-", **style)
    axes.set_title(attack)
    margin = 0.03 * widest + spread / 2
    axes.set_xlim(-margin, widest + margin)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))


def _widest(result: RobustnessResult) -> float:
    """The highest share of edited words in percent, and room for two ticks at least."""
    return max([1.0, *(100 * row.share for row in result.edited_words)])


def _models(
    result: RobustnessResult, spread: float
) -> Iterator[tuple[str, float, dict[str, str]]]:
    """Each model with its place beside the others', so that intervals do not cover."""
    count = len(result.models)
    for index, model in enumerate(result.models):
        style = {
            "color": COLORS[index % len(COLORS)],
            "marker": _MARKERS[index % len(_MARKERS)],
            "label": model,
        }
        yield model, spread * ((index + 0.5) / count - 0.5), style


def _draw(
    axes: Axes,
    estimates: Sequence[Estimate],
    places: Sequence[float],
    is_upright: bool,
    linestyle: str = "none",
    **style: str,
) -> None:
    values = [100 * estimate.value for estimate in estimates]
    # With few examples a value may lie outside its percentiles.
    errors = [
        [100 * max(0.0, e.value - e.low) for e in estimates],
        [100 * max(0.0, e.high - e.value) for e in estimates],
    ]
    axes.errorbar(
        *((places, values) if is_upright else (values, places)),
        **{"yerr" if is_upright else "xerr": errors},
        linestyle=linestyle,
        capsize=1.5,
        elinewidth=0.8,
        **style,
    )


def _add_legend(figure: Figure, axes: Axes, models: Sequence[str]) -> None:
    if len(models) == 1:
        axes.figure.suptitle(models[0])
        return
    room = _CHARACTERS_OF_AN_INCH * figure.get_figwidth()
    draw_legend(figure, axes, int(room // (max(map(len, models)) + 6)))
