"""Arms imports of one country: a bar a year, stacked by supplier."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn
from flows.figures.marks import draw_legend
from flows.figures.places import set_year_axis
from flows.figures.scales import set_zero_axis, style_axes
from flows.figures.style import ACCENT, FILLS, GREY, INK, PALE, journal_style

REMAINDERS = ("Others", "Unknown supplier")
"""Rows that are no supplier; they close the stack."""

_HATCHES = ("", "", "", "////", "....", "xxxx", "////", "....", "////", "", "xxxx", "")
"""With two rounds of the colours: twelve fills, and in grey no two neighbours look the same."""


@journal_style()
def draw_imports_by_supplier(
    ax: Axes, data: pd.DataFrame, *, unit_label: str, highlight: str
) -> Axes:
    """
    Draw imports by year and supplier as stacked bars, one supplier in the accent colour.

    The highlighted supplier stands on the base line, where its bars can be compared between years;
    the others follow by their total, then ``Others`` and ``Unknown supplier``. The order of the
    rows has no influence. A year without a row has no bar.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``year`` (int), ``supplier`` (name), ``value``; one row a year and supplier.
    unit_label : str
        What is measured, and its unit.
    highlight : str
        Name of a supplier; one that delivered nothing is not drawn.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or a year and supplier stand there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=80)
    >>> data = pd.DataFrame({"year": [2020], "supplier": ["Israel"], "value": [280.0]})
    >>> draw_imports_by_supplier(axes, data, unit_label="TIV", highlight="Israel") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_imports_by_supplier",
        columns=["year", "supplier"],
        numbers=["value"],
        key=["year", "supplier"],
    )
    table = rows.pivot_table(index="year", columns="supplier", values="value")
    foot = pd.Series(0.0, index=table.index)
    bars = []
    for supplier, look in _looks(_stacking_order(table, highlight), highlight).items():
        height = table[supplier].dropna()
        bars.append(
            ax.bar(
                height.index, height, bottom=foot[height.index], width=0.8, label=supplier, **look
            )
        )
        foot = foot.add(height, fill_value=0.0)
    style_axes(ax, grid="y", title=unit_label)
    set_zero_axis(ax, axis="y")
    set_year_axis(ax, first=int(rows["year"].min()), last=int(rows["year"].max()))
    draw_legend(ax, bars[::-1])
    return ax


def _stacking_order(table: pd.DataFrame, highlight: str) -> list[str]:
    """Return the suppliers from the base line up."""
    totals = table.sum().rename_axis("supplier").rename("total").reset_index()
    names = totals.sort_values(["total", "supplier"], ascending=[False, True])["supplier"].tolist()
    ends = (highlight, *REMAINDERS)
    return [
        *(name for name in names if name == highlight),
        *(name for name in names if name not in ends),
        *(name for name in REMAINDERS if name in names and name != highlight),
    ]


def _looks(suppliers: Sequence[str], highlight: str) -> dict[str, dict[str, Any]]:
    """Give each supplier its fill; hatches tell those apart that share a colour."""
    special: dict[str, dict[str, Any]] = {
        highlight: {"facecolor": ACCENT},
        REMAINDERS[0]: {"facecolor": PALE},
        REMAINDERS[1]: {"facecolor": "white", "hatch": "////"},
    }
    fills = zip(cycle(FILLS), cycle(_HATCHES), strict=False)
    looks = {}
    for supplier in suppliers:
        if supplier in special:
            look = special[supplier]
        else:
            colour, hatch = next(fills)
            look = {"facecolor": colour, "hatch": hatch}
        looks[supplier] = {"edgecolor": GREY, "hatchcolor": INK, "linewidth": 0.3, **look}
    return looks
