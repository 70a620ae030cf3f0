"""Marks that several figures have: whiskers between bounds, a legend that covers nothing."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from flows.figures.style import INK, size_in_points
from flows.figures.text import SMALL, wrap_text

_LEGEND_PART = 0.21
ARROW_POINTS = 11.0
"""Length of the arrow that stands for a missing bound."""


def draw_whisker(
    ax: Axes,
    *,
    at: float,
    value: float,
    low: float,
    high: float,
    axis: Literal["x", "y"] = "y",
    colour: str = INK,
) -> None:
    """
    Draw what lies between two bounds; an arrow stands for the one that is missing: open there.

    Parameters
    ----------
    ax : Axes
        Any.
    at : float
        Position on the other axis.
    value : float
        The value itself, where an arrow starts.
    low, high : float
        Bounds; where both are missing nothing is drawn.
    axis : {"x", "y"}
        The axis of the values.
    colour : str
        Of the whisker.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> draw_whisker(axes, at=0, value=2.0, low=1.0, high=3.0)
    >>> axes.lines[0].get_ydata().tolist()
    [1.0, 3.0]
    """
    if math.isnan(low) and math.isnan(high):
        return
    ends = [value if math.isnan(low) else low, value if math.isnan(high) else high]
    upright = axis == "y"
    xs, ys = ([at, at], ends) if upright else (ends, [at, at])
    ax.plot(xs, ys, color=colour, linewidth=0.9, marker="_" if upright else "|", markersize=5)
    if not (math.isnan(low) or math.isnan(high)):
        return
    reach = ARROW_POINTS if math.isnan(high) else -ARROW_POINTS
    ax.annotate(
        "",
        xy=(at, value) if upright else (value, at),
        xytext=(0, reach) if upright else (reach, 0),
        textcoords="offset points",
        arrowprops={
            "arrowstyle": "<-",
            "color": colour,
            "linewidth": 0.9,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def group_offsets(count: int, *, width: float) -> list[float]:
    """
    Return where the series of one place stand beside each other, around its middle.

    Parameters
    ----------
    count : int
        How many series.
    width : float
        Of all of them together.

    Returns
    -------
    list of float
        To be added to the place.

    Examples
    --------
    >>> group_offsets(2, width=0.5)
    [-0.125, 0.125]
    """
    return [width * ((series + 0.5) / count - 0.5) for series in range(count)]


def draw_points(ax: Axes, points: pd.DataFrame, *, label: str, look: Mapping[str, Any]) -> Line2D:
    """
    Draw values as markers in their places, each with what lies between its bounds.

    Parameters
    ----------
    ax : Axes
        Any.
    points : pandas.DataFrame
        Columns ``place`` (on the x axis), ``value``, ``low``, ``high``.
    label : str
        Name in the legend.
    look : mapping
        ``color``, ``marker`` and what else ``Axes.plot`` takes.

    Returns
    -------
    Line2D
        The markers, for the legend.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> points = pd.DataFrame({"place": [0.0], "value": [2.0], "low": [1.0], "high": [3.0]})
    >>> look = {"color": "black", "marker": "o"}
    >>> draw_points(axes, points, label="Israel", look=look).get_ydata().tolist()
    [2.0]
    """
    for at, value, low, high in points[["place", "value", "low", "high"]].to_numpy(dtype=float):
        draw_whisker(ax, at=at, value=value, low=low, high=high, colour=look["color"])
    (markers,) = ax.plot(
        points["place"],
        points["value"],
        linestyle="none",
        label=label,
        zorder=3,
        clip_on=False,
        **look,
    )
    # matplotlib takes markers without a position to be at the corner of the page, and an unclipped
    # one would push the axes away from it.
    markers.set_in_layout(False)
    return markers


def draw_legend(ax: Axes, handles: Sequence[Artist | Container], *, title: str = "") -> Legend:
    """
    Draw the legend to the right of the axes, where it covers no data, long names in several lines.

    Parameters
    ----------
    ax : Axes
        In a figure whose layout makes room for it, as from ``new_figure``.
    handles : sequence of Artist or Container
        Each with its label, from top to bottom.
    title : str
        Above the names.

    Returns
    -------
    Legend
        As drawn.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> legend = draw_legend(axes, axes.plot([1, 2], label="Israel"))
    >>> [text.get_text() for text in legend.get_texts()]
    ['Israel']
    """
    width = max(_LEGEND_PART * size_in_points(ax)[0], 9 * SMALL)
    wrap = partial(wrap_text, width=width, size=SMALL, balanced=True)
    return ax.legend(
        handles,
        [wrap(str(handle.get_label())) for handle in handles],
        title=wrap(title) or None,
        title_fontsize=SMALL,
        alignment="left",
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        frameon=False,
        handlelength=1.4,
        handletextpad=0.6,
        labelspacing=0.45,
    )
