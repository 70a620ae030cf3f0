"""A series as a thin line with dots, interrupted where periods are absent."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

_MANY = 60
_ONE_STEP = 1.5
"""Months and years differ in length, by less than half."""


def draw_values(ax: Axes, points: pd.DataFrame, *, colour: str, label: str = "") -> Line2D:
    """
    Draw the values of a series; the line is interrupted where a value is missing.

    Parameters
    ----------
    ax : Axes
        Any.
    points : pandas.DataFrame
        Columns ``date`` and ``value``, sorted by date, as from :func:`with_gaps`.
    colour : str
        Of line and dots.
    label : str
        Name in the legend.

    Returns
    -------
    Line2D
        As drawn, for the legend.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> dates = pd.to_datetime(["2020-01-01", "2020-02-01"])
    >>> points = pd.DataFrame({"date": dates, "value": [1.0, 2.0]})
    >>> draw_values(axes, points, colour="black").get_ydata().tolist()
    [1.0, 2.0]
    """
    (line,) = ax.plot(
        points["date"],
        points["value"],
        color=colour,
        label=label,
        alpha=0.6,
        linewidth=0.6,
        marker="o",
        markeredgewidth=0.0,
        markersize=1.6 if len(points) > _MANY else 3.5,
    )
    return line


def with_gaps(points: pd.DataFrame) -> pd.DataFrame:
    """
    Put an empty row where two dates are further apart than the closest ones.

    Parameters
    ----------
    points : pandas.DataFrame
        Column ``date`` and others, sorted by date.

    Returns
    -------
    pandas.DataFrame
        With one row more for each gap, a day before the next date.

    Examples
    --------
    >>> dates = pd.to_datetime(["2020-01-01", "2020-02-01", "2020-06-01"])
    >>> with_gaps(pd.DataFrame({"date": dates}))["date"].dt.day.tolist()
    [1, 1, 31, 1]
    """
    step = points["date"].diff()
    late = points[step > _ONE_STEP * step.min()]
    empty = pd.DataFrame({"date": late["date"] - pd.Timedelta(days=1)})
    return pd.concat([points, empty]).sort_values("date")
