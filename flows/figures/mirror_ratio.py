"""How far two countries' reports of the same flow are apart, period by period."""

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from flows.figures.frame import check_drawn, keep_positive
from flows.figures.marks import draw_legend, draw_points, group_offsets
from flows.figures.places import set_places
from flows.figures.scales import place_width, set_log_axis, style_axes
from flows.figures.style import GREY, INK, LINES, MARKERS, journal_style
from flows.figures.text import SMALL, text_width

_GROUP_WIDTH = 0.5
_HOLLOW: dict[str, Any] = {
    "color": GREY,
    "marker": "o",
    "markerfacecolor": "white",
    "linestyle": "none",
}
_NARROWEST = (0.5, 2.0)
"""The axis reaches at least so far: a small disagreement is not to look like a large one."""


@journal_style()
def draw_mirror_ratio(ax: Axes, data: pd.DataFrame, *, exporter: str, importer: str) -> Axes:
    """
    Draw the importer's report divided by the exporter's, a marker for each flow and period.

    On the logarithmic axis 2 is as far from agreement as 0.5. A period for which nothing can be
    divided is marked ``n/a`` where there is room; a ratio marked as odd is hollow.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``period`` (``"1402"``), ``flow`` (``"Iran to Armenia"``), ``ratio``, ``low``,
        ``high`` (bounds; one missing: open on that side, both: none) and ``odd`` (bool: the source
        is known to be out of line); one row a flow and period.
    exporter, importer : str
        Names of the two countries, for the heading.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a row stands there twice, or no ratio is positive.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame(
    ...     {"period": ["1402"], "flow": ["Iran to Armenia"], "ratio": [1.41],
    ...      "low": [None], "high": [1.41], "odd": [False]}
    ... )
    >>> draw_mirror_ratio(axes, data, exporter="Iran", importer="Armenia") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_mirror_ratio",
        columns=["period", "flow", "odd"],
        numbers=["ratio", "low", "high"],
        key=["period", "flow"],
    )
    rows, note = keep_positive(
        rows, figure="draw_mirror_ratio", value="ratio", beside=["low", "high"]
    )
    rows = rows.rename(columns={"ratio": "value"})
    periods = sorted(rows["period"].unique())
    rows["place"] = rows["period"].map(periods.index).astype(float)
    markers = _draw_flows(ax, rows, first=exporter)
    agreement = ax.axhline(1.0, color=INK, linewidth=0.9, label="both reports agree", zorder=1)
    drawn = rows[["value", "low", "high"]].to_numpy()
    set_log_axis(
        ax,
        low=min(_NARROWEST[0], float(np.nanmin(drawn))),
        high=max(_NARROWEST[1], float(np.nanmax(drawn))),
    )
    set_places(ax, periods)
    if place_width(ax, len(periods)) > text_width("n/a", size=SMALL):
        _mark_missing(ax, rows)
    title = f"{exporter} and {importer}: importer’s report divided by exporter’s report, log scale"
    style_axes(ax, grid="y", title=title + note)
    draw_legend(ax, [*markers, agreement])
    return ax


def _draw_flows(ax: Axes, rows: pd.DataFrame, *, first: str) -> list[Line2D]:
    """Draw the markers of each flow, the exporter's first, and return what the legend explains."""
    flows = sorted(rows["flow"].unique(), key=lambda flow: (not flow.startswith(first), flow))
    offsets = group_offsets(len(flows), width=_GROUP_WIDTH)
    looks = zip(cycle(LINES), cycle(MARKERS), strict=False)
    handles = []
    for flow, offset, (colour, marker) in zip(flows, offsets, looks, strict=False):
        points = rows[rows["flow"] == flow]
        placed = points.assign(place=points["place"] + offset)
        look = {"color": colour, "marker": marker}
        hollow = {**look, "markerfacecolor": "white", "markeredgewidth": 1.1}
        odd = placed["odd"].astype(bool)
        draw_points(ax, placed[odd], label="", look=hollow)
        handles.append(draw_points(ax, placed[~odd], label=flow, look=look))
    if rows.loc[rows["odd"].astype(bool), "value"].notna().any():
        handles.append(Line2D([], [], label="hollow: source known to be out of line", **_HOLLOW))
    return handles


def _mark_missing(ax: Axes, rows: pd.DataFrame) -> None:
    """Say at the foot of a period that no report of it can be divided."""
    empty = rows.groupby("place")["value"].count() == 0
    for place in empty.index[empty]:
        ax.annotate(
            "n/a",
            xy=(place, 0.0),
            xycoords=ax.get_xaxis_transform(),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
            color=GREY,
        )
