"""Vertical marks at the dates where a regime begins, with the interval of each date."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from flows.figures.labels import spread_positions
from flows.figures.places import days_since_epoch
from flows.figures.style import ACCENT, size_in_points
from flows.figures.text import LINE_HEIGHT, SMALL, text_width

Break = Mapping[str, str | None]
"""``date``, ``low``, ``high`` (days; ``None``: no interval) and ``name``."""

_AXES_PART = 0.65
_BETWEEN = 6.0
_ABOVE = 2.0
_BAND = 0.16
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.0}


def break_days(breaks: Sequence[Break]) -> list[pd.Timestamp]:
    """
    Return every day that the marks need on the axis.

    Parameters
    ----------
    breaks : sequence of mapping
        As :func:`draw_break_dates` takes them.

    Returns
    -------
    list of Timestamp
        Dates and the ends of their intervals.

    Examples
    --------
    >>> mark = {"date": "2018-05-01", "low": None, "high": "2018-07-31", "name": "2018-05"}
    >>> [str(day.date()) for day in break_days([mark])]
    ['2018-05-01', '2018-07-31']
    """
    return [
        pd.Timestamp(day)
        for one in breaks
        for day in (one["date"], one["low"], one["high"])
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
    days = [days_since_epoch(pd.Timestamp(str(one["date"]))) for one in breaks]
    for day in days:
        ax.axvline(day, color=ACCENT, linewidth=1.1, zorder=1.5)
    for low, high in _intervals(breaks):
        ax.axvspan(low, high, color=ACCENT, alpha=_BAND, linewidth=0, zorder=0.6)
    names = [str(one["name"]) for one in breaks]
    width = _AXES_PART * size_in_points(ax)[0]
    wanted = [float(ax.transLimits.transform((day, 0.0))[0]) for day in days]
    widths = [(text_width(name, size=SMALL) + _BETWEEN) / width for name in names]
    taken = 0.0
    for place, name, part in sorted(
        zip(spread_positions(wanted, widths), names, widths, strict=True)
    ):
        centre = max(place, taken + part / 2)
        taken = centre + part / 2
        _write_above(ax, name, centre)
    return SMALL * LINE_HEIGHT + _ABOVE if breaks else 0.0


def _write_above(ax: Axes, name: str, place: float) -> None:
    ax.annotate(
        name,
        xy=(place, 1.0),
        xycoords="axes fraction",
        xytext=(0, _ABOVE),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        color=ACCENT,
        bbox=_PAPER,
    )


def break_handles(breaks: Sequence[Break], *, interval: str) -> list[Artist]:
    """
    Return what the legend says of break dates and their intervals.

    Parameters
    ----------
    breaks : sequence of mapping
        As :func:`draw_break_dates` takes them.
    interval : str
        Name of the shaded interval.

    Returns
    -------
    list of Artist
        One where no break has an interval, none where there is no break.

    Examples
    --------
    >>> mark = {"date": "2018-05-01", "low": None, "high": None, "name": "2018-05"}
    >>> [handle.get_label() for handle in break_handles([mark], interval="95% interval")]
    ['break']
    """
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
        for low, high in ((one["low"], one["high"]) for one in breaks)
        if low is not None and high is not None
    ]
