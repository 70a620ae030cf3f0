"""The x axis: years, dates, and named places."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.ticker import FuncFormatter

from flows.figures.scales import place_width
from flows.figures.text import LINE_HEIGHT, SMALL, text_width

_FEWEST_YEARS = 8
_MONTHS = 12
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000)


def set_year_axis(ax: Axes, *, first: int, last: int) -> None:
    """
    Let the x axis run over whole years, with room for a bar at each end.

    Parameters
    ----------
    ax : Axes
        Any.
    first, last : int
        First and last year that is drawn; few years keep bars of a normal width.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> set_year_axis(axes, first=2020, last=2020)
    >>> axes.get_xticks().tolist()
    [2020]
    """
    spare = max(_FEWEST_YEARS - (last - first + 1), 0) / 2
    ax.set_xlim(first - 0.6 - spare, last + 0.6 + spare)
    room = place_width(ax, max(last - first + 1, _FEWEST_YEARS))
    needed = text_width("2000", size=SMALL) * 1.3
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 500) if step * room >= needed)
    ax.set_xticks([year for year in range(first, last + 1) if year % step == 0 or first == last])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))


def set_places(ax: Axes, names: Sequence[str]) -> None:
    """
    Let the x axis have one place for each name; names that would touch stand upright.

    Parameters
    ----------
    ax : Axes
        Any.
    names : sequence of str
        In their order; place ``i`` is at ``x = i``. Where there are more than the axis has room
        for, every second or third is shown.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> set_places(axes, ["2015-2019", "2016-2020"])
    >>> axes.get_xticks().tolist()
    [0, 1]
    """
    room = place_width(ax, len(names))
    upright = max(text_width(name, size=SMALL) for name in names) * 1.15 > room
    shown = range(0, len(names), math.ceil(SMALL * LINE_HEIGHT / room))
    ax.set_xticks(shown, [names[place] for place in shown], rotation=90 if upright else 0)
    ax.set_xlim(-0.6, len(names) - 0.4)


def set_date_axis(ax: Axes, dates: Sequence[pd.Timestamp]) -> None:
    """
    Let the x axis run over all dates, marked by years, or by months where the dates are close.

    Parameters
    ----------
    ax : Axes
        Any.
    dates : sequence of Timestamp
        All that is drawn, in any order.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> set_date_axis(axes, [pd.Timestamp("2021-01-01"), pd.Timestamp("2024-12-01")])
    >>> [label.get_text() for label in axes.get_xticklabels()]
    ['2021', '2022', '2023', '2024']
    """
    first, last = min(dates), max(dates)
    margin = max((last - first) * 0.02, pd.Timedelta(days=20))
    ax.set_xlim(days_since_epoch(first - margin), days_since_epoch(last + margin))
    months = pd.date_range(first, last, freq="MS")
    numbers = months.year * _MONTHS + months.month - 1
    step = next(step for step in _MONTH_STEPS if len(months) <= step * _most_labels(ax, step))
    shown = months[numbers % step == 0]
    ax.set_xticks([days_since_epoch(month) for month in shown], list(shown.strftime(_layout(step))))


def _layout(step: int) -> str:
    """Return how dates are printed that are so many months apart."""
    return "%Y" if step >= _MONTHS else "%Y-%m"


def _most_labels(ax: Axes, step: int) -> float:
    """Return how many of them the axis has room for."""
    example = pd.Timestamp(2000, 1, 1).strftime(_layout(step))
    return place_width(ax, 1) / (1.5 * text_width(example, size=SMALL))


def days_since_epoch(date: pd.Timestamp) -> float:
    """
    Return the number by which matplotlib knows a date.

    Parameters
    ----------
    date : Timestamp
        Any.

    Returns
    -------
    float
        Days since 1 January 1970.

    Examples
    --------
    >>> days_since_epoch(pd.Timestamp("2021-01-01"))
    18628.0
    """
    return float(date2num(date))  # type: ignore[no-untyped-call]
