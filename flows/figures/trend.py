"""A fitted trend: its line, what it leaves, what it forecasts, and what others would say."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from flows.errors import SchemaError
from flows.figures import alt_texts
from flows.figures.drawing import drawing
from flows.figures.marks import (
    LineEnd,
    draw_legend,
    draw_values,
    draw_whisker,
    label_events,
    label_line_ends,
    set_row_names,
    with_gaps,
)
from flows.figures.scales import (
    set_amount_axis,
    set_date_axis,
    set_log_axis,
    set_year_axis,
    set_zero_axis,
    style_axes,
)
from flows.figures.style import (
    ACCENT,
    GREY,
    INK,
    LINES,
    PALE,
    SMALL,
    Places,
    check_drawn,
    colour_at,
    common_decimals,
    format_value,
    keep_positive,
    series_look,
    take_places,
)

_DASHES = ("-", "--", "-.", ":")
_FIT = ["fitted", "fitted_low", "fitted_high"]

_NAME_PART = 0.24
_BETWEEN_GROUPS = 0.5
_ABOVE_POINTS = 3.0
_ROOM = 0.05
"""Part of the axis that is left free at its ends, for the values above the markers."""

_BANDS = ["low", "high", "inner_low", "inner_high"]
_SHADES = {"": 0.16, "inner_": 0.26}

_STEM: dict[str, Any] = {"color": LINES[0], "linewidth": 1.0}
_ZERO: dict[str, Any] = {"color": INK, "linewidth": 0.8, "zorder": 1.5}


def _name_series(data: pd.DataFrame, **_: object) -> list[str]:
    return sorted(map(str, data["series"].unique()))


@drawing(alt=alt_texts.trend, height=62.0, names=_name_series)
def draw_trend(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    events: Sequence[Mapping[str, str]] = (),
    places: Places | None = None,
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
    places : mapping of str to int, optional
        The place of each name in the palette, as a report keeps it; by default in their order.

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
    own = take_places(_name_series(rows), places)
    ends = [
        _draw_series(ax, str(name), points, place=own[str(name)])
        for name, points in rows.groupby("series", sort=True)
    ]
    amounts = rows[["value", *_FIT]].to_numpy()
    set_log_axis(ax, low=float(np.nanmin(amounts)), high=float(np.nanmax(amounts)))
    set_date_axis(ax, [*rows["date"], *(pd.Timestamp(event["date"]) for event in events)])
    label_line_ends(ax, ends)
    style_axes(ax, grid="y", title=unit_label + note, title_above=label_events(ax, events))
    return ax


def _draw_series(ax: Axes, name: str, points: pd.DataFrame, *, place: int) -> LineEnd:
    points = with_gaps(points)
    dates = points["date"]
    colour, dash = colour_at(place, LINES), _DASHES[place % len(_DASHES)]
    ax.fill_between(
        dates, points["fitted_low"], points["fitted_high"], color=colour, alpha=0.2, linewidth=0
    )
    draw_values(ax, points, colour=colour)
    ax.plot(dates, points["fitted"], color=colour, linewidth=1.8, linestyle=dash, label=name)
    last = points["fitted"].fillna(points["value"]).dropna()
    return LineEnd(last.iloc[-1], name, colour)


def _name_groups(data: pd.DataFrame, **_: object) -> list[str]:
    return list(map(str, data["group"].unique()))


@drawing(alt=alt_texts.estimates, height=4.0, height_per_row=8.0, names=_name_groups)
def draw_estimates(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    times: bool = False,
    places: Places | None = None,
) -> Axes:
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
    times : bool
        Whether the estimates say how many times one level is another: the axis is logarithmic, and
        its line stands at 1 instead of 0.
    places : mapping of str to int, optional
        The place of each name in the palette, as a report keeps it; by default in their order.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a row stands there twice, or ``times`` are not
        positive.

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
    own = take_places(_name_groups(rows), places)
    handles = []
    for group, points in rows.groupby("group", sort=False):
        look = series_look(own[str(group)])
        handles.append(_draw_group(ax, points, label=str(group), look=look, decimals=decimals))
    style_axes(ax, grid="x", title=unit_label, title_part=0.9 - _NAME_PART)
    if times:
        _set_times_axis(ax, rows[["value", "low", "high"]])
    else:
        set_zero_axis(ax, axis="x", headroom=_ROOM)
        low, high = ax.get_xlim()
        ax.set_xlim(min(low, -_ROOM * high), max(high, -_ROOM * low))
    ax.axvline(1.0 if times else 0.0, color=INK, linewidth=0.8, zorder=1)
    set_row_names(ax, rows["name"], places=rows["place"], part=_NAME_PART, above=0.8)
    if len(handles) > 1:
        draw_legend(ax, handles)
    return ax


def _set_times_axis(ax: Axes, numbers: pd.DataFrame) -> None:
    """Let the x axis hold ratios and 1."""
    values = numbers.to_numpy(dtype=float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if not low > 0:
        raise SchemaError(
            f"draw_estimates: expected positive values with times=True, found {low:g}"
        )
    set_log_axis(ax, low=min(low, 1.0), high=max(high, 1.0), axis="x")


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


@drawing(alt=alt_texts.forecast, height=58.0)
def draw_forecast(
    ax: Axes,
    data: pd.DataFrame,
    *,
    unit_label: str,
    interval_label: str,
    inner_label: str,
    log: bool = True,
) -> Axes:
    """
    Draw a series, its smoothed level, and its forecasts within a wide and a narrow interval.

    The intervals open from the last level.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``date`` (first day of the period), ``value``, ``fitted`` (smoothed level),
        ``forecast``, ``low``, ``high``, ``inner_low``, ``inner_high``, each missing where there is
        none; one row a date.
    unit_label : str
        What is measured, and its unit.
    interval_label, inner_label : str
        Names of the two intervals in the legend.
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
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"date": pd.to_datetime(["2020-01-01", "2021-01-01"]), "value": [9.0, None],
    ...      "fitted": [9.0, None], "forecast": [None, 10.0], "low": [None, 8.0],
    ...      "high": [None, 12.0], "inner_low": [None, 9.0], "inner_high": [None, 11.0]}
    ... )
    >>> labels = {"interval_label": "95% interval", "inner_label": "80% interval"}
    >>> draw_forecast(axes, data, unit_label="USD million", **labels) is axes
    True
    """
    figure = "draw_forecast"
    beside = ["fitted", "forecast", *_BANDS]
    rows = check_drawn(
        data, figure=figure, columns=["date"], numbers=["value", *beside], key=["date"]
    ).sort_values("date")
    note = ""
    if log:
        rows, note = keep_positive(rows, figure=figure, value="value", beside=beside)
    past, future = rows[rows["forecast"].isna()], rows[rows["forecast"].notna()]
    handles = _draw_past(ax, past)
    if len(future):
        fan = pd.concat([_start(past), future])
        handles += _draw_future(ax, fan, (interval_label, inner_label))
    set_amount_axis(ax, rows[["value", *beside]], log=log)
    set_date_axis(ax, list(rows["date"]))
    style_axes(ax, grid="y", title=unit_label + note)
    draw_legend(ax, handles)
    return ax


def _draw_past(ax: Axes, rows: pd.DataFrame) -> list[Artist]:
    reported = draw_values(ax, with_gaps(rows), colour=GREY, label="reported")
    (level,) = ax.plot(rows["date"], rows["fitted"], color=INK, linewidth=1.4, label="level")
    return [reported, level]


def _start(past: pd.DataFrame) -> pd.DataFrame:
    """Return the last row of the past as the point from which the intervals open."""
    last = past.tail(1)
    level = last["fitted"].fillna(last["value"])
    return last.assign(**dict.fromkeys(["forecast", *_BANDS], level))


def _draw_future(ax: Axes, rows: pd.DataFrame, labels: tuple[str, str]) -> list[Artist]:
    handles: list[Artist] = []
    for (name, shade), label in zip(_SHADES.items(), labels, strict=True):
        band: dict[str, Any] = {"color": ACCENT, "alpha": shade, "linewidth": 0}
        ax.fill_between(rows["date"], rows[f"{name}low"], rows[f"{name}high"], **band)
        handles.append(Patch(label=label, **band))
    look: dict[str, Any] = {"color": ACCENT, "linewidth": 1.6, "linestyle": "--"}
    ax.plot(rows["date"], rows["forecast"], **look)
    return [Line2D([], [], label="forecast", **look), *handles]


@drawing(alt=alt_texts.residuals, height=40.0)
def draw_residuals(ax: Axes, data: pd.DataFrame, *, unit_label: str, spread: float) -> Axes:
    """
    Draw each residual as a stem from zero, between two lines two standard deviations away.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``date`` (first day of the period) and ``value``; one row a date.
    unit_label : str
        Of which fit, and the unit.
    spread : float
        Standard deviation of the residuals.

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
    ...     {"date": pd.to_datetime(["2020-01-01", "2021-01-01"]), "value": [0.1, -0.1]}
    ... )
    >>> draw_residuals(axes, data, unit_label="Residuals, log points", spread=0.1) is axes
    True
    """
    rows = check_drawn(
        data, figure="draw_residuals", columns=["date"], numbers=["value"], key=["date"]
    ).sort_values("date")
    stems = ax.vlines(rows["date"], 0.0, rows["value"], **_STEM)
    stems.set_label("residual")
    ends = [
        ax.axhline(end, color=GREY, linewidth=0.8, linestyle=(0, (4, 2)))
        for end in (-2 * spread, 2 * spread)
    ]
    ends[0].set_label("two standard deviations")
    ax.axhline(0.0, **_ZERO)
    set_zero_axis(ax, axis="y")
    set_date_axis(ax, list(rows["date"]))
    style_axes(ax, grid="y", title=unit_label)
    draw_legend(ax, [stems, ends[0]])
    return ax


@drawing(alt=alt_texts.autocorrelation, height=34.0)
def draw_autocorrelation(ax: Axes, data: pd.DataFrame, *, unit_label: str, band_label: str) -> Axes:
    """
    Draw the correlation of residuals with those some periods before, and what chance allows.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``lag`` (periods), ``value``, ``low`` and ``high`` (of uncorrelated residuals); one
        row a lag.
    unit_label : str
        Of which residuals.
    band_label : str
        Name of the band between ``low`` and ``high``.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a lag stands there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame({"lag": [1, 2], "value": [0.5, 0.1], "low": -0.2, "high": 0.2})
    >>> draw_autocorrelation(
    ...     axes, data, unit_label="Autocorrelation", band_label="95% of white noise"
    ... ) is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_autocorrelation",
        columns=["lag"],
        numbers=["value", "low", "high"],
        key=["lag"],
    ).sort_values("lag")
    first, last = int(rows["lag"].min()), int(rows["lag"].max())
    edges = pd.concat([rows["lag"].head(1) - 0.5, rows["lag"], rows["lag"].tail(1) + 0.5])
    low, high = (rows[end].iloc[[0, *range(len(rows)), -1]] for end in ("low", "high"))
    band = ax.fill_between(edges, low, high, color=PALE, alpha=0.6, linewidth=0, label=band_label)
    bars = ax.bar(rows["lag"], rows["value"], width=0.5, color=LINES[0], label="correlation")
    ax.axhline(0.0, **_ZERO)
    set_zero_axis(ax, axis="y")
    set_year_axis(ax, first=first, last=last)
    style_axes(ax, grid="y", title=unit_label)
    draw_legend(ax, [bars, band])
    return ax
