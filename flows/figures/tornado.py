"""A share without each of its deals: a bar for each, the one that moves it most at the top."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from flows.figures.frame import check_drawn
from flows.figures.lying import NAME_PART, draw_bar, label_bar, set_bar_axis, set_row_names
from flows.figures.marks import draw_legend
from flows.figures.scales import style_axes
from flows.figures.style import ACCENT, FILLS, INK, journal_style
from flows.figures.text import format_value

_LOOKS: dict[bool, dict[str, Any]] = {
    True: {"facecolor": ACCENT},
    False: {"facecolor": FILLS[0], "hatch": "////"},
}
_AXES_PART = 0.43
"""About what names and legend leave of the width of a figure."""


@journal_style()
def draw_tornado(ax: Axes, data: pd.DataFrame, *, supplier: str, importer: str) -> Axes:
    """
    Draw a bar for each deal, from the share with all deals to the share without it.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``deal`` (name), ``supplier`` (name), ``share_pct`` (with all deals, the same in
        every row) and ``without_pct`` (without this one); one row a deal, in their order from the
        top.
    supplier, importer : str
        Names; deals of the supplier are drawn in the accent colour.

    Returns
    -------
    Axes
        The axes handed in; values do not start at zero, the bars at the share with all deals.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a deal stands there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"deal": ["OPV-62", "BTR-82A"], "supplier": ["Israel", "Russia"],
    ...      "share_pct": [67.7, 67.7], "without_pct": [55.2, 72.8]}
    ... )
    >>> draw_tornado(axes, data, supplier="Israel", importer="Azerbaijan") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_tornado",
        columns=["deal", "supplier"],
        numbers=["share_pct", "without_pct"],
        key=["deal"],
    )
    own = rows["supplier"] == supplier
    labels = [format_value(value, decimals=1) for value in rows["without_pct"]]
    ends = rows[["share_pct", "without_pct"]].to_numpy(dtype=float)
    for place, ((start, end), is_own, label) in enumerate(zip(ends, own, labels, strict=True)):
        draw_bar(ax, at=place, start=start, end=end, look=_LOOKS[is_own])
        label_bar(ax, label, at=place, end=end, points=-4 if end < start else 4)
    title = f"Share of {supplier} in the arms imports of {importer} without each deal, percent"
    style_axes(ax, grid="x", title=title, title_part=0.9 - NAME_PART)
    set_bar_axis(ax, labels, part=_AXES_PART)
    whole = rows["share_pct"].iloc[0]
    line = ax.axvline(whole, color=INK, linewidth=0.8)
    line.set_label(f"with all deals: {format_value(whole, decimals=1)}")
    set_row_names(ax, rows["deal"], places=rows.index, part=NAME_PART)
    kinds = {True: f"deal of {supplier}", False: "deal of other suppliers"}
    patches = [_patch(kinds[kind], kind) for kind in (True, False) if (own == kind).any()]
    draw_legend(ax, [line, *patches])
    return ax


def _patch(label: str, kind: bool) -> Patch:  # noqa: FBT001 - a key of the looks
    return Patch(label=label, edgecolor=INK, hatchcolor="white", linewidth=0.4, **_LOOKS[kind])
