"""A series and where it may go: forecasts with their intervals."""

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from flows.figures.frame import check_drawn, keep_positive
from flows.figures.marks import draw_legend
from flows.figures.places import set_date_axis
from flows.figures.scales import set_amount_axis, style_axes
from flows.figures.series import draw_values, with_gaps
from flows.figures.style import ACCENT, INK, LINES, journal_style

_BANDS = ["low", "high", "inner_low", "inner_high"]
_SHADES = {"": 0.16, "inner_": 0.26}


@journal_style()
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
    fan = pd.concat([_start(past), future])
    handles += _draw_future(ax, fan, (interval_label, inner_label))
    set_amount_axis(ax, rows[["value", *beside]], log=log)
    set_date_axis(ax, list(rows["date"]))
    style_axes(ax, grid="y", title=unit_label + note)
    draw_legend(ax, handles)
    return ax


def _draw_past(ax: Axes, rows: pd.DataFrame) -> list[Artist]:
    reported = draw_values(ax, with_gaps(rows), colour=LINES[0], label="reported")
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
