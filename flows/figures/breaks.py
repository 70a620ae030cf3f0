"""Values over time, the regimes fitted to them, and the dates at which one ends."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from flows.figures.frame import check_drawn, keep_positive
from flows.figures.labels import label_events
from flows.figures.marks import draw_legend
from flows.figures.places import set_date_axis
from flows.figures.regimes import Break, break_days, break_handles, draw_break_dates
from flows.figures.scales import set_amount_axis, style_axes
from flows.figures.series import draw_values, with_gaps
from flows.figures.style import INK, LINES, journal_style

_NUMBERS = ["value", "fitted"]


@journal_style()
def draw_breaks(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    breaks: Sequence[Break],
    interval_label: str,
    events: Sequence[Mapping[str, str]] = (),
    log: bool = True,
) -> Axes:
    """
    Draw a series, a thick line for each regime, the break dates with their intervals, and events.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``date`` (first day of the period), ``regime`` (number), ``value``, ``fitted``;
        one row a date.
    unit_label : str
        What is measured, and its unit.
    breaks : sequence of mapping
        ``date``, ``low``, ``high`` (days, the last two ``None`` where there is no interval) and
        ``name``, printed above the axes.
    interval_label : str
        Name of the intervals in the legend.
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
        If a column or every row is missing, a date stands there twice, or no value is positive on
        a logarithmic axis.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"date": pd.to_datetime(["2020-01-01", "2021-01-01"]), "regime": [0, 1],
    ...      "value": [9.0, 21.0], "fitted": [10.0, 20.0]}
    ... )
    >>> mark = {"date": "2021-01-01", "low": None, "high": None, "name": "2021"}
    >>> draw_breaks(
    ...     axes, data, unit_label="USD million", breaks=[mark], interval_label="95% interval"
    ... ) is axes
    True
    """
    figure = "draw_breaks"
    rows = check_drawn(
        data, figure=figure, columns=["date", "regime"], numbers=_NUMBERS, key=["date"]
    ).sort_values("date")
    note = ""
    if log:
        rows, note = keep_positive(rows, figure=figure, value="value", beside=["fitted"])
    reported = draw_values(ax, with_gaps(rows), colour=LINES[0], label="reported")
    for _, points in rows.groupby("regime", sort=True):
        ax.plot(points["date"], points["fitted"], color=INK, linewidth=1.8)
    set_amount_axis(ax, rows[_NUMBERS], log=log)
    moments = [pd.Timestamp(event["date"]) for event in events]
    set_date_axis(ax, [*rows["date"], *moments, *break_days(breaks)])
    above = label_events(ax, events, foot=draw_break_dates(ax, breaks))
    style_axes(ax, grid="y", title=unit_label + note, title_above=above)
    regime = Line2D([], [], color=INK, linewidth=1.8, label="regime")
    draw_legend(ax, [reported, regime, *break_handles(breaks, interval=interval_label)])
    return ax
