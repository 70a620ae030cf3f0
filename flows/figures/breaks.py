"""Breaks: regimes of one series or several, and how strongly the data speak for each date."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from flows.figures import alt_texts
from flows.figures.drawing import drawing
from flows.figures.marks import (
    AXES_PART,
    PAPER,
    LineEnd,
    draw_legend,
    draw_values,
    draw_whisker,
    label_events,
    label_line_ends,
    spread_positions,
    with_gaps,
)
from flows.figures.scales import (
    days_since_epoch,
    set_amount_axis,
    set_close_axis,
    set_date_axis,
    set_zero_axis,
    style_axes,
)
from flows.figures.style import (
    ACCENT,
    GREY,
    INK,
    LINE_HEIGHT,
    LINES,
    SMALL,
    Places,
    check_drawn,
    colour_at,
    keep_positive,
    size_in_points,
    take_places,
    text_width,
)

_NUMBERS = ["value", "fitted"]

_ABOVE_POINT = 5.0
_SPARE = 0.05
"""Part of an axis without zero that is left free above and below."""
_PALE_PAPER = {**PAPER, "pad": 0.6, "alpha": 0.8}

Break = Mapping[str, str | None]
"""``date``, ``low``, ``high`` (days; ``None``: no interval) and ``name``."""

_BETWEEN = 6.0
_ABOVE_AXES = 2.0
_BAND = 0.16


@drawing(alt=alt_texts.breaks, height=58.0)
def draw_breaks(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    breaks: Sequence[Break],
    interval_label: str,
    events: Sequence[Mapping[str, str]] = (),
    log: bool = True,
    zero: bool = True,
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
    zero : bool
        Whether an axis that is not logarithmic holds zero, which says nothing of logarithms.

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
    reported = draw_values(ax, with_gaps(rows), colour=GREY, label="reported")
    for _, points in rows.groupby("regime", sort=True):
        ax.plot(points["date"], points["fitted"], color=INK, linewidth=1.8)
    if zero or log:
        set_amount_axis(ax, rows[_NUMBERS], log=log)
    else:
        set_close_axis(ax, axis="y", headroom=_SPARE)
    moments = [pd.Timestamp(event["date"]) for event in events]
    set_date_axis(ax, [*rows["date"], *moments, *_break_days(breaks)])
    above = label_events(ax, events, foot=draw_break_dates(ax, breaks))
    style_axes(ax, grid="y", title=unit_label + note, title_above=above)
    regime = Line2D([], [], color=INK, linewidth=1.8, label="regime")
    draw_legend(ax, [reported, regime, *_break_handles(breaks, interval=interval_label)])
    return ax


def _name_series(data: pd.DataFrame, **_: object) -> list[str]:
    return list(map(str, data["series"].unique()))


@drawing(alt=alt_texts.regimes, height=42.0, names=_name_series)
def draw_regimes(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    breaks: Sequence[Break],
    events: Sequence[Mapping[str, str]] = (),
    log: bool = True,
    reference: Mapping[str, str | float] | None = None,
    places: Places | None = None,
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
    reference : mapping, optional
        ``value`` and ``name`` of a level that the series are held against, such as a ratio of 1.
    places : mapping of str to int, optional
        The place of each name in the palette, as a report keeps it; by default in their order.

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
    own = take_places(_name_series(data), places)
    for name, points in rows.groupby("series", sort=False):
        colour = colour_at(own[str(name)], LINES)
        draw_values(ax, with_gaps(points), colour=colour)
        for _, line in points.groupby("regime", sort=True):
            ax.plot(line["date"], line["fitted"], color=colour, linewidth=2.0)
        ends[str(name)] = LineEnd(points["fitted"].iloc[-1], str(name), colour)
    amounts = rows[_NUMBERS]
    if reference is not None:
        amounts = pd.concat([amounts, pd.DataFrame({"value": [reference["value"]]})])
    set_amount_axis(ax, amounts, log=log)
    moments = [pd.Timestamp(event["date"]) for event in events]
    set_date_axis(ax, [*rows["date"], *moments, *_break_days(breaks)])
    for mark in breaks:
        points = rows[rows["series"] == mark["series"]]
        _draw_break(ax, mark, points, colour=ends[str(mark["series"])].colour, log=log)
    label_line_ends(ax, list(ends.values()))
    style_axes(ax, grid="y", title=unit_label + note, title_above=label_events(ax, events))
    if reference is not None:
        level = ax.axhline(float(reference["value"]), color=INK, linewidth=0.9, zorder=1)
        level.set_label(str(reference["name"]))
        draw_legend(ax, [level])
    return ax


def _draw_break(ax: Axes, mark: Break, points: pd.DataFrame, *, colour: str, log: bool) -> None:
    """Draw the date between the ends of the two regimes, where the eye looks for it."""
    day = pd.Timestamp(str(mark["date"]))
    before = points.loc[points["date"] < day, "fitted"].iloc[-1:]
    after = points.loc[points["date"] >= day, "fitted"].iloc[:1]
    ends = pd.concat([before, after]).to_numpy()
    height = float(np.exp(np.log(ends).mean()) if log else ends.mean())
    low, high = (
        float("nan") if end is None else days_since_epoch(pd.Timestamp(end))
        for end in (mark["low"], mark["high"])
    )
    place = days_since_epoch(day)
    draw_whisker(ax, at=height, value=place, low=low, high=high, axis="x", colour=colour)
    ax.plot([place], [height], color=colour, marker="D", markersize=5, markeredgecolor="white")
    ax.annotate(
        str(mark["name"]),
        xy=(place, height),
        xytext=(0, _ABOVE_POINT),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        color=colour,
        bbox=_PALE_PAPER,
    )


@drawing(alt=alt_texts.break_path, height=40.0)
def draw_break_path(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    critical_value: float,
    critical_label: str,
    breaks: Sequence[Break] = (),
) -> Axes:
    """
    Draw a break statistic by date, its critical value, and the dates that were chosen.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``date`` (first day of the new regime) and ``statistic``; one row a date.
    unit_label : str
        What the statistic is.
    critical_value : float
        What the largest of the statistics has to exceed.
    critical_label : str
        Its name in the legend, with its size.
    breaks : sequence of mapping
        As :func:`flows.figures.draw_breaks` takes them.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a date stands there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"date": pd.to_datetime(["2020-01-01", "2021-01-01"]), "statistic": [2.0, 12.0]}
    ... )
    >>> draw_break_path(
    ...     axes, data, unit_label="F", critical_value=8.58, critical_label="5% critical value"
    ... ) is axes
    True
    """
    rows = check_drawn(
        data, figure="draw_break_path", columns=["date"], numbers=["statistic"], key=["date"]
    ).sort_values("date")
    (path,) = ax.plot(
        rows["date"], rows["statistic"], color=LINES[0], linewidth=1.4, label="statistic"
    )
    bound = ax.axhline(critical_value, color=GREY, linewidth=1.0, linestyle=(0, (4, 2)))
    bound.set_label(critical_label)
    set_zero_axis(ax, axis="y")
    set_date_axis(ax, [*rows["date"], *_break_days(breaks)])
    above = draw_break_dates(ax, breaks)
    style_axes(ax, grid="y", title=unit_label, title_above=above)
    handles: list[Line2D] = [path, bound]
    draw_legend(ax, [*handles, *_break_handles(breaks, interval="interval of its date")])
    return ax


def _break_days(breaks: Sequence[Break]) -> list[pd.Timestamp]:
    """Return every day that the marks need on the axis."""
    return [
        pd.Timestamp(day)
        for mark in breaks
        for day in (mark["date"], mark["low"], mark["high"])
        if day is not None
    ]


def draw_break_dates(ax: Axes, breaks: Sequence[Break]) -> float:
    """
    Draw a line at each break date, shade its interval, and write the date above the axes.

    Names that would touch are moved apart along the axis, and none stands left of it.

    Parameters
    ----------
    ax : Axes
        With an x axis of dates whose limits are set.
    breaks : sequence of mapping
        ``date``, ``low`` and ``high`` (first and last day of the interval; ``None`` where there is
        no interval) and ``name``.

    Returns
    -------
    float
        Height of the names in points: what stands above the axes has to be moved up by it.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> limits = axes.set_xlim(pd.Timestamp("2017-01-01"), pd.Timestamp("2022-01-01"))
    >>> mark = {"date": "2018-05-01", "low": None, "high": None, "name": "2018-05"}
    >>> draw_break_dates(axes, [mark]), axes.texts[0].get_text()
    (12.0, '2018-05')
    """
    days = [days_since_epoch(pd.Timestamp(str(mark["date"]))) for mark in breaks]
    for day in days:
        ax.axvline(day, color=ACCENT, linewidth=1.1, zorder=1.5)
    for low, high in _intervals(breaks):
        ax.axvspan(low, high, color=ACCENT, alpha=_BAND, linewidth=0, zorder=0.6)
    names = [str(mark["name"]) for mark in breaks]
    width = AXES_PART * size_in_points(ax)[0]
    wanted = [float(ax.transLimits.transform((day, 0.0))[0]) for day in days]
    widths = [(text_width(name, size=SMALL) + _BETWEEN) / width for name in names]
    taken = 0.0
    for place, name, part in sorted(
        zip(spread_positions(wanted, widths), names, widths, strict=True)
    ):
        centre = max(place, taken + part / 2)
        taken = centre + part / 2
        _write_above(ax, name, centre)
    return SMALL * LINE_HEIGHT + _ABOVE_AXES if breaks else 0.0


def _write_above(ax: Axes, name: str, place: float) -> None:
    ax.annotate(
        name,
        xy=(place, 1.0),
        xycoords="axes fraction",
        xytext=(0, _ABOVE_AXES),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        color=ACCENT,
        bbox=PAPER,
    )


def _break_handles(breaks: Sequence[Break], *, interval: str) -> list[Artist]:
    """Return what the legend says of break dates and their intervals."""
    handles: list[Artist] = []
    if breaks:
        handles.append(Line2D([], [], color=ACCENT, linewidth=1.1, label="break"))
    if _intervals(breaks):
        handles.append(Patch(color=ACCENT, alpha=_BAND, linewidth=0, label=interval))
    return handles


def _intervals(breaks: Sequence[Break]) -> list[tuple[float, float]]:
    """Return the ends of the intervals that are there, as matplotlib knows them."""
    return [
        (days_since_epoch(pd.Timestamp(low)), days_since_epoch(pd.Timestamp(high)))
        for low, high in ((mark["low"], mark["high"]) for mark in breaks)
        if low is not None and high is not None
    ]
