"""Values over time on a logarithmic axis with their fitted trend."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn, keep_positive
from flows.figures.labels import LineEnd, label_events, label_line_ends
from flows.figures.places import set_date_axis
from flows.figures.scales import set_log_axis, style_axes
from flows.figures.series import draw_values, with_gaps
from flows.figures.style import LINES, journal_style

_DASHES = ("-", "--", "-.", ":")
_FIT = ["fitted", "fitted_low", "fitted_high"]


@journal_style()
def draw_trend(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    events: Sequence[Mapping[str, str]] = (),
) -> Axes:
    """
    Draw each series as a thin line with dots, its trend as a thick one, the band around it shaded.

    A line is interrupted where periods are absent. A value of zero has no place on a logarithmic
    axis: the heading counts those that are left out.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``date`` (first day of the period), ``series`` (name), ``value``, ``fitted``,
        ``fitted_low``, ``fitted_high`` (missing where there is no fit or band); one row a series
        and date.
    unit_label : str
        What is measured, and its unit.
    events : sequence of mapping
        ``date`` (``"2021-01-01"``) and ``name`` of what is marked by a vertical line.

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
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"date": pd.to_datetime(["2020-01-01", "2020-02-01"]), "series": ["Exports"] * 2,
    ...      "value": [9.0, 12.0], "fitted": [10.0, 11.0], "fitted_low": [9.0, 10.0],
    ...      "fitted_high": [11.0, 12.0]}
    ... )
    >>> draw_trend(axes, data, unit_label="USD million, log scale") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_trend",
        columns=["date", "series"],
        numbers=["value", *_FIT],
        key=["series", "date"],
    ).sort_values(["series", "date"])
    rows, note = keep_positive(rows, figure="draw_trend", value="value", beside=_FIT)
    rows = rows.dropna(subset=["value", "fitted"], how="all")
    groups = rows.groupby("series", sort=True)
    looks = zip(cycle(LINES), cycle(_DASHES), strict=False)
    ends = [
        _draw_series(ax, str(name), points, colour, dash)
        for (name, points), (colour, dash) in zip(groups, looks, strict=False)
    ]
    amounts = rows[["value", *_FIT]].to_numpy()
    set_log_axis(ax, low=float(np.nanmin(amounts)), high=float(np.nanmax(amounts)))
    set_date_axis(ax, [*rows["date"], *(pd.Timestamp(event["date"]) for event in events)])
    label_line_ends(ax, ends)
    style_axes(ax, grid="y", title=unit_label + note, title_above=label_events(ax, events))
    return ax


def _draw_series(ax: Axes, name: str, points: pd.DataFrame, colour: str, dash: str) -> LineEnd:
    points = with_gaps(points)
    dates = points["date"]
    ax.fill_between(
        dates, points["fitted_low"], points["fitted_high"], color=colour, alpha=0.2, linewidth=0
    )
    draw_values(ax, points, colour=colour)
    ax.plot(dates, points["fitted"], color=colour, linewidth=1.8, linestyle=dash, label=name)
    last = points["fitted"].fillna(points["value"]).dropna()
    return LineEnd(last.iloc[-1], name, colour)
