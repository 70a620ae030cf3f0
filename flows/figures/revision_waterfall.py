"""From the share in one release to the share in the next, deal by deal."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from flows.figures.frame import check_drawn, check_words
from flows.figures.lying import (
    NAME_PART,
    connect_bars,
    draw_bar,
    label_bar,
    set_bar_axis,
    set_row_names,
)
from flows.figures.scales import style_axes
from flows.figures.style import ACCENT, FILLS, INK, journal_style
from flows.figures.text import format_value

_LOOKS: dict[bool, dict[str, Any]] = {
    True: {"facecolor": FILLS[0]},
    False: {"facecolor": ACCENT, "hatch": "////"},
}


@journal_style()
def draw_revision_waterfall(ax: Axes, data: pd.DataFrame, *, unit_label: str) -> Axes:
    """
    Draw an old value, the parts of its change under one another, and the new value.

    Parts are small beside the values, which are therefore marks and no bars: the axis does not
    start at zero.

    Parameters
    ----------
    ax : Axes
        As from ``new_figure``.
    data : pandas.DataFrame
        Columns ``step`` (name of the release or of the part), ``kind`` (``"level"`` or
        ``"change"``), ``value`` (the level, or the change in points), ``cumulative_from`` and
        ``cumulative_to`` (ends of the bar; the same for a level); one row a step, in their order.
    unit_label : str
        What is measured, and its unit.

    Returns
    -------
    Axes
        The axes handed in.

    Raises
    ------
    SchemaError
        If a column or every row is missing, a step stands there twice or has another kind.

    Examples
    --------
    >>> from flows.figures.style import new_figure
    >>> figure, axes = new_figure(height=60)
    >>> data = pd.DataFrame(
    ...     {"step": ["March 2022", "TB-2", "March 2025"], "kind": ["level", "change", "level"],
    ...      "value": [69.5, -1.8, 67.7], "cumulative_from": [69.5, 69.5, 67.7],
    ...      "cumulative_to": [69.5, 67.7, 67.7]}
    ... )
    >>> draw_revision_waterfall(axes, data, unit_label="Share, percent") is axes
    True
    """
    rows = check_drawn(
        data,
        figure="draw_revision_waterfall",
        columns=["step", "kind"],
        numbers=["value", "cumulative_from", "cumulative_to"],
        key=["step"],
    )
    check_words(rows, "kind", figure="draw_revision_waterfall", words=["level", "change"])
    labels = [_draw_step(ax, step) for step in rows.itertuples()]
    connect_bars(ax, rows["cumulative_to"].tolist())
    style_axes(ax, grid="x", title=unit_label, title_part=0.9 - NAME_PART)
    set_bar_axis(ax, labels, part=1 - NAME_PART)
    set_row_names(ax, rows["step"], places=rows.index, part=NAME_PART)
    return ax


def _draw_step(ax: Axes, step: Any) -> str:
    """Draw a level as a mark, a change as a bar; return the value that stands beside it."""
    start, end = step.cumulative_from, step.cumulative_to
    is_level = step.kind == "level"
    if is_level:
        ax.plot(end, step.Index, marker="D", markersize=6, color=INK, zorder=3)
    else:
        draw_bar(ax, at=step.Index, start=start, end=end, look=_LOOKS[step.value >= 0])
    text = format_value(step.value, decimals=2, signed=not is_level)
    away = 8 if is_level else 4
    label_bar(ax, text, at=step.Index, end=end, points=-away if end < start else away)
    return text
