"""Figures that fit a column of a paper, in colours that everybody can tell apart."""

import contextlib
import os
from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f7f7f")
"""Colours that colour-blind readers can tell apart (Okabe and Ito, 2008)."""

COLUMN_WIDTH = 3.3
"""Inches: a column of a two-column page."""

PAGE_WIDTH = 6.8
"""Inches: both columns."""

_STYLE = {
    "font.size": 8,
    "axes.titlesize": 8,
    "figure.labelsize": 8,
    "figure.titlesize": 8,
    "legend.fontsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.handlelength": 1.0,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    # Names of models are no formulas.
    "text.parse_math": False,
    # Text stays text in SVG, and the same figure is the same file.
    "svg.fonttype": "none",
    "svg.hashsalt": "charbert_tf",
}
_PIXELS_AN_INCH = 300


def paper_style() -> contextlib.AbstractContextManager:
    """Gives the style, in which a figure must be drawn from its beginning.

    Returns:
        A context manager; it decorates functions, too.

    Example:

    ```python
    with paper_style():
        figure, (axes,) = paper_axes()
        axes.legend()
    ```
    """
    return matplotlib.rc_context(_STYLE)


def paper_axes(
    panels: int = 1, height: float = 2.2, is_wide: bool = False
) -> tuple[Figure, list[Axes]]:
    """Makes a figure of panels side by side.

    Args:
        panels: int. How many.
        height: float. Inches.
        is_wide: bool. Whether it is as wide as a page instead of a column.

    Returns:
        The figure and the axes of each panel.

    Example:

    ```python
    figure, (axes,) = paper_axes()
    ```
    """
    width = PAGE_WIDTH if is_wide else COLUMN_WIDTH
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(1, panels, squeeze=False)[0])


def draw_grouped_bars(
    axes: Axes, groups: Sequence[str], values: Mapping[str, Sequence[float]], form: str
) -> None:
    """Draws a bar for each group and series, with its value above it.

    Args:
        axes: Where to draw.
        groups: What stands below each group of bars.
        values: The values of each series, one a group, by what the legend calls it.
        form: How values are written, such as `"%.1f"`.

    Example:

    ```python
    draw_grouped_bars(axes, ["clean", "mix"], {"BERT": [85.3, 37.6]}, "%.1f")
    ```
    """
    width = 0.8 / len(values)
    for index, (name, heights) in enumerate(values.items()):
        shift = (index - (len(values) - 1) / 2) * width
        places = [place + shift for place in range(len(groups))]
        color = COLORS[index % len(COLORS)]
        bars = axes.bar(places, heights, 0.92 * width, label=name, color=color)
        axes.bar_label(bars, fmt=form, fontsize=6, padding=1)
    axes.set_xticks(range(len(groups)), groups)
    axes.tick_params(axis="x", length=0)


def draw_legend(figure: Figure, axes: Axes, columns: int = 3) -> None:
    """Puts the legend above all that is drawn.

    Args:
        figure: The figure.
        axes: One of its axes; all show the same series.
        columns: int. How many names have room side by side; one has, at least.

    Example:

    ```python
    draw_legend(figure, axes)
    ```
    """
    handles, names = axes.get_legend_handles_labels()
    columns = max(1, min(len(names), columns))
    figure.legend(handles, names, loc="outside upper center", ncols=columns)


def save_figure(figure: Figure, folder: str | os.PathLike[str], name: str) -> None:
    """Writes a figure as PNG and as SVG.

    Args:
        figure: The figure.
        folder: An existing folder.
        name: The files' name, without its ending.

    Example:

    ```python
    save_figure(figure, "analysis", "segmentation")
    ```
    """
    path = os.path.join(folder, name)
    with paper_style():
        figure.savefig(f"{path}.png", dpi=_PIXELS_AN_INCH)
        # Without the date, so that the same figure is the same file.
        figure.savefig(f"{path}.svg", metadata={"Date": None})
