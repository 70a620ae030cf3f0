"""Levels of a flow as several sources have them, small enough to stand beside another figure."""

from itertools import cycle

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn, keep_positive
from flows.figures.labels import LineEnd, label_line_ends
from flows.figures.places import set_date_axis
from flows.figures.scales import set_log_axis, style_axes
from flows.figures.series import draw_values, with_gaps
from flows.figures.style import LINES, journal_style


@journal_style()
def draw_levels(ax: Axes, data: pd.DataFrame, *, unit_label: str) -> Axes:
    """
    Draw each series as a thin line with dots and its name at the end.

    A line is interrupted where periods are absent.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``date`` (first day of the period), ``series`` (name) and ``value``; one row a
        series and date.
    unit_label : str
        What is measured, and its unit.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a row stands there twice, or no value is positive.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(width="single", height=50)
    >>> dates = pd.to_datetime(["2020-01-01", "2021-01-01"])
    >>> data = pd.DataFrame({"date": dates, "series": "Armenia", "value": [9.0, 12.0]})
    >>> draw_levels(axes, data, unit_label="USD million, log scale") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_levels",
        columns=["date", "series"],
        numbers=["value"],
        key=["series", "date"],
    ).sort_values(["series", "date"])
    rows, note = keep_positive(rows, figure="draw_levels", value="value", beside=[])
    rows = rows.dropna(subset="value")
    ends = []
    for (name, points), colour in zip(
        rows.groupby("series", sort=True), cycle(LINES), strict=False
    ):
        draw_values(ax, with_gaps(points), colour=colour)
        ends.append(LineEnd(float(points["value"].iloc[-1]), str(name), colour))
    set_log_axis(ax, low=float(rows["value"].min()), high=float(rows["value"].max()))
    set_date_axis(ax, list(rows["date"]))
    label_line_ends(ax, ends, inside=True)
    style_axes(ax, grid="y", title=unit_label + note, title_part=0.95)
    return ax
