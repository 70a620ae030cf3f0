"""Where one importer stands among all: each a dot at its value and its place among the others."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn
from flows.figures.labels import NamedPoint, label_points
from flows.figures.scales import set_zero_axis, style_axes
from flows.figures.style import ACCENT, INK, LINES, journal_style

_WHOLE = 100.0
_SPARE = 2.0
"""Room for a whole mark at either end."""


@journal_style()
def draw_context_distribution(
    ax: Axes, data: pd.DataFrame, *, unit_label: str, highlight: str
) -> Axes:
    """
    Draw a dot for each importer, from the least to the greatest, and name some of them.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``importer`` (name), ``value``, ``percentile`` (0 to 100), ``named`` (whether its
        name is printed); one row an importer.
    unit_label : str
        What is compared, and its unit.
    highlight : str
        Name of the importer in the accent colour; it is always named.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, or an importer stands there twice.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"importer": ["Egypt", "Azerbaijan", "Armenia"], "value": [0.27, 0.49, 0.90],
    ...      "percentile": [16.7, 50.0, 83.3], "named": [True, False, True]}
    ... )
    >>> draw_context_distribution(axes, data, unit_label="HHI", highlight="Azerbaijan") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_context_distribution",
        columns=["importer", "named"],
        numbers=["value", "percentile"],
        key=["importer"],
    )
    marked = rows["importer"] == highlight
    named = (rows["named"].astype(bool) | marked).to_numpy()
    ax.plot(rows["value"][~named], rows["percentile"][~named], ".", color=LINES[0], markersize=5)
    names = [_draw_named(ax, row, highlight=highlight) for row in rows[named].itertuples()]
    style_axes(ax, grid="x", title=f"Percentile among importers (upright), {unit_label} (across)")
    set_zero_axis(ax, axis="x")
    ax.set_ylim(-_SPARE, _WHOLE + _SPARE)
    ax.set_yticks([0, 25, 50, 75, 100])
    label_points(ax, names)
    return ax


def _draw_named(ax: Axes, row: Any, *, highlight: str) -> NamedPoint:
    """Draw the mark of an importer whose name is printed."""
    look: dict[str, Any] = {"color": INK, "marker": "o", "markersize": 5}
    if row.importer == highlight:
        look = {"color": ACCENT, "marker": "D", "markersize": 6}
    ax.plot(row.value, row.percentile, zorder=3, **look)
    return NamedPoint(row.value, row.percentile, row.importer, look["color"])
