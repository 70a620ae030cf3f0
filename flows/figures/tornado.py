"""A share without each of its deals: a bar for each, the one that moves it most at the top."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from flows.figures.frame import check_drawn
from flows.figures.lying import NAME_PART, draw_bar, label_bar, set_row_names
from flows.figures.marks import draw_legend
from flows.figures.scales import set_close_axis, style_axes
from flows.figures.style import ACCENT, FILLS, INK, journal_style
from flows.figures.text import format_value

_OTHERS = "other suppliers"
_LOOKS: dict[bool, dict[str, Any]] = {
    True: {"facecolor": ACCENT},
    False: {"facecolor": FILLS[0], "hatch": "////"},
}
_ROOM = 0.12
"""Part of the axis that is left free at its ends, for the values beside the bars."""


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
    for row, is_own in zip(rows.itertuples(), own, strict=True):
        start, end = row.share_pct, row.without_pct
        draw_bar(ax, at=row.Index, start=start, end=end, look=_LOOKS[is_own])
        text = format_value(end, decimals=1)
        label_bar(ax, text, at=row.Index, end=end, points=-4 if end < start else 4)
    title = f"Share of {supplier} in the arms imports of {importer} without each deal, percent"
    style_axes(ax, grid="x", title=title, title_part=0.9 - NAME_PART)
    set_close_axis(ax, axis="x", headroom=_ROOM)
    ax.axvline(rows["share_pct"].iloc[0], color=INK, linewidth=0.8)
    set_row_names(ax, rows["deal"], places=rows.index, part=NAME_PART)
    labels = {True: f"deal of {supplier}", False: f"deal of {_OTHERS}"}
    draw_legend(ax, [_patch(labels[kind], kind) for kind in (True, False) if (own == kind).any()])
    return ax


def _patch(label: str, kind: bool) -> Patch:  # noqa: FBT001 - a key of the looks
    return Patch(label=label, edgecolor=INK, hatchcolor="white", linewidth=0.4, **_LOOKS[kind])
