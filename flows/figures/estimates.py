"""One question answered in several ways: estimates under one another, with their intervals."""

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from flows.figures.frame import check_drawn
from flows.figures.lying import set_row_names
from flows.figures.marks import draw_legend, draw_whisker
from flows.figures.scales import set_zero_axis, style_axes
from flows.figures.style import INK, LINES, MARKERS, journal_style
from flows.figures.text import SMALL, common_decimals, format_value

_NAME_PART = 0.24
_BETWEEN_GROUPS = 0.5
_ABOVE_POINTS = 3.0
_ROOM = 0.05
"""Part of the axis that is left free at its ends, for the values above the markers."""


@journal_style()
def draw_estimates(ax: Axes, data: pd.DataFrame, *, unit_label: str) -> Axes:
    """
    Draw a marker and an interval for each estimate, the groups under one another.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``group`` (what is estimated), ``name`` (how), ``value``, ``low``, ``high`` (one
        missing: open on that side, both: no interval); one row a group and name, in their order.
    unit_label : str
        What is estimated, and its unit.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a row stands there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"group": "Exports", "name": ["OLS", "Poisson"], "value": [8.4, 9.6],
    ...      "low": [5.9, 6.9], "high": [10.9, 12.3]}
    ... )
    >>> draw_estimates(axes, data, unit_label="Percent a year") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_estimates",
        columns=["group", "name"],
        numbers=["value", "low", "high"],
        key=["group", "name"],
    )
    rows["place"] = _places(rows)
    decimals = common_decimals(rows["value"])
    looks = zip(cycle(LINES), cycle(MARKERS), strict=False)
    handles = []
    for (group, points), (colour, marker) in zip(
        rows.groupby("group", sort=False), looks, strict=False
    ):
        look = {"color": colour, "marker": marker}
        handles.append(_draw_group(ax, points, label=str(group), look=look, decimals=decimals))
    style_axes(ax, grid="x", title=unit_label, title_part=0.9 - _NAME_PART)
    set_zero_axis(ax, axis="x", headroom=_ROOM)
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, -_ROOM * high), max(high, -_ROOM * low))
    ax.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    set_row_names(ax, rows["name"], places=rows["place"], part=_NAME_PART, above=0.8)
    if len(handles) > 1:
        draw_legend(ax, handles)
    return ax


def _places(rows: pd.DataFrame) -> pd.Series:
    """Return the height of each row, with some space between two groups."""
    groups = pd.factorize(rows["group"])[0]
    return pd.Series(np.arange(len(rows)) + _BETWEEN_GROUPS * groups, index=rows.index)


def _draw_group(
    ax: Axes, points: pd.DataFrame, *, label: str, look: dict[str, Any], decimals: int
) -> Line2D:
    for point in points.itertuples():
        _draw_estimate(ax, point, colour=look["color"], decimals=decimals)
    (markers,) = ax.plot(
        points["value"], points["place"], linestyle="none", label=label, zorder=3, **look
    )
    return markers


def _draw_estimate(ax: Axes, point: Any, *, colour: str, decimals: int) -> None:
    """Draw the interval, and above the marker its value."""
    ends = {"low": point.low, "high": point.high}
    draw_whisker(ax, at=point.place, value=point.value, axis="x", colour=colour, **ends)
    ax.annotate(
        format_value(point.value, decimals=decimals),
        xy=(point.value, point.place),
        xytext=(0, _ABOVE_POINTS),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
    )
