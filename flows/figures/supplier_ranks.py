"""Ranks of suppliers from window to window: a line for each, the area of its marks its share."""

from itertools import cycle
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn
from flows.figures.marks import draw_legend
from flows.figures.places import set_places
from flows.figures.scales import style_axes
from flows.figures.style import ACCENT, LINES, journal_style

_POINTS_PER_PERCENT = 2.4
"""Area of a mark, in square points."""

_SMALLEST = 6.0
_APART = 0.3
"""Between equals, which have one rank."""

_DASHES = ("-", "--", ":", "-.")


@journal_style()
def draw_supplier_ranks(ax: Axes, data: pd.DataFrame, *, highlight: str, importer: str) -> Axes:
    """
    Draw the rank of each supplier in every window, the largest at the top.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``window`` (``"2016-2020"``), ``supplier`` (name), ``rank`` (from 1) and
        ``share_pct``; one row a window and supplier. A line is interrupted where a supplier has no
        rank in a window; equals are drawn one below the other.
    highlight : str
        Name of the supplier in the accent colour.
    importer : str
        Name, for the heading.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a window and supplier stand there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"window": "2016-2020", "supplier": ["Israel", "Russia"], "rank": [1, 2],
    ...      "share_pct": [67.7, 16.4]}
    ... )
    >>> draw_supplier_ranks(axes, data, highlight="Israel", importer="Azerbaijan") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_supplier_ranks",
        columns=["window", "supplier"],
        numbers=["rank", "share_pct"],
        key=["window", "supplier"],
    ).sort_values(["window", "rank", "supplier"])
    rows["level"] = rows["rank"] + _APART * rows.groupby(["window", "rank"]).cumcount()
    windows = sorted(rows["window"].unique())
    levels = rows.pivot_table(index="supplier", columns="window", values="level")
    areas = rows.pivot_table(index="supplier", columns="window", values="share_pct")
    order = list(rows.groupby("supplier")["rank"].min().sort_values(kind="stable").index)
    handles = []
    for supplier, look in _looks(order, highlight).items():
        level = levels.loc[supplier].to_numpy(dtype=float)
        (line,) = ax.plot(range(len(windows)), level, label=supplier, **look)
        area = (_POINTS_PER_PERCENT * areas.loc[supplier]).clip(lower=_SMALLEST)
        ax.scatter(range(len(windows)), level, s=area, color=look["color"], zorder=look["zorder"])
        handles.append(line)
    deepest = float(rows["level"].max())
    title = f"Rank among the suppliers of arms to {importer}; area of the marks: share"
    style_axes(ax, grid="y", title=title)
    set_places(ax, windows)
    ax.set_yticks(range(1, int(deepest) + 1))
    ax.set_ylim(deepest + 0.6, 0.4)
    draw_legend(ax, handles)
    return ax


def _looks(suppliers: list[str], highlight: str) -> dict[str, dict[str, Any]]:
    """Give each supplier a colour and dashes of its own; those of the highlight are only its."""
    others = [colour for colour in LINES if colour != ACCENT]
    pairs = ((colour, dash) for dash in cycle(_DASHES) for colour in others)
    looks = {}
    for supplier in suppliers:
        if supplier == highlight:
            looks[supplier] = {"color": ACCENT, "linewidth": 2.2, "zorder": 4}
        else:
            colour, dash = next(pairs)
            looks[supplier] = {"color": colour, "linestyle": dash, "linewidth": 1.1, "zorder": 3}
    return looks
