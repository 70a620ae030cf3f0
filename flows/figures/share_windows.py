"""The share of one supplier by window of years, as each release of the data gives it."""

from itertools import cycle
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn, check_words
from flows.figures.marks import draw_legend, draw_points, group_offsets
from flows.figures.places import set_places
from flows.figures.scales import place_width, set_zero_axis, style_axes
from flows.figures.style import INK, LIGHT, LINES, MARKERS, journal_style
from flows.figures.text import SMALL, text_width

_GROUP_WIDTH = 0.9
_WIDEST_LABEL = "00.0 "


@journal_style()
def draw_share_windows(ax: Axes, data: pd.DataFrame, *, supplier: str, importer: str) -> Axes:
    """
    Draw a point for each window and release, published figures as open diamonds beside them.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``window`` (``"2016-2020"``), ``release`` (``"2025-03"``), ``share_pct``, ``low``,
        ``high`` (bounds; missing where there are none) and ``kind`` (``"computed"`` or
        ``"published"``); one row a window, release and kind.
    supplier, importer : str
        Names, for the heading.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a row stands there twice, or a kind is unknown.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"window": ["2016-2020"], "release": ["2025-03"], "share_pct": [67.74],
    ...      "low": [64.16], "high": [68.26], "kind": ["computed"]}
    ... )
    >>> draw_share_windows(axes, data, supplier="Israel", importer="Azerbaijan") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_share_windows",
        columns=["window", "release", "kind"],
        numbers=["share_pct", "low", "high"],
        key=["window", "release", "kind"],
    ).rename(columns={"share_pct": "value"})
    check_words(rows, "kind", figure="draw_share_windows", words=["computed", "published"])
    windows = sorted(rows["window"].unique())
    rows["place"] = rows["window"].map(windows.index).astype(float)
    series = _series(rows)
    offsets = group_offsets(len(series), width=_GROUP_WIDTH)
    room = place_width(ax, len(windows)) * _GROUP_WIDTH / len(series)
    labelled = room > text_width(_WIDEST_LABEL, size=SMALL)
    handles = []
    for offset, (label, points, look) in zip(offsets, series, strict=True):
        placed = points.assign(place=points["place"] + offset)
        handles.append(draw_points(ax, placed, label=label, look=look))
        if labelled:
            _label_values(ax, placed)
    style_axes(
        ax, grid="y", title=f"Share of {supplier} in the arms imports of {importer}, percent"
    )
    set_zero_axis(ax, axis="y", headroom=0.1 if labelled else 0.03)
    set_places(ax, windows)
    for edge in range(1, len(windows)):
        ax.axvline(edge - 0.5, color=LIGHT, linewidth=0.5, zorder=0)
    draw_legend(ax, handles, title="Release")
    return ax


def _series(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame, dict[str, Any]]]:
    """Return label, points and look of each series: releases by date, then published figures."""
    computed = rows[rows["kind"] == "computed"]
    published = rows[rows["kind"] == "published"]
    looks = zip(cycle(LINES), cycle(MARKERS), strict=False)
    series = [
        (str(release), points, {"color": colour, "marker": marker})
        for (release, points), (colour, marker) in zip(
            computed.groupby("release", sort=True), looks, strict=False
        )
    ]
    if not published.empty:
        look = {"color": INK, "marker": "D", "markerfacecolor": "white"}
        series.append(("as published", published, look))
    return series


def _label_values(ax: Axes, points: pd.DataFrame) -> None:
    """Print each share above its marker and whisker, a published one as it was published."""
    tops = points[["value", "high"]].max(axis="columns")
    for place, top, value, kind in zip(
        points["place"], tops, points["value"], points["kind"], strict=True
    ):
        ax.annotate(
            f"{value:g}" if kind == "published" else f"{value:.1f}",
            xy=(place, top),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
        )
