"""A share by window and release with two kinds of doubt: its bounds and its interval."""

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from flows.figures.frame import check_drawn
from flows.figures.marks import draw_legend, draw_points
from flows.figures.style import GREY, INK, PALE, journal_style
from flows.figures.windows import (
    Series,
    label_shares,
    place_in_windows,
    release_series,
    set_window_axes,
)

_BOX_WIDEST = 0.2
_BOX_PART = 0.5
"""Of what each release has of the width of a window."""

_BOX_ALPHA = 0.35


@journal_style()
def draw_share_bounds(
    ax: Axes,
    data: pd.DataFrame,
    *,
    supplier: str,
    importer: str,
    bounds_label: str,
    interval_label: str,
) -> Axes:
    """
    Draw a point for each window and release, its bounds as a box and its interval as a whisker.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``window`` (``"2016-2020"``), ``release`` (``"2025-03"``), ``share_pct``,
        ``bound_low``, ``bound_high`` (what cannot be excluded), ``interval_low``,
        ``interval_high`` (what has a level); both ends of a pair are missing where there is none.
        One row a window and release, in percent.
    supplier, importer : str
        Names, for the heading.
    bounds_label, interval_label : str
        What box and whisker are, for the legend: by which rules, and at which level.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a window and release stand there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"window": ["2016-2020"], "release": ["2025-03"], "share_pct": [67.74],
    ...      "bound_low": [64.16], "bound_high": [68.26],
    ...      "interval_low": [42.4], "interval_high": [85.8]}
    ... )
    >>> options = {"bounds_label": "years at the edge", "interval_label": "95% over deals"}
    >>> draw_share_bounds(axes, data, supplier="Israel", importer="Azerbaijan", **options) is axes
    True
    """
    numbers = ["share_pct", "bound_low", "bound_high", "interval_low", "interval_high"]
    rows = check_drawn(
        data,
        figure="draw_share_bounds",
        columns=["window", "release"],
        numbers=numbers,
        key=["window", "release"],
    )
    named = {"share_pct": "value", "interval_low": "low", "interval_high": "high"}
    windows = sorted(rows["window"].unique())
    handles: list[Artist] = []
    labelled = False
    releases = release_series(rows.rename(columns=named))
    for series, labelled in place_in_windows(ax, releases, windows):
        _draw_boxes(ax, series, width=min(_BOX_WIDEST, _BOX_PART / len(releases)))
        if labelled:
            _label_values(ax, series.points)
        handles.append(draw_points(ax, series.points, label=series.label, look=series.look))
    title = f"Share of {supplier} in the arms imports of {importer}, percent"
    set_window_axes(ax, windows, title=title, labelled=labelled)
    if rows["bound_low"].notna().any():
        handles.append(Patch(label=bounds_label, facecolor=PALE, edgecolor=GREY, linewidth=0.5))
    if rows["interval_low"].notna().any():
        look: dict[str, Any] = {"color": INK, "linewidth": 0.9, "marker": "_", "markersize": 5}
        handles.append(Line2D([], [], label=interval_label, **look))
    draw_legend(ax, handles, title="Release")
    return ax


def _draw_boxes(ax: Axes, series: Series, *, width: float) -> None:
    """Draw a box from bound to bound."""
    colour = series.look["color"]
    bounded = series.points.dropna(subset=["bound_low", "bound_high"])
    for at, low, high in bounded[["place", "bound_low", "bound_high"]].to_numpy(dtype=float):
        ax.bar(
            at,
            high - low,
            bottom=low,
            width=width,
            facecolor=to_rgba(colour, _BOX_ALPHA),
            edgecolor=colour,
            linewidth=0.5,
            zorder=1.5,
        )


def _label_values(ax: Axes, points: pd.DataFrame) -> None:
    """Print each share above all its marks."""
    tops = points[["value", "bound_high", "high"]].max(axis="columns")
    label_shares(ax, points["place"], tops, [f"{value:.1f}" for value in points["value"]])
