"""How strongly the data speak for one break, at every date that leaves room on both sides."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from flows.figures.frame import check_drawn
from flows.figures.marks import draw_legend
from flows.figures.places import set_date_axis
from flows.figures.regimes import Break, break_days, break_handles, draw_break_dates
from flows.figures.scales import set_zero_axis, style_axes
from flows.figures.style import GREY, LINES, journal_style


@journal_style()
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
    set_date_axis(ax, [*rows["date"], *break_days(breaks)])
    above = draw_break_dates(ax, breaks)
    style_axes(ax, grid="y", title=unit_label, title_above=above)
    handles: list[Line2D] = [path, bound]
    draw_legend(ax, [*handles, *break_handles(breaks, interval="interval of its date")])
    return ax
