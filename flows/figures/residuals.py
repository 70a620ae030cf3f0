"""What a fit leaves: residuals over time, and how they go with those before them."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn
from flows.figures.marks import draw_legend
from flows.figures.places import set_date_axis, set_year_axis
from flows.figures.scales import set_zero_axis, style_axes
from flows.figures.style import GREY, INK, LINES, PALE, journal_style

_STEM: dict[str, Any] = {"color": LINES[0], "linewidth": 1.0}
_ZERO: dict[str, Any] = {"color": INK, "linewidth": 0.8, "zorder": 1.5}


@journal_style()
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


@journal_style()
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
