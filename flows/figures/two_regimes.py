"""Several series with their regimes on one axis, each break dated in the colour of its series."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn, keep_positive
from flows.figures.labels import LineEnd, label_events, label_line_ends
from flows.figures.marks import draw_whisker
from flows.figures.places import days_since_epoch, set_date_axis
from flows.figures.regimes import Break, break_days
from flows.figures.scales import set_amount_axis, style_axes
from flows.figures.series import draw_values, with_gaps
from flows.figures.style import LINES, journal_style
from flows.figures.text import SMALL

_NUMBERS = ["value", "fitted"]
_ABOVE = 5.0
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8}


@journal_style()
def draw_regimes(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    breaks: Sequence[Break],
    events: Sequence[Mapping[str, str]] = (),
    log: bool = True,
) -> Axes:
    """
    Draw series with a thick line for each regime, a marker and a whisker for each break date.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``date`` (first day of the period), ``series`` (name), ``regime`` (number),
        ``value``, ``fitted``; one row a series and date.
    unit_label : str
        What is measured, and its unit.
    breaks : sequence of mapping
        ``series``, ``date``, ``low``, ``high`` (days, the last two ``None`` where there is no
        interval) and ``name``, printed above the marker.
    events : sequence of mapping
        ``date`` (``"2021-01-01"``) and ``name`` of what is marked by a dashed line.
    log : bool
        Logarithmic axis; a value of zero has no place on it, the heading counts those left out.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a row stands there twice, or no value is positive on a
        logarithmic axis.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"date": pd.to_datetime(["2020-01-01", "2021-01-01"]), "series": "Exports",
    ...      "regime": [0, 1], "value": [9.0, 21.0], "fitted": [10.0, 20.0]}
    ... )
    >>> mark = {
    ...     "series": "Exports", "date": "2021-01-01", "low": None, "high": None, "name": "2021"
    ... }
    >>> draw_regimes(axes, data, unit_label="USD million", breaks=[mark]) is axes
    True
    """
    figure = "draw_regimes"
    rows = check_drawn(
        data,
        figure=figure,
        columns=["date", "series", "regime"],
        numbers=_NUMBERS,
        key=["series", "date"],
    ).sort_values(["series", "date"])
    note = ""
    if log:
        rows, note = keep_positive(rows, figure=figure, value="value", beside=["fitted"])
    ends = {}
    for (name, points), colour in zip(
        rows.groupby("series", sort=False), cycle(LINES), strict=False
    ):
        draw_values(ax, with_gaps(points), colour=colour)
        for _, line in points.groupby("regime", sort=True):
            ax.plot(line["date"], line["fitted"], color=colour, linewidth=2.0)
        ends[str(name)] = LineEnd(points["fitted"].iloc[-1], str(name), colour)
    set_amount_axis(ax, rows[_NUMBERS], log=log)
    moments = [pd.Timestamp(event["date"]) for event in events]
    set_date_axis(ax, [*rows["date"], *moments, *break_days(breaks)])
    for one in breaks:
        points = rows[rows["series"] == one["series"]]
        _draw_break(ax, one, points, colour=ends[str(one["series"])].colour, log=log)
    label_line_ends(ax, list(ends.values()))
    style_axes(ax, grid="y", title=unit_label + note, title_above=label_events(ax, events))
    return ax


def _draw_break(ax: Axes, one: Break, points: pd.DataFrame, *, colour: str, log: bool) -> None:
    """Draw the date between the ends of the two regimes, where the eye looks for it."""
    day = pd.Timestamp(str(one["date"]))
    before = points.loc[points["date"] < day, "fitted"].iloc[-1:]
    after = points.loc[points["date"] >= day, "fitted"].iloc[:1]
    ends = pd.concat([before, after]).to_numpy()
    height = float(np.exp(np.log(ends).mean()) if log else ends.mean())
    low, high = (
        float("nan") if end is None else days_since_epoch(pd.Timestamp(end))
        for end in (one["low"], one["high"])
    )
    place = days_since_epoch(day)
    draw_whisker(ax, at=height, value=place, low=low, high=high, axis="x", colour=colour)
    ax.plot([place], [height], color=colour, marker="D", markersize=5, markeredgecolor="white")
    ax.annotate(
        str(one["name"]),
        xy=(place, height),
        xytext=(0, _ABOVE),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        color=colour,
        bbox=_PAPER,
    )
